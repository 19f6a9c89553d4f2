"""How long the main pages take on the demo world: one client, warm, and how many statements each page needs."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.ground import Client, Ground, enter_django, ground, milliseconds, tell

WARM_UPS = 20  # two workers, each with its own memory of cards and words
SHIP_TO = {
    "name": "Ana Bench", "street": "Calle Mayor 1", "city": "Valencia", "postcode": "46003", "country": "ES",
    "region": "", "phone": "",
}  # fmt: skip
"""Where the buyer's session ships to."""
BUYER, SELLER = "buyer@demo.lonja.example", "seller@demo.lonja.example"


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    rounds = 20 if quick else 60
    with ground() as place:
        _fill(place, seed=seed, small=quick)
        enter_django(place)
        buyer, seller = _session(BUYER), _session(SELLER)
        pages = _pages()
        place.start_web()
        results = {}
        for name, (who, address) in pages.items():
            cookie = {"buyer": buyer, "seller": seller}.get(who, "")
            times = _times(place, address, cookie=cookie, rounds=rounds)
            figures = {"p50_ms": milliseconds(times, 0.5), "p95_ms": milliseconds(times, 0.95)}
            results[name] = figures | {"queries": _queries(address, cookie=cookie)}
            tell(f"  {name:<20} {results[name]}")
    slowest = max(results, key=lambda name: results[name]["p95_ms"])
    return {
        "pages": results, "worst_p95_ms": results[slowest]["p95_ms"], "worst_page": slowest,
        "most_queries": max(result["queries"] for result in results.values()), "rounds": rounds,
    }  # fmt: skip


def _fill(place: Ground, *, seed: int, small: bool) -> None:
    tell("Loading the demo world ...")
    place.house.manage("load_demo", "--seed", str(seed), *(["--small"] if small else []))


def _session(email: str) -> str:
    """The cookie of a person who logged in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.cached_db import SessionStore

    from core.models import User

    user = User.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["ship_to"] = SHIP_TO
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _pages() -> dict[str, tuple[str, str]]:
    """Page -> (who looks at it, its address); the cart is filled with goods of two sellers first."""
    from django.db.models import F
    from django.urls import reverse

    from core.clock import utc_now
    from core.models import Membership
    from marketplace.carts.selectors import CartOwner
    from marketplace.carts.services import add_to_cart
    from marketplace.models import Listing, Order

    now = utc_now()
    buyer = Membership.objects.get(user__email=BUYER).organisation_id
    seller = Membership.objects.get(user__email=SELLER).organisation_id
    sold = Listing.objects.filter(state="PUBLISHED", stock__on_hand__gt=20)
    goods = list(sold.order_by("seller_id", "id").distinct("seller_id")[:4])
    for listing in goods[:2]:
        add_to_cart(owner=CartOwner(organisation_id=buyer), listing_id=listing.id, quantity=1, now=now)
    order = Order.objects.filter(buyer_id=buyer).order_by(F("delivered_at").desc(nulls_last=True), "id").first()
    sale = Order.objects.filter(seller_id=seller).order_by(F("delivered_at").desc(nulls_last=True), "id").first()
    assert order is not None, "the demo buyer has bought"
    assert sale is not None, "the demo seller has sold"
    compared = "&".join(f"id={listing.id}" for listing in goods)
    return {
        "home": ("", reverse("home")),
        "search": ("", reverse("search")),
        "search_words": ("", reverse("search") + "?q=linen"),
        "listing": ("", reverse("listing", args=[goods[0].id])),
        "shop": ("", reverse("shop", args=[goods[0].seller.slug])),
        "compare": ("", reverse("compare") + "?" + compared),
        "home_signed_in": ("buyer", reverse("home")),
        "cart": ("buyer", reverse("cart")),
        "checkout": ("buyer", reverse("checkout")),
        "checkout_review": ("buyer", reverse("checkout_review")),
        "orders": ("buyer", reverse("orders")),
        "order": ("buyer", reverse("order", args=[order.id])),
        "seller_overview": ("seller", reverse("seller_dashboard")),
        "sales": ("seller", reverse("sales")),
        "sale": ("seller", reverse("order", args=[sale.id])),
        "own_listings": ("seller", reverse("listings")),
        "money": ("seller", reverse("seller_money")),
        "reputation": ("seller", reverse("reputation")),
        "disputes": ("seller", reverse("disputes")),
        "reviews": ("seller", reverse("seller_reviews")),
    }


def _times(place: Ground, address: str, *, cookie: str, rounds: int) -> list[float]:
    """Seconds of each answer; anything but the page itself is a failure of the bench."""
    client = Client(place.port, cookie=cookie)
    client.headers["Accept"] = "text/html"
    times = []
    for number in range(WARM_UPS + rounds):
        status, _body, took = client.send("GET", address)
        if status != 200:
            raise RuntimeError(f"{address} answered {status}")
        if number >= WARM_UPS:
            times.append(took)
    return times


def _queries(address: str, *, cookie: str) -> int:
    """Statements of one warm request, counted in this process on the same database."""
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext

    browser = Browser(headers={"accept": "text/html"})
    if cookie:
        name, _, value = cookie.partition("=")
        browser.cookies[name] = value
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    return len(captured)
