"""Incident reasons, silence, and who holds a parcel in each state."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ids import new_id
from logistics.carriers.mapper import read_scans
from logistics.contracts import IncidentReason, LiableParty, ShipmentState, TrackingStatus
from logistics.custody import rules as custody
from logistics.tracking.rules import LEAST_SILENCE, USUAL_SILENCE, Standing, silence_of

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_every_reason_has_who_answers_for_it():
    assert len(IncidentReason) == 38
    answers = {reason.value.split("_")[0]: reason.liable for reason in IncidentReason}
    assert answers["CARRIER"] is LiableParty.CARRIER
    assert answers["RETAILER"] is LiableParty.SELLER
    assert answers["CONSIGNEE"] is LiableParty.BUYER
    assert answers["CUSTOMS"] is LiableParty.CUSTOMS
    assert answers["PLATFORM"] is LiableParty.PLATFORM
    assert {IncidentReason.WEATHER_DELAY.liable, IncidentReason.UNKNOWN.liable} == {LiableParty.NOBODY}


@pytest.mark.parametrize(
    ("code", "told", "reason"),
    [("RX310", None, "CONSIGNEE_NOT_HOME"), ("RX310", "consignee_refused", "CONSIGNEE_REFUSED"), ("RX400", None, ""),
     ("RX600", None, "CARRIER_PARCEL_LOST"), ("RX390", "weather_delay", "WEATHER_DELAY"), ("RX390", "??", "CARRIER_MECHANICAL_DELAY")],
)  # fmt: skip
def test_a_scan_brings_its_reason(code, told, reason):
    event = {"id": "1", "number": "2", "code": code, "at": AT.isoformat()} | ({"reason": told} if told else {})
    (scan,) = read_scans("ruta", {"events": [event]})
    assert scan.reason == reason


@pytest.mark.parametrize("status", list(TrackingStatus))
@pytest.mark.parametrize("state", list(ShipmentState))
def test_only_parcels_with_the_carrier_can_be_silent(state, status):
    found = silence_of(Standing(status, AT, state, AT), None)
    moving = state is ShipmentState.HANDED_OVER and status is not TrackingStatus.SUSPECTED_LOST
    assert found == (AT + USUAL_SILENCE if moving else None)


def test_a_lanes_gap_counts_but_not_less_than_two_days():
    standing = Standing(TrackingStatus.IN_TRANSIT, AT, ShipmentState.HANDED_OVER, AT)
    assert silence_of(standing, timedelta(days=4)) == AT + timedelta(days=4)
    assert silence_of(standing, timedelta(hours=1)) == AT + LEAST_SILENCE
    assert silence_of(Standing(TrackingStatus.IN_TRANSIT, None, ShipmentState.HANDED_OVER, None), None) is None


@pytest.mark.parametrize(
    ("state", "kind"),
    [("BOOKING", None), ("BOOKED", "SELLER"), ("HANDED_OVER", "CARRIER"), ("DELIVERED", "BUYER"), ("RETURNED", "SELLER"),
     ("LOST", "CARRIER"), ("CANCELLED", None)],
)  # fmt: skip
def test_each_state_has_one_holder(state, kind):
    found = custody.holder_in(ShipmentState(state), seller_id=new_id(), buyer_id=new_id(), carrier_code="ruta")
    assert (custody.kind_of(found) if found else None) == kind
