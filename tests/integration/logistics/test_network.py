"""The simulated network beyond the first two carriers: regions of their own, habits of their own, over the same wire."""

from collections import Counter
from datetime import timedelta

import pytest

from logistics import facade
from logistics.carriers import mapper
from logistics.carriers.sandbox import rules
from logistics.contracts import Address, ShipmentState, TrackingStatus
from logistics.models import Carrier, CodeMapping
from tests.factories.logistics import handed_over_shipment

HOMES = {
    "norte-pakke": Address("Olav", "Storgata 1", "Warszawa", "00-001", "PL"),
    "andes-carga": Address("Inés", "Av. Larco 1", "Lima", "15001", "PE"),
    "pacifico-air": Address("Wei", "Nanshan 1", "Shenzhen", "518000", "CN"),
}


@pytest.mark.django_db
def test_there_are_six_carriers_and_each_speaks_its_own_codes():
    assert Carrier.objects.filter(gateway="sandbox").count() == 6 == len(rules.CODES)
    for code, words in rules.CODES.items():
        meant = {kind: mapper.STATUSES[code].get(words[kind][0]) for kind in words}
        assert meant.pop("odd") is None
        assert None not in meant.values(), code
        assert meant["delivered"] is TrackingStatus.DELIVERED
    assert len({habits.prefix for habits in rules.HABITS.values()}) == 6


@pytest.mark.django_db
@pytest.mark.parametrize("service", HOMES)
def test_a_regional_carrier_delivers_in_its_region(now, service):
    home = HOMES[service]
    parcels = [
        handed_over_shipment(now=now, service_code=service, sender=home, recipient=home, order_id=None)
        for _ in range(6)
    ]
    for step in range(60):
        facade.simulate_sandbox(now=now + timedelta(hours=12 * step))
    ends = Counter(facade.get_shipment(parcel.shipment_id).status for parcel in parcels)
    assert ends[ShipmentState.DELIVERED] >= 4
    assert sum(ends[state] for state in (ShipmentState.DELIVERED, ShipmentState.LOST, ShipmentState.RETURNED)) == 6


def test_bad_data_comes_from_those_who_have_the_habit(now):
    codes = Counter()
    for number in range(600):
        plan = rules.plan_route(
            carrier_code="andes", number=f"AC{number:012d}", service_code="andes-carga", origin="PE", destination="CO",
            city="Bogotá", accepted_at=now,
        )  # fmt: skip
        codes.update(scan.code[0] for scan in plan)
    assert codes["?"] > 3


@pytest.mark.django_db
def test_unknown_codes_of_bad_data_wait_for_the_operator(now):
    home = HOMES["andes-carga"]
    for _ in range(60):
        handed_over_shipment(now=now, service_code="andes-carga", sender=home, recipient=home)
    for step in range(30):
        facade.simulate_sandbox(now=now + timedelta(hours=24 * step))
    assert set(CodeMapping.objects.values_list("carrier_code", flat=True)) <= {"andes"}
