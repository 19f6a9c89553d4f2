"""Prices and promises by table: calendar, cut-off, quantiles, volumetric weight, rejections."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from logistics.contracts import (
    DeliveryKind,
    InvalidParcel,
    ParcelSpec,
    Place,
    QuoteRequest,
    RejectionReason,
)  # fmt: skip
from logistics.rates.rules import (
    LaneRow,
    RateTable,
    ServiceRow,
    chargeable_grams,
    convert,
    quote_all,
    ship_by_of,
    volumetric_grams,
)  # fmt: skip

WEEK = frozenset(range(5))
SERVICE = ServiceRow(
    code="fast", name="Fast", carrier_code="c", carrier_name="C", is_active=True, delivery_kind=DeliveryKind.EXPRESS,
    tracked=True, max_weight_grams=20_000, max_side_mm=1_000, volumetric_divisor=5000, cutoff_hour=17,
    pickup_weekdays=WEEK, delivery_weekdays=WEEK,
)  # fmt: skip
LANE = LaneRow(1, 2, 3, ((1_000, Money(500, "EUR")), (20_000, Money(900, "EUR"))))
TABLE = RateTable(
    version=1, services=(SERVICE,), zones={"ES": "A", "PT": "A", "JP": "B"},
    time_zones={"ES": "Europe/Madrid", "PT": "Europe/Lisbon", "JP": "Asia/Tokyo"},
    lanes={("fast", "A", "HOME"): LANE, ("fast", "A", "A"): LANE},
    fixed_holidays=frozenset({("ES", 3, 4)}), dated_holidays=frozenset({("PT", date(2026, 3, 6))}),
    conversions={("EUR", "USD"): 1_090_000, ("EUR", "JPY"): 163_000_000},
)  # fmt: skip
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def ask(origin="ES", destination="ES", grams=500, now=MONDAY, handling=0, currency="EUR", size=(0, 0, 0)):
    request = QuoteRequest(Place(origin), Place(destination), ParcelSpec(grams, *size), handling, currency)
    return quote_all(TABLE, request, now)


def test_volumetric_weight():
    parcel = ParcelSpec(1_000, 400, 300, 200)
    assert volumetric_grams(parcel, 5000) == 4_800
    assert chargeable_grams(parcel, 5000) == 4_800
    assert chargeable_grams(ParcelSpec(9_000, 100, 100, 100), 5000) == 9_000
    assert ask(size=(400, 300, 200)).quotes[0].price == Money(900, "EUR")


def test_cutoff_and_handling():
    before = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)  # 16:59 in Madrid
    after = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert ship_by_of(TABLE, SERVICE, "ES", 0, before).date() == date(2026, 3, 2)
    assert ship_by_of(TABLE, SERVICE, "ES", 0, after).date() == date(2026, 3, 3)
    # one working day of handling from Tuesday skips the holiday on Wednesday
    assert ship_by_of(TABLE, SERVICE, "ES", 1, after).date() == date(2026, 3, 5)
    saturday = datetime(2026, 3, 7, 9, 0, tzinfo=UTC)
    assert ship_by_of(TABLE, SERVICE, "ES", 0, saturday).date() == date(2026, 3, 9)


def test_window_follows_quantiles_weekends_and_holidays():
    quote = ask().quotes[0]
    assert (quote.earliest, quote.latest) == (date(2026, 3, 3), date(2026, 3, 6))  # the 4th is a holiday in ES
    abroad = ask(destination="PT", now=datetime(2026, 3, 5, 9, 0, tzinfo=UTC)).quotes[0]
    assert (abroad.earliest, abroad.latest) == (date(2026, 3, 9), date(2026, 3, 11))  # holiday in PT on the 6th


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"origin": "XX"}, RejectionReason.ORIGIN_NOT_SERVED),
        ({"destination": "XX"}, RejectionReason.DESTINATION_NOT_SERVED),
        ({"destination": "JP"}, RejectionReason.LANE_NOT_SERVED),
        ({"grams": 25_000}, RejectionReason.TOO_HEAVY),
        ({"size": (1_500, 1, 1)}, RejectionReason.TOO_LARGE),
        ({"currency": "MXN"}, RejectionReason.CURRENCY_NOT_OFFERED),
    ],
)
def test_every_rejection_has_a_reason(question, reason):
    found = ask(**question)
    assert found.quotes == ()
    assert [item.reason for item in found.rejected] == [reason]
    assert found.rejected[0].explanation


def test_conversion_is_exact_and_rounds_up():
    assert convert(Money(500, "EUR"), "USD", TABLE.conversions) == Money(545, "USD")
    assert convert(Money(501, "EUR"), "JPY", TABLE.conversions) == Money(817, "JPY")
    assert convert(Money(1, "EUR"), "GBP", TABLE.conversions) is None


@pytest.mark.parametrize("parcel", [(0, 0, 0), (1_000_001, 0, 0), (1, -1, 0), (1, 0, 10_001)])
def test_impossible_parcels_are_refused(parcel):
    with pytest.raises(InvalidParcel):
        ask(grams=parcel[0], size=(parcel[1], parcel[2], 0))


@given(
    minutes=st.integers(0, 60 * 24 * 365 * 2), handling=st.integers(0, 60), grams=st.integers(1, 20_000),
    destination=st.sampled_from(["ES", "PT"]),
)  # fmt: skip
def test_a_promise_is_never_before_shipping_and_its_days_are_in_order(minutes, handling, grams, destination):
    now = MONDAY + timedelta(minutes=minutes)
    quote = ask(now=now, handling=handling, grams=grams, destination=destination).quotes[0]
    assert quote.ship_by > now
    assert quote.ship_by.date() < quote.earliest <= quote.latest
