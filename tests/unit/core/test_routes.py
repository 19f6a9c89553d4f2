"""Routes grouped by their first word answer as the plain list does."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.urls import Resolver404, include, path, re_path
from django.urls.resolvers import RegexPattern, URLResolver

from core.web.routes import by_first_word


def view(request, **parameters):
    return HttpResponse()


LIST = [
    path("", view, name="home"),
    path("orders/", view, name="orders"),
    path("robots.txt", view, name="robots"),
    path("", include([path("orders/<int:order>/", view, {"full": True}, name="order"), path("cart/", view, name="cart")])),
    path("orders/<int:order>/label/", view, name="label"),
    path("api/", include([path("orders/", view, name="api_orders")])),
    path("<slug:shop>/", view, name="shop"),
    re_path(r"^media/(?P<name>\w+)$", view, name="media"),
]  # fmt: skip
PATHS = (
    "", "orders/", "orders/7/", "orders/7/label/", "orders/x/", "cart/", "robots.txt", "api/orders/", "api/", "tilo/",
    "media/cup", "nothing/here/", "orders",
)  # fmt: skip


def answer(resolver, address):
    try:
        found = resolver.resolve(address)
    except Resolver404:
        return None
    return found.url_name, found.kwargs, found.route


def resolver(routes):
    return URLResolver(RegexPattern(r""), routes)


@pytest.mark.parametrize("address", PATHS)
def test_every_address_leads_to_the_same_view(address):
    assert answer(resolver(by_first_word(LIST)), address) == answer(resolver(LIST), address)


@pytest.mark.parametrize(("name", "parameters"), [("home", {}), ("order", {"order": 7}), ("label", {"order": 7}),
                                                  ("cart", {}), ("shop", {"shop": "tilo"}), ("media", {"name": "cup"})])  # fmt: skip
def test_every_name_leads_to_the_same_address(name, parameters):
    assert resolver(by_first_word(LIST)).reverse(name, **parameters) == resolver(LIST).reverse(name, **parameters)


def test_a_word_is_passed_over_once():
    grouped = by_first_word(LIST)
    assert [str(route.pattern) for route in grouped].count("orders/") == 1
    assert (
        len(grouped) == len(LIST) - 1
    )  # three routes of orders are one word, and the list without a word is written out
