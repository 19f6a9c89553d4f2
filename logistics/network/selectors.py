"""Reads of the lane graph."""

from __future__ import annotations

from dataclasses import dataclass

from logistics.network.models import Hub, Link
from logistics.rates.models import Service
from logistics.rates.rules import ROUTE_SERVICE

MAX_LINKS = 5_000


def list_hubs() -> list[Hub]:
    """Hubs in use."""
    return list(Hub.objects.filter(is_active=True))


def list_links() -> list[Link]:
    """Links in use between hubs in use, with hubs, services and carriers; one query."""
    links = Link.objects.filter(is_active=True).exclude(start__is_active=False).exclude(end__is_active=False)
    return list(links.select_related("start", "end", "service__carrier")[:MAX_LINKS])


def find_route_service() -> Service | None:
    """The service under which routes are sold; None while the operator has switched it off."""
    routes = Service.objects.filter(code=ROUTE_SERVICE, is_active=True, carrier__is_active=True)
    return routes.select_related("carrier").first()


@dataclass(frozen=True, slots=True)
class Road:
    """Two hubs that services go between, either way."""

    start: Hub
    end: Hub
    services: tuple[str, ...]


def roads_of(links: list[Link]) -> list[Road]:
    """The line hauls, each pair of hubs once."""
    found: dict[tuple[str, str], tuple[Hub, Hub, set[str]]] = {}
    for link in links:
        if link.start is not None and link.end is not None:
            start, end = sorted((link.start, link.end), key=lambda hub: hub.code)
            found.setdefault((start.code, end.code), (start, end, set()))[2].add(link.service.name)
    return [Road(start, end, tuple(sorted(names))) for start, end, names in found.values()]
