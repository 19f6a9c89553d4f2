"""Prices and promises from a rate table. Pure: values in, values out.

A promise: the seller needs `handling_days` working days; the parcel leaves on that day if handed over before the
carrier's cut-off hour (origin's clock); it arrives between the 10 % and the 90 % quantile of the lane's working days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from core.money import Money, currency_exponent
from logistics.contracts import (
    DeliveryKind,
    InvalidParcel,
    ParcelSpec,
    QuoteRequest,
    QuoteSet,
    Rejection,
    RejectionReason,
    ServiceQuote,
)  # fmt: skip
from logistics.promises.features import Journey, parcel_journey
from logistics.rates.handling import Rule, refusal

HOME = "HOME"
ROUTE_GATEWAY: Final = "route"
"""The gateway of the carrier that stands for several: it has no rates of its own."""
ROUTE_SERVICE: Final = "route"
MILLION = 1_000_000
MAX_WEIGHT_GRAMS = 1_000_000
MAX_SIDE_MM = 10_000
MAX_HANDLING_DAYS = 60
MAX_CALENDAR_DAYS = 400
MIN_SCORED: Final = 20
"""Fewer scored promises say nothing yet."""
UNKNOWN_ON_TIME: Final = 90
"""What a service without figures is taken for: what every promise is made to hold."""


class TransitModel(Protocol):
    """What a learned model answers: earliest and latest time on the way, or None for a lane it does not know."""

    @property
    def code(self) -> str: ...

    @property
    def quantile_bps(self) -> int: ...

    def windows(self, journeys: list[Journey]) -> list[tuple[timedelta, timedelta] | None]: ...


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service with its carrier, as loaded from the tables."""

    code: str
    name: str
    carrier_code: str
    carrier_name: str
    is_active: bool
    delivery_kind: DeliveryKind
    tracked: bool
    max_weight_grams: int
    max_side_mm: int
    volumetric_divisor: int
    cutoff_hour: int
    pickup_weekdays: frozenset[int]
    delivery_weekdays: frozenset[int]
    hubs_only: bool = False
    """It goes between hubs, as a leg of a route; no door is served."""
    rests_until: datetime | None = None
    """The carrier fails and is not offered before this moment."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """Quantiles of a lane and its prices as (up to grams, price), lightest first."""

    p10_days: int
    p50_days: int
    p90_days: int
    steps: tuple[tuple[int, Money], ...]


class OnTime(NamedTuple):
    """Promises that were scored, and how many of them were kept."""

    scored: int
    kept: int


@dataclass(frozen=True, eq=False)
class RateTable:
    """Everything needed to quote, of one version and revision; two tables are the same only if they are one object."""

    version: int
    services: tuple[ServiceRow, ...]
    zones: Mapping[str, str]
    time_zones: Mapping[str, str]
    lanes: Mapping[tuple[str, str, str], LaneRow]
    fixed_holidays: frozenset[tuple[str, int, int]] = frozenset()
    dated_holidays: frozenset[tuple[str, date]] = frozenset()
    conversions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    scores: Mapping[tuple[str, str, str], OnTime] = field(default_factory=dict)
    """(service, origin, destination country) -> promises scored and kept there; with empty countries, everywhere."""
    handling: tuple[Rule, ...] = ()
    """What carriers and countries say about goods that need care."""
    promise: TransitModel | None = None
    """The learned model, where one is in force; rate sheets promise without it."""

    def is_holiday(self, country: str, day: date) -> bool:
        return (country, day.month, day.day) in self.fixed_holidays or (country, day) in self.dated_holidays


def check_parcel(parcel: ParcelSpec) -> None:
    """Raises InvalidParcel when weight or sides are out of bounds."""
    sides = (parcel.length_mm, parcel.width_mm, parcel.height_mm)
    if not 1 <= parcel.weight_grams <= MAX_WEIGHT_GRAMS or any(not 0 <= side <= MAX_SIDE_MM for side in sides):
        raise InvalidParcel()


def volumetric_grams(parcel: ParcelSpec, divisor: int) -> int:
    """Volume in cm³ / divisor, in grams, rounded up (the carriers' usual rule: length x width x height / 5000 = kg)."""
    cubic_mm = parcel.length_mm * parcel.width_mm * parcel.height_mm
    return -(-cubic_mm // divisor)


def chargeable_grams(parcel: ParcelSpec, divisor: int) -> int:
    """The larger of real and volumetric weight."""
    return max(parcel.weight_grams, volumetric_grams(parcel, divisor))


def convert(price: Money, currency: str, conversions: Mapping[tuple[str, str], int]) -> Money | None:
    """`price` in `currency` by the table, rounded up to a whole minor unit; None when the table has no such pair."""
    if price.currency == currency:
        return price
    millionths = conversions.get((price.currency, currency))
    if millionths is None:
        return None
    shift = currency_exponent(currency) - currency_exponent(price.currency)
    numerator, denominator = price.minor * millionths, MILLION
    if shift >= 0:
        numerator *= 10**shift
    else:
        denominator *= 10**-shift
    return Money(-(-numerator // denominator), currency)


def advance_days(table: RateTable, start: date, days: int, country: str, weekdays: frozenset[int]) -> date:
    """`days` working days of `country` after `start`; 0 gives the first working day on or after `start`."""
    day = start
    for _ in range(MAX_CALENDAR_DAYS):
        if day.weekday() in weekdays and not table.is_holiday(country, day):
            if days == 0:
                return day
            days -= 1
        day += timedelta(days=1)
    raise InvalidParcel("No working day within a year.")


def ship_by_of(table: RateTable, service: ServiceRow, origin: str, handling_days: int, now: datetime) -> datetime:
    """The last moment to hand over: cut-off of the day that lies `handling_days` working days after the order's day.

    An order after the cut-off, or on a day without pickup, counts from the next working day.
    """
    zone = ZoneInfo(table.time_zones[origin])
    local = now.astimezone(zone)
    start = local.date() if local.hour < service.cutoff_hour else local.date() + timedelta(days=1)
    day = advance_days(table, start, handling_days, origin, service.pickup_weekdays)
    return datetime.combine(day, time(service.cutoff_hour), tzinfo=zone)


def delivery_window(
    table: RateTable, service: ServiceRow, lane: LaneRow, destination: str, ship_date: date
) -> tuple[date, date]:
    """(earliest, latest) day of delivery for a parcel handed over on `ship_date`."""
    tomorrow = ship_date + timedelta(days=1)
    return (
        advance_days(table, tomorrow, max(lane.p10_days - 1, 0), destination, service.delivery_weekdays),
        advance_days(table, tomorrow, max(lane.p90_days - 1, 0), destination, service.delivery_weekdays),
    )


def quote_all(table: RateTable, request: QuoteRequest, now: datetime, spent: frozenset[str] = frozenset()) -> QuoteSet:
    """Every service priced or rejected with a reason; offers cheapest first, then earliest.

    `spent`: carriers whose budget of calls is used up at the moment.
    """
    for parcel in (request.parcel, *request.more):
        check_parcel(parcel)
    if not 0 <= request.handling_days <= MAX_HANDLING_DAYS:
        raise InvalidParcel("Handling takes 0 to 60 days.", field="handling_days")
    quotes: list[ServiceQuote] = []
    rejected: list[Rejection] = []
    for service in table.services:
        answer = quote_service(table, service, request, now, is_spent=service.carrier_code in spent)
        if isinstance(answer, ServiceQuote):
            quotes.append(answer)
        else:
            rejected.append(reject(service, answer))
    quotes.sort(key=lambda quote: (quote.price.minor, quote.latest, quote.service_code))
    return QuoteSet(quotes=tuple(quotes), rejected=tuple(rejected), recommended=recommend(quotes))


def recommend(quotes: Sequence[ServiceQuote]) -> str:
    """The service with the lowest price once broken promises are paid for: price x (1 + share that comes late).

    A service without figures counts as 90 % on time. Empty without offers; of equals the one that arrives first.
    """

    def cost(quote: ServiceQuote) -> tuple[int, date, str]:
        on_time = UNKNOWN_ON_TIME if quote.on_time_percent is None else quote.on_time_percent
        return quote.price.minor * (200 - on_time), quote.latest, quote.service_code

    return min(quotes, key=cost).service_code if quotes else ""


def on_time_of(table: RateTable, service: str, origin: str, destination: str) -> tuple[int | None, int, bool]:
    """(percent, parcels, of this lane alone): the lane's figures if it has enough of them, else the service's."""
    lane = table.scores.get((service, origin, destination))
    found = lane if lane and lane.scored >= MIN_SCORED else table.scores.get((service, "", ""))
    if found is None or found.scored < MIN_SCORED:
        return None, 0, False
    return round(100 * found.kept / found.scored), found.scored, found is lane


def reject(service: ServiceRow, reason: RejectionReason) -> Rejection:
    return Rejection(
        service_code=service.code, carrier_code=service.carrier_code, service_name=service.name, reason=reason,
        explanation=EXPLANATIONS[reason],
    )  # fmt: skip


def lane_of(table: RateTable, service: str, origin: str, destination: str) -> LaneRow | None:
    """The rates of a service between two countries that have zones; None where it does not go."""
    destination_zone = HOME if origin == destination else table.zones[destination]
    return table.lanes.get((service, table.zones[origin], destination_zone))


def quote_service(
    table: RateTable, service: ServiceRow, request: QuoteRequest, now: datetime, *, is_spent: bool = False
) -> ServiceQuote | RejectionReason:
    """The service's offer, or why it makes none."""
    origin, destination, parcel = request.origin.country, request.destination.country, request.parcel
    if service.hubs_only:
        return RejectionReason.HUBS_ONLY
    reason = absence(service, now, is_spent=is_spent)
    if reason is not None:
        return reason
    if origin not in table.zones:
        return RejectionReason.ORIGIN_NOT_SERVED
    if destination not in table.zones:
        return RejectionReason.DESTINATION_NOT_SERVED
    lane = lane_of(table, service.code, origin, destination)
    if lane is None:
        return RejectionReason.LANE_NOT_SERVED
    price = price_of(table, service, lane, request)
    if isinstance(price, RejectionReason):
        return price
    grams = sum(chargeable_grams(one, service.volumetric_divisor) for one in (parcel, *request.more))
    ship_by = ship_by_of(table, service, origin, request.handling_days, now)
    earliest, latest = delivery_window(table, service, lane, destination, ship_by.date())
    percent, parcels, of_lane = on_time_of(table, service.code, origin, destination)
    return ServiceQuote(
        service_code=service.code, carrier_code=service.carrier_code, carrier_name=service.carrier_name,
        service_name=service.name, price=price, earliest=earliest, latest=latest, ship_by=ship_by,
        delivery_kind=service.delivery_kind, tracked=service.tracked, chargeable_grams=grams,
        sheet_version=table.version, on_time_percent=percent, on_time_parcels=parcels, on_time_of_lane=of_lane,
    )  # fmt: skip


def price_of(table: RateTable, service: ServiceRow, lane: LaneRow, request: QuoteRequest) -> Money | RejectionReason:
    """What the service charges for all parcels on a lane, or why it does not take one of them."""
    total = Money.zero(request.currency)
    for parcel in (request.parcel, *request.more):
        price = _parcel_price(table, service, lane, request, parcel)
        if isinstance(price, RejectionReason):
            return price
        total += price
    return total


def _parcel_price(
    table: RateTable, service: ServiceRow, lane: LaneRow, request: QuoteRequest, parcel: ParcelSpec
) -> Money | RejectionReason:
    refused = parcel.marks and refusal(
        table.handling, parcel.marks, carrier=service.carrier_code, service=service.code,
        origin=request.origin.country, destination=request.destination.country, latest_days=lane.p90_days,
    )  # fmt: skip
    if refused:
        return refused
    if max(parcel.length_mm, parcel.width_mm, parcel.height_mm) > service.max_side_mm:
        return RejectionReason.TOO_LARGE
    grams = chargeable_grams(parcel, service.volumetric_divisor)
    step = next((price for up_to, price in lane.steps if grams <= up_to), None)
    if step is None or parcel.weight_grams > service.max_weight_grams:
        return RejectionReason.TOO_HEAVY
    price = convert(step, request.currency, table.conversions)
    return RejectionReason.CURRENCY_NOT_OFFERED if price is None else price


def absence(service: ServiceRow, now: datetime, *, is_spent: bool) -> RejectionReason | None:
    """Why the carrier takes nothing at all at the moment."""
    if not service.is_active:
        return RejectionReason.CARRIER_INACTIVE
    if service.rests_until is not None and now < service.rests_until:
        return RejectionReason.CARRIER_RESTS
    return RejectionReason.BUDGET_SPENT if is_spent else None


def with_learned_promise(table: RateTable, found: QuoteSet, request: QuoteRequest) -> QuoteSet:
    """The same offers with the learned model's days where it knows the lane; the sheet's days stay elsewhere.

    Its days count from the moment of hand-over (`ship_by`); a day without delivery moves to the next one.
    """
    if table.promise is None or not found.quotes:
        return found
    journeys = [
        parcel_journey(
            service=quote.service_code, origin=request.origin, destination=request.destination,
            weight_grams=request.parcel.weight_grams, starts_at=quote.ship_by,
        )
        for quote in found.quotes
    ]  # fmt: skip
    windows = table.promise.windows(journeys)
    services = {service.code: service for service in table.services}
    quotes = []
    for quote, window in zip(found.quotes, windows, strict=True):
        if window is not None:
            zone = ZoneInfo(table.time_zones[request.destination.country])
            weekdays = services[quote.service_code].delivery_weekdays
            earliest, latest = (
                advance_days(
                    table, (quote.ship_by + days).astimezone(zone).date(), 0, request.destination.country, weekdays
                )
                for days in window
            )
            quote = replace(
                quote, earliest=earliest, latest=latest, model_version=table.promise.code,
                quantile_bps=table.promise.quantile_bps,
            )  # fmt: skip
        quotes.append(quote)
    return QuoteSet(quotes=tuple(quotes), rejected=found.rejected, recommended=recommend(quotes))


EXPLANATIONS = {
    RejectionReason.CARRIER_INACTIVE: gettext_noop("The carrier takes no parcels at the moment."),
    RejectionReason.CARRIER_RESTS: gettext_noop("The carrier did not answer lately and is given a rest."),
    RejectionReason.BUDGET_SPENT: gettext_noop("The calls this carrier grants us are used up for the moment."),
    RejectionReason.ORIGIN_NOT_SERVED: gettext_noop("The carrier does not collect in this country."),
    RejectionReason.DESTINATION_NOT_SERVED: gettext_noop("The carrier does not deliver to this country."),
    RejectionReason.LANE_NOT_SERVED: gettext_noop("The carrier does not go between these countries."),
    RejectionReason.TOO_HEAVY: gettext_noop("The parcel is too heavy for this service."),
    RejectionReason.TOO_LARGE: gettext_noop("The parcel is too large for this service."),
    RejectionReason.CURRENCY_NOT_OFFERED: gettext_noop("There is no price in this currency."),
    RejectionReason.DANGEROUS_NOT_TAKEN: gettext_noop("This carrier does not take dangerous goods."),
    RejectionReason.FRAGILE_NOT_TAKEN: gettext_noop("This carrier does not take fragile goods."),
    RejectionReason.PERISHABLE_NOT_TAKEN: gettext_noop("This carrier is too slow for perishable goods."),
    RejectionReason.HIGH_VALUE_NOT_TAKEN: gettext_noop("This carrier does not take goods of high value."),
    RejectionReason.COUNTRY_PROHIBITS: gettext_noop("Such goods may not be sent to this country."),
    RejectionReason.HUBS_ONLY: gettext_noop("It goes between hubs only, as a part of a route."),
    RejectionReason.NO_ROUTE: gettext_noop("No carriers together go there."),
    RejectionReason.NO_BETTER_ROUTE: gettext_noop("One carrier alone is cheaper and sooner there."),
}
