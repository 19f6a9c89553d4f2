"""From links and rates to the legs of a parcel's way, and from legs to routes. Reads nothing by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from core.money import Money
from logistics.contracts import HandlingMark, ParcelSpec, Place, QuoteRequest
from logistics.network.models import Hub, Link
from logistics.network.rules import BUYER, SELLER, Aim, Leg, Route, plan_route
from logistics.rates.rules import RateTable, ServiceRow, absence, lane_of, on_time_of, price_of


def routes_over(legs: Sequence[Leg], aims: Iterable[Aim]) -> dict[Aim, Route]:
    """The best route over these legs for each of the aims it exists for."""
    routes = {aim: plan_route(legs, aim) for aim in aims}
    return {aim: route for aim, route in routes.items() if route is not None}


def absent_services(table: RateTable, spent: frozenset[str], now: datetime) -> frozenset[str]:
    """Services that take nothing at the moment; `spent`: carriers that grant no further call."""
    return frozenset(row.code for row in table.services if absence(row, now, is_spent=row.carrier_code in spent))


def possible_legs(
    table: RateTable, links: Iterable[Link], *, origin: Place, destination: Place, parcel: ParcelSpec, currency: str,
    absent: frozenset[str],
) -> Iterator[Leg]:  # fmt: skip
    """The links that can be legs of this parcel's way, but for `absent` services. None for perishable goods: they go with one
    carrier, who knows until when."""
    if HandlingMark.PERISHABLE in parcel.marks:
        return
    at_work = {row.code: row for row in table.services if row.code not in absent}
    known: dict[tuple[str, str, str], Leg | None] = {}  # hubs of a country share their lanes
    for link in links:
        service = at_work.get(link.service_id)
        start = country_at(link.start, link.end, origin.country)
        end = country_at(link.end, link.start, destination.country)
        if service is None or start is None or end is None or (service.hubs_only and not (link.start and link.end)):
            continue
        key = service.code, start, end
        if key not in known:
            known[key] = _leg(table, service, start, end, parcel, currency)
        leg = known[key]
        if leg is not None:
            hours = link.start.handling_hours if link.start else 0
            yield leg._replace(start=link.start_id or SELLER, end=link.end_id or BUYER, hours=hours)


def _leg(table: RateTable, service: ServiceRow, start: str, end: str, parcel: ParcelSpec, currency: str) -> Leg | None:
    """A leg between two countries; None when the service does not go there or does not take the parcel."""
    if start not in table.zones or end not in table.zones:
        return None
    lane = lane_of(table, service.code, start, end)
    request = QuoteRequest(Place(start), Place(end), parcel, handling_days=0, currency=currency)
    price = price_of(table, service, lane, request) if lane else None
    if lane is None or not isinstance(price, Money):
        return None
    percent, parcels, _of_lane = on_time_of(table, service.code, start, end)
    return Leg(
        start=start, end=end, service_code=service.code, service_name=service.name, carrier_code=service.carrier_code,
        carrier_name=service.carrier_name, price=price, usual_days=lane.p50_days, latest_days=lane.p90_days,
        on_time_percent=percent, on_time_parcels=parcels,
    )  # fmt: skip


def country_at(hub: Hub | None, other: Hub | None, door: str) -> str | None:
    """The country of this end of a link. A door is served by hubs of its own country alone: None elsewhere."""
    if hub is not None:
        return hub.country
    return door if other is not None and other.country == door else None
