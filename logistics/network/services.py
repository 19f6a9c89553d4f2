"""Planning routes by the rate sheets and scorecards in force. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from core.money import currency_exponent
from logistics.contracts import ParcelSpec, Place, QuoteRequest, ServiceQuote
from logistics.network import selectors
from logistics.network.models import Hub, Link
from logistics.network.rules import BUYER, SELLER, Aim, Leg, Route, plan_route
from logistics.rates.rules import RateTable, check_parcel, lane_of, quote_service
from logistics.rates.selectors import current_table


def plan_routes(
    *, origin: Place, destination: Place, parcel: ParcelSpec, currency: str, now: datetime,
    links: Sequence[Link] | None = None,
) -> dict[Aim, Route]:  # fmt: skip
    """The best route for each aim, from the seller's door over hubs to the buyer's; empty when nobody goes there.

    A leg costs and lasts what its service's rate sheet says between its two countries, and is trusted as its scorecard says. Two
    queries when the rate table is warm. Raises InvalidParcel, UnknownCurrency.
    """
    check_parcel(parcel)
    currency_exponent(currency)
    table, spent = current_table(now=now)
    legs = [
        leg
        for link in (selectors.list_links() if links is None else links)
        if link.service.carrier_id not in spent
        and (leg := _leg(link, table, origin, destination, parcel, currency, now)) is not None
    ]
    routes = {aim: plan_route(legs, aim) for aim in Aim}
    return {aim: route for aim, route in routes.items() if route is not None}


def _leg(
    link: Link, table: RateTable, origin: Place, destination: Place, parcel: ParcelSpec, currency: str, now: datetime
) -> Leg | None:
    """The link as a leg of this parcel's way; None when it is elsewhere or does not take the parcel."""
    start = _end_of(link.start, link.end, origin.country)
    end = _end_of(link.end, link.start, destination.country)
    if start is None or end is None:
        return None
    request = QuoteRequest(Place(start), Place(end), parcel, handling_days=0, currency=currency)
    service = next((row for row in table.services if row.code == link.service_id), None)
    quote = quote_service(table, service, request, now) if service else None
    if not isinstance(quote, ServiceQuote):
        return None
    lane = lane_of(table, quote.service_code, start, end)
    assert lane is not None, "what is quoted has a lane"
    leg = Leg(
        start=link.start_id or SELLER, end=link.end_id or BUYER, service_code=quote.service_code,
        service_name=quote.service_name, carrier_code=quote.carrier_code, carrier_name=quote.carrier_name,
        price=quote.price, usual_days=lane.p50_days, latest_days=lane.p90_days,
        on_time_percent=quote.on_time_percent, on_time_parcels=quote.on_time_parcels,
    )  # fmt: skip
    return replace(leg, hours=link.start.handling_hours) if link.start else leg


def _end_of(hub: Hub | None, other: Hub | None, door: str) -> str | None:
    """The country of this end of a link. A door is served by hubs of its own country alone: None elsewhere."""
    if hub is not None:
        return hub.country
    return door if other is not None and other.country == door else None
