"""The quote set with routes: several carriers together as one offer beside the single ones. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from logistics.contracts import (
    ParcelSpec,
    Place,
    QuotedLeg,
    QuoteRequest,
    QuoteSet,
    Rejection,
    RejectionReason,
    ServiceQuote,
)
from logistics.network.models import Link
from logistics.network.planning import absent_services, possible_legs, routes_over
from logistics.network.rules import BUYER, SELLER, Aim, Leg, Route
from logistics.network.selectors import find_route_service, list_links
from logistics.rates.models import Service
from logistics.rates.rules import (
    EXPLANATIONS,
    ROUTE_SERVICE,
    RateTable,
    ServiceRow,
    advance_days,
    lane_of,
    on_time_of,
    recommend,
    ship_by_of,
)
from logistics.rates.selectors import current_table
from logistics.rates.services import in_words, quote_by


def quote_many(*, requests: Sequence[QuoteRequest], now: datetime) -> tuple[QuoteSet, ...]:
    """One QuoteSet for each request: every single carrier, and a route where it is cheaper or sooner than any of them, or the
    only way. One query when table and lane graph are warm. Raises InvalidParcel, UnknownCurrency."""
    if not requests:
        return ()
    table, spent = current_table(now=now)
    return tuple(
        in_words(
            found=_with_route(table, quote_by(table=table, request=request, now=now, spent=spent), request, now, spent)
        )
        for request in requests
    )


@dataclass(frozen=True)
class Graph:
    """The lane graph as of a rate table. Without a service no routes are sold."""

    links: tuple[Link, ...]
    countries: dict[str, str]
    """Hub -> its country."""
    service: Service | None


@lru_cache(maxsize=2)
def _graph_of(_table: RateTable) -> Graph:
    """Read once for each table: every change of hubs, links or carriers makes a new one."""
    links = tuple(list_links())
    hubs = [hub for link in links for hub in (link.start, link.end) if hub is not None]
    return Graph(links, {hub.code: hub.country for hub in hubs}, find_route_service())


def _with_route(
    table: RateTable, found: QuoteSet, request: QuoteRequest, now: datetime, spent: frozenset[str]
) -> QuoteSet:
    """The same answers and the route's: an offer, or why there is none. Within a country nobody changes carriers, and several
    parcels stay with one."""
    graph = _graph_of(table)
    if graph.service is None or request.more or request.origin.country == request.destination.country:
        return found
    absent = absent_services(table, spent, now)
    ends = Place(request.origin.country), Place(request.destination.country)
    offers = [
        _offer(table, graph, route, request, now)
        for route in _routes(table, *ends, request.parcel, request.currency, absent)
    ]  # fmt: skip
    better = [offer for offer in offers if _is_better(offer, found.quotes)]
    if better:
        quotes = [*found.quotes, better[0]]
        quotes.sort(key=lambda quote: (quote.price.minor, quote.latest, quote.service_code))
        return QuoteSet(tuple(quotes), found.rejected, recommend(quotes))
    reason = RejectionReason.NO_BETTER_ROUTE if offers else RejectionReason.NO_ROUTE
    return replace(found, rejected=(*found.rejected, _refusal(graph.service, reason)))


@lru_cache(maxsize=4_096)
def _routes(
    table: RateTable, origin: Place, destination: Place, parcel: ParcelSpec, currency: str, absent: frozenset[str]
) -> tuple[Route, ...]:
    """The cheapest and the quickest way; pages and checkout ask for the same parcels again and again."""
    legs = possible_legs(
        table, _graph_of(table).links, origin=origin, destination=destination, parcel=parcel, currency=currency,
        absent=absent,
    )  # fmt: skip
    return tuple(routes_over(list(legs), (Aim.COST, Aim.SPEED)).values())


def _is_better(offer: ServiceQuote, singles: Sequence[ServiceQuote]) -> bool:
    """Cheaper than every single carrier, or there before every one of them."""
    return all(offer.price < one.price for one in singles) or all(offer.latest < one.latest for one in singles)


def _refusal(service: Service, reason: RejectionReason) -> Rejection:
    return Rejection(
        service_code=service.code, carrier_code=service.carrier_id, service_name=service.name, reason=reason,
        explanation=EXPLANATIONS[reason],
    )  # fmt: skip


def _offer(table: RateTable, graph: Graph, route: Route, request: QuoteRequest, now: datetime) -> ServiceQuote:
    """The route as one service: the price is the sum of its legs, its days are theirs one after the other."""
    assert graph.service is not None, "checked by the caller"
    services = {row.code: row for row in table.services}
    first, last = services[route.legs[0].service_code], services[route.legs[-1].service_code]
    ship_by = ship_by_of(table, first, request.origin.country, request.handling_days, now)
    earliest, latest = _days(table, graph, route, services, request, ship_by.date())
    origin, destination = request.origin.country, request.destination.country
    percent, parcels, of_lane = on_time_of(table, ROUTE_SERVICE, origin, destination)
    return ServiceQuote(
        service_code=ROUTE_SERVICE, carrier_code=graph.service.carrier_id, carrier_name=graph.service.carrier.name,
        service_name=" + ".join(dict.fromkeys(leg.carrier_name for leg in route.legs)), price=route.price,
        earliest=earliest, latest=latest, ship_by=ship_by, delivery_kind=last.delivery_kind,
        tracked=all(services[leg.service_code].tracked for leg in route.legs), sheet_version=table.version,
        on_time_percent=percent, on_time_parcels=parcels, on_time_of_lane=of_lane,
        legs=tuple(_quoted(leg) for leg in route.legs),
    )  # fmt: skip


def _quoted(leg: Leg) -> QuotedLeg:
    return QuotedLeg(
        service_code=leg.service_code, carrier_code=leg.carrier_code, carrier_name=leg.carrier_name,
        start="" if leg.start == SELLER else leg.start, end="" if leg.end == BUYER else leg.end, price=leg.price,
    )  # fmt: skip


def _days(
    table: RateTable, graph: Graph, route: Route, services: dict[str, ServiceRow], request: QuoteRequest, start: date
) -> tuple[date, date]:
    """(earliest, latest) day of delivery: each leg begins on a day its service works after the one before it ended, and the
    hours at hubs come on top of the latest. Quantiles of legs are added, so the latest day holds at least as often."""
    countries = {SELLER: request.origin.country, BUYER: request.destination.country, **graph.countries}
    earliest = latest = start
    for leg in route.legs:
        service, here, there = services[leg.service_code], countries[leg.start], countries[leg.end]
        lane = lane_of(table, leg.service_code, here, there)
        assert lane is not None, "what is planned has a lane"
        earliest = _after(table, service, here, there, earliest, lane.p10_days)
        latest = _after(table, service, here, there, latest, lane.p90_days)
    waiting = timedelta(days=-(-sum(leg.hours for leg in route.legs) // 24))
    weekdays = services[route.legs[-1].service_code].delivery_weekdays
    return earliest, advance_days(table, latest + waiting, 0, request.destination.country, weekdays)


def _after(table: RateTable, service: ServiceRow, here: str, there: str, day: date, days: int) -> date:
    """The day on which a parcel that is at a leg's start on `day` is at its end."""
    left = advance_days(table, day, 0, here, service.pickup_weekdays)
    return advance_days(table, left + timedelta(days=1), max(days - 1, 0), there, service.delivery_weekdays)
