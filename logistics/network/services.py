"""Planning routes by the rate sheets and scorecards in force. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from core.money import currency_exponent
from logistics.contracts import ParcelSpec, Place
from logistics.network import selectors
from logistics.network.models import Hub, Link
from logistics.network.planning import absent_services, possible_legs, routes_over
from logistics.network.rules import Aim, Leg, Route
from logistics.rates.rules import check_parcel
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
    legs = list(
        possible_legs(
            table, selectors.list_links() if links is None else links, origin=origin, destination=destination,
            parcel=parcel, currency=currency, absent=absent_services(table, spent, now),
        )
    )  # fmt: skip
    return routes_over(legs, Aim)


def list_substitutes(
    *, start: Hub | None, end: Hub | None, origin: Place, destination: Place, parcel: ParcelSpec, currency: str,
    without: Collection[str], now: datetime,
) -> list[Leg]:  # fmt: skip
    """Other ways to go one leg, cheapest first, by carriers that are not among `without`. Two queries."""
    table, spent = current_table(now=now)
    links = [
        link for link in selectors.list_links()
        if (link.start_id, link.end_id) == (start and start.code, end and end.code)
        and link.service.carrier_id not in without
    ]  # fmt: skip
    legs = possible_legs(
        table, links, origin=origin, destination=destination, parcel=parcel, currency=currency,
        absent=absent_services(table, spent, now),
    )  # fmt: skip
    return sorted(legs, key=lambda leg: (leg.price.minor, leg.latest_days, leg.service_code))
