"""A courier known only by its rate sheet: booked without a call, its events typed or read from a file, scans and bags by REST."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from core.actor import Actor
from core.errors import InvalidInput
from logistics import facade
from logistics.contracts import ShipmentState, TrackingStatus
from logistics.models import Carrier, Custody, Parcel, Service, TrackingEvent
from logistics.shipments.rules import sscc
from logistics.tracking import services
from tests.factories.logistics import booked_shipment, handed_over_shipment, member
from tests.integration.logistics.test_pages import SCOPES, people  # noqa: F401
from tests.integration.logistics.test_pages import token as token_of
from tests.integration.logistics.test_webhooks import OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture
def parcel(now):
    """Booked with ruta, which is turned into a local courier."""
    Carrier.objects.filter(code="ruta").update(gateway="contract")
    assert Service.objects.filter(carrier_id="ruta").exists()
    return booked_shipment(now=now)


def row(parcel, status, at, **more):
    return {"number": parcel.carrier_number, "status": status, "at": at.isoformat(), **more}


def test_a_parcel_of_a_courier_without_computers_goes_its_way(parcel, now):
    assert parcel.status is ShipmentState.BOOKED
    assert parcel.carrier_number.startswith("RUTA-")
    handed = facade.hand_over(shipment_id=parcel.shipment_id, actor=member(parcel.seller_id), now=now)
    assert handed.handed_over_at is None
    rows = [row(parcel, "picked_up", now), row(parcel, "DELIVERED", now + timedelta(days=1), place="Lisboa")]
    first = services.record_carrier_events(carrier_code="ruta", rows=rows, actor=OPERATOR, now=now + timedelta(days=1))
    again = services.record_carrier_events(carrier_code="ruta", rows=rows, actor=OPERATOR, now=now + timedelta(days=2))
    assert (first.new, again.new) == (2, 0)
    assert facade.get_shipment(parcel.shipment_id).tracking_status is TrackingStatus.DELIVERED


@pytest.mark.parametrize("wrong", [{"at": "yesterday"}, {"at": "2026-03-02T09:00:00"}, {"status": "GONE"}, {"number": ""},
                                   {"status": "UNKNOWN"}])  # fmt: skip
def test_unreadable_rows_are_refused_whole(parcel, now, wrong):
    rows = [row(parcel, "PICKED_UP", now), {**row(parcel, "DELIVERED", now), **wrong}]
    with pytest.raises(InvalidInput):
        services.record_carrier_events(carrier_code="ruta", rows=rows, actor=OPERATOR, now=now)
    assert not TrackingEvent.objects.exists()


def test_only_the_operator_enters_events_and_only_for_contract_carriers(parcel, now):
    for actor in (member(parcel.seller_id), Actor.anonymous()):
        with pytest.raises(InvalidInput):
            services.record_carrier_events(carrier_code="ruta", rows=[row(parcel, "LOST", now)], actor=actor, now=now)
    with pytest.raises(InvalidInput, match="contract"):
        services.record_carrier_events(
            carrier_code="correo-sur", rows=[row(parcel, "LOST", now)], actor=OPERATOR, now=now
        )


def test_a_file_is_taken_in_once(parcel, now, tmp_path, capsys):
    file = tmp_path / "events.csv"
    file.write_text(
        f"number,status,at,place\n{parcel.carrier_number},PICKED_UP,{now.isoformat()},Zaragoza\nXX,LOST,{now.isoformat()},\n"
    )
    call_command("import_carrier_events", "ruta", str(file))
    assert "1 new events; 1 unknown numbers ['XX']" in capsys.readouterr().out
    call_command("import_carrier_events", "ruta", str(file))
    assert "0 new events" in capsys.readouterr().out
    file.write_text("number,status,at\nXX,LOST,never\n")
    with pytest.raises(CommandError, match="at:"):
        call_command("import_carrier_events", "ruta", str(file))


def test_scans_bags_and_events_by_rest(client, people, now):  # noqa: F811
    first, second = (handed_over_shipment(now=now, seller_id=people["seller"][1].id) for _ in range(2))
    units = list(Parcel.objects.order_by("id").values_list("sscc", flat=True))
    client.force_login(people["operator"][0])
    bag, later = sscc(900_100), (now + timedelta(hours=2)).isoformat()

    def post(name, body, key):
        return client.post(
            f"/api/v1/shipping/{name}/", json.dumps(body), content_type="application/json",
            headers={"Idempotency-Key": key},
        )  # fmt: skip

    assert post("bags", {"sscc": bag, "party": "CARRIER:ruta", "units": units}, "1").status_code == 201
    give = {"sscc": bag, "side": "GIVE", "party": "CARRIER:ruta", "other": "CARRIER:hub", "at": later}
    assert post("scans", {**give, "other": ""}, "2").status_code == 422
    assert post("scans", give, "3").status_code == 201
    assert (
        post("scans", {"sscc": units[0], "side": "TAKE", "party": "CARRIER:hub", "at": later}, "4").status_code == 409
    )
    assert post("scans", {"sscc": bag, "side": "TAKE", "party": "CARRIER:hub", "at": later}, "5").status_code == 201
    assert post("bags", {"sscc": bag, "party": "CARRIER:hub"}, "6").status_code == 201
    assert Custody.objects.filter(holder="CARRIER:hub", basis="BOTH").count() == 2
    assert post("carrier-events", {"carrier_code": "ruta", "events": []}, "7").status_code == 422
    url = f"/api/v1/shipping/shipments/{first.shipment_id}/custody/"
    lines = client.get(url, headers=token_of(people, "seller", now, SCOPES)).json()
    assert [line["holder"] for line in lines] == ["SELLER", "CARRIER:ruta", "CARRIER:hub"]
    assert str(second.buyer_id) not in json.dumps(lines)
    client.logout()
    assert client.get(url, headers=token_of(people, "stranger", now)).status_code == 404
