"""Routes by their first word, so that a request passes over a word and not over every route that begins with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern

Route = URLPattern | URLResolver


def by_first_word(routes: Iterable[Route]) -> list[Route]:
    """The same routes, with the same names and parameters; those that share a literal first word are tried together.

    Lists included under nothing count as written out. A word comes where its first route stood; routes that begin with
    a parameter or an expression, and words of one route, stay as they are. Django tries routes one after the other, and
    three hundred of them cost more than a small query.
    """
    groups: dict[str, list[Route]] = {}
    for number, route in enumerate(_written_out(routes)):
        groups.setdefault(_first_word(route) or f"<{number}>", []).append(route)
    return [
        group[0] if len(group) == 1 else path(word, include([_without(route, word) for route in group]))
        for word, group in groups.items()
    ]


def _written_out(routes: Iterable[Route]) -> Iterator[Route]:
    for route in routes:
        if _text(route) == "" and isinstance(route, URLResolver) and not route.namespace and not route.default_kwargs:
            yield from _written_out(route.url_patterns)
        else:
            yield route


def _text(route: Route) -> str | None:
    """The route as it was written; None for an expression."""
    return str(route.pattern) if isinstance(route.pattern, RoutePattern) else None


def _first_word(route: Route) -> str:
    """`orders/` of `orders/<uuid:order_id>/`; empty when it begins otherwise, or has a list of its own."""
    word, slash, _rest = (_text(route) or "").partition("/")
    return word + slash if slash and "<" not in word and isinstance(route, URLPattern) else ""


def _without(route: Route, word: str) -> Route:
    assert isinstance(route, URLPattern)
    rest = (_text(route) or "").removeprefix(word)
    return path(rest, route.callback, route.default_args, route.name)
