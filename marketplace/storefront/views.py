"""Public pages: home, search, listing, shop, comparison, and the page on ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import signals
from core.clock import utc_now
from core.errors import InvalidInput, NotFound
from core.identity.countries import COUNTRIES, country_choices, country_name
from core.ids import new_id
from core.web.requests import actor_of
from logistics import facade as logistics
from logistics.contracts import HintRequest, Place, ServiceQuote
from marketplace.addresses.selectors import list_addresses
from marketplace.carts.owners import signal
from marketplace.carts.rules import combined_parcel
from marketplace.catalog.models import Category, Listing
from marketplace.catalog.photos import photo_url
from marketplace.catalog.selectors import get_public_listing, list_categories, listings_by_id, photos_of
from marketplace.search.beyond import Beyond, page_beyond
from marketplace.search.forms import read_query
from marketplace.search.ports import ranking_model
from marketplace.search.reasons import title_of
from marketplace.search.rules import MAX_PAGE, PAGE_SIZE, SearchQuery, Sort
from marketplace.search.selectors import FacetValue, Hit, Results, search
from marketplace.sellers.selectors import open_shops
from marketplace.storefront.choices import offers_side_by_side, variant_choices
from marketplace.storefront.finding import context_of_saving, recently_seen, remember_query, remember_seen
from marketplace.storefront.structured import structured_data

MAX_COMPARED = 5
SHOWN_ATTRIBUTES = 24
PLACES = ("page", "after", "before")
"""What in a search address says where in the results one is."""
START = "start"
"""Instead of a cursor: the first page past the numbered ones."""


@dataclass(frozen=True)
class Card:
    """A hit with its delivery promise and its address."""

    hit: Hit
    promise: ServiceQuote | None
    url: str


def destination_country(request: HttpRequest) -> str:
    """Where promises on cards are for: the buyer's last address, else the visitor's choice, else Spain."""
    actor = actor_of(request)
    if actor.organisation_id is not None:
        known = list_addresses(actor.organisation_id)
        if known:
            return known[0].country
    return str(request.session.get("country", "ES"))


def cards_of(hits: tuple[Hit, ...], *, country: str, query_id: UUID | None) -> list[Card]:
    """Cards with promises; one question to logistics for all of them."""
    asked = [
        HintRequest(
            origin_country=hit.country, destination_country=country, weight_grams=hit.weight_grams,
            handling_days=hit.handling_days, currency=hit.price.currency,
        )
        for hit in hits
    ]  # fmt: skip
    promises = logistics.promise_hints(requests=asked, now=utc_now())
    suffix = f"?from={query_id}" if query_id else ""
    return [
        Card(
            hit, promise, reverse("listing", args=[hit.listing_id]) + (f"{suffix}&at={hit.position}" if suffix else "")
        )
        for hit, promise in zip(hits, promises, strict=True)
    ]  # fmt: skip


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The front page: departments, popular goods, shops."""
    results = search(SearchQuery(only_available=True), now=utc_now())
    cards = cards_of(results.hits[:8], country=destination_country(request), query_id=None)
    departments = [category for category in list_categories() if category.parent_id is None]
    return render(
        request, "marketplace/home.html",
        {"cards": cards, "departments": departments, "shops": list(open_shops()[:6]), "total": results.total,
         "seen": recently_seen(request)},
    )  # fmt: skip


@require_GET
def results_page(request: HttpRequest) -> HttpResponse:
    """Search results with facets; a part of the page when htmx asks."""
    query, errors = read_query(request.GET)
    country = destination_country(request)
    if query.ship_to or query.by:
        query = replace(query, ship_to=country)  # the buyer's country decides, not an old address
    found, deep = search(query, now=utc_now()), _deep_page(request, query)
    query_id = new_id()
    cards = cards_of(deep.hits if deep else found.hits, country=country, query_id=query_id)
    if query.page == 1:
        if found.total:
            remember_query(request, query.text)
        signals.emit(signal(request, signals.SEARCHED, query_id=query_id, query_text=query.text))
    signals.emit(*(
        signal(
            request, signals.IMPRESSION, query_id=query_id, listing_id=c.hit.listing_id, seller_id=c.hit.seller_id,
            position=c.hit.position,
        )
        for c in cards
    ))  # fmt: skip
    categories = {category.code: category for category in list_categories()}
    context = {
        "query": query, "errors": errors, "price_from_typed": request.GET.get("price_from", ""),
        "price_to_typed": request.GET.get("price_to", ""), "results": found, "cards": cards, "query_id": query_id,
        "facets": _facet_groups(found, categories), "chips": _chips(request, query, categories),
        "unfiltered": _without_filters(query) if not found.total else 0,
        "deep": deep,
        "heading": _heading(query, categories), "price_bars": _price_bars(request, found), "sorts": _sorts(),
        "country": country_name(country), "country_code": country,
        "previous_url": _previous_url(request, found, deep), "next_url": _next_url(request, found, deep),
        "plain_url": _with(request, sort=Sort.PLAIN.value), "best_url": _with(request, sort=Sort.BEST.value),
        "kept": [(k, v) for k, values in request.GET.lists() if k not in {"sort", *PLACES} for v in values],
    } | context_of_saving(request, _heading(query, categories))  # fmt: skip
    template = "marketplace/search_results.html" if getattr(request, "htmx", False) else "marketplace/search.html"
    return render(request, template, context)


def _deep_page(request: HttpRequest, query: SearchQuery) -> Beyond | None:
    """The page past the numbered ones that the address asks for; an odd cursor is left out."""
    backwards = "before" in request.GET
    if not backwards and "after" not in request.GET:
        return None
    cursor = request.GET["before" if backwards else "after"]
    try:
        return page_beyond(query, "" if cursor == START else cursor, backwards=backwards, now=utc_now())
    except InvalidInput:
        return None


def _previous_url(request: HttpRequest, found: Results, deep: Beyond | None) -> str:
    if deep is not None:
        return _with(request, before=deep.before) if deep.before else page_url(request, MAX_PAGE)
    return page_url(request, found.page - 1) if found.page > 1 else ""


def _next_url(request: HttpRequest, found: Results, deep: Beyond | None) -> str:
    if deep is not None:
        return _with(request, after=deep.after) if deep.after else ""
    if found.page < found.pages:
        return page_url(request, found.page + 1)
    return _with(request, after=START) if found.total > MAX_PAGE * PAGE_SIZE else ""


def _without_filters(query: SearchQuery) -> int:
    """How many results the words alone have; what an empty page offers."""
    return search(SearchQuery(text=query.text, currency=query.currency), now=utc_now()).total


@dataclass(frozen=True)
class FacetGroup:
    name: str
    title: str
    values: tuple[tuple[FacetValue, str], ...]


def _facet_groups(found: Results, categories: dict[str, Category]) -> list[FacetGroup]:
    names = {code: category.name for code, category in categories.items()}
    groups = [
        FacetGroup(
            "category", _("Category"), tuple((v, names.get(v.value, v.value)) for v in found.facets["category"][:12])
        ),
        FacetGroup(
            "condition", _("Condition"), tuple((v, condition_label(v.value)) for v in found.facets["condition"])
        ),
        FacetGroup("country", _("Ships from"), tuple((v, country_name(v.value)) for v in found.facets["country"])),
    ]
    attributes: dict[str, list[tuple[FacetValue, str]]] = {}
    titles = attribute_titles(categories)
    for value in found.facets["attribute"][:SHOWN_ATTRIBUTES]:
        code, _sep, text = value.value.partition(":")
        if not text.isdigit():
            attributes.setdefault(code, []).append((value, text))
    groups += [FacetGroup("attribute", titles.get(code, code), tuple(vs)) for code, vs in list(attributes.items())[:4]]
    return [group for group in groups if group.values]


def condition_label(condition: str) -> str:
    """A condition in plain words."""
    return str(dict(Listing.Condition.choices).get(condition, condition))


def _price_bars(request: HttpRequest, found: Results) -> list[dict[str, Any]]:
    """The price histogram: how many results in each range, and the address that keeps only them."""
    most = max((bar.count for bar in found.prices), default=0)
    return [
        {
            "low": bar.low // 100, "high": None if bar.high is None else bar.high // 100, "count": bar.count,
            "level": -(-10 * bar.count // most),
            "url": _with(request, price_from=str(bar.low // 100), price_to="" if bar.high is None else str(bar.high // 100)),
        }
        for bar in found.prices
        if bar.count
    ]  # fmt: skip


def attribute_titles(categories: dict[str, Category]) -> dict[str, str]:
    """Attribute code -> its name in the active language."""
    key = "es" if (get_language() or "en").startswith("es") else "en"
    return {a["code"]: a[key] for category in categories.values() for a in category.attributes}


def shown(value: Any) -> Any:
    """An attribute's value; several with commas."""
    return ", ".join(value) if isinstance(value, list) else value


def _heading(query: SearchQuery, categories: dict[str, Category]) -> str:
    if query.text:
        return query.text
    for name in ("category", "department"):
        chosen = query.filters.get(name, ())
        if len(chosen) == 1 and chosen[0] in categories:
            return categories[chosen[0]].name
    return _("Everything")


def _sorts() -> list[tuple[str, str]]:
    return [
        (Sort.BEST.value, _("Best for you")), (Sort.PRICE_UP.value, _("Price, low first")),
        (Sort.PRICE_DOWN.value, _("Price, high first")), (Sort.NEWEST.value, _("Newest")),
        (Sort.RATING.value, _("Best rated")), (Sort.PLAIN.value, _("Words only")),
    ]  # fmt: skip


def _chips(request: HttpRequest, query: SearchQuery, categories: dict[str, Category]) -> list[tuple[str, str]]:
    """(label, address without it) of every active filter."""
    chips = []
    for name, values in query.filters.items():
        for value in values:
            label = categories[value].name if value in categories else value.partition(":")[2] or value
            label = country_name(value) if name == "country" else label
            chips.append((label, _dropping(request, name, value)))
    for name, label in (("price_from", _("from")), ("price_to", _("up to"))):
        if request.GET.get(name):
            chips.append((f"{label} {request.GET[name]} €", _dropping(request, name, request.GET[name])))
    if query.only_business:
        chips.append((_("Registered businesses"), _dropping(request, "business", "1")))
    if query.only_available:
        chips.append((_("In stock"), _dropping(request, "available", "1")))
    return [*chips, *_chips_of_delivery(request, query)]


def _chips_of_delivery(request: HttpRequest, query: SearchQuery) -> Iterator[tuple[str, str]]:
    if query.rated_from:
        yield _("Rated %(n)s and more") % {"n": query.rated_from}, _dropping(request, "rated")
    if query.buying:
        yield _("Sold by %(n)s or fewer") % {"n": query.buying}, _dropping(request, "buying")
    if query.by:
        yield _("Arrives by %(day)s") % {"day": date_format(query.by, "j M")}, _dropping(request, "by")
    if request.GET.get("ship_to"):
        yield _("Delivered to %(country)s") % {"country": country_name(query.ship_to)}, _dropping(request, "ship_to")


def _dropping(request: HttpRequest, name: str, value: str | None = None) -> str:
    """The address without a value of a filter; without `value`: without the filter."""
    data = request.GET.copy()
    data.setlist(name, [v for v in data.getlist(name) if value is not None and v != value])
    for place in PLACES:
        data.pop(place, None)
    return f"{request.path}?{data.urlencode()}"


def page_url(request: HttpRequest, page: int) -> str:
    return _with(request, page=str(page))


def _with(request: HttpRequest, **values: str) -> str:
    data = request.GET.copy()
    for place in PLACES:
        data.pop(place, None)
    for name, value in values.items():
        data[name] = value
    return f"{request.path}?{data.urlencode()}"


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Up to five listings side by side, with landed cost and promise."""
    ids = _ids(request.GET.getlist("id"))[:MAX_COMPARED]
    found = listings_by_id(ids)
    listings = [found[i] for i in ids if i in found and found[i].is_published and found[i].seller.is_open]
    country = destination_country(request)
    promises = logistics.promise_hints(
        requests=[
            HintRequest(
                origin_country=li.seller.country, destination_country=country, weight_grams=li.weight_grams,
                handling_days=li.handling_days, currency=li.currency,
            )
            for li in listings
        ],
        now=utc_now(),
    )  # fmt: skip
    titles = attribute_titles({li.category_id: li.category for li in listings})
    codes = list(dict.fromkeys(code for li in listings for code in li.attributes))
    rows: list[tuple[str, list[Any]]] = [
        (titles.get(c, c), [shown(li.attributes.get(c, "")) for li in listings]) for c in codes
    ]
    columns = [
        (li, promise, li.price + promise.price if promise else None)
        for li, promise in zip(listings, promises, strict=True)
    ]
    return render(
        request, "marketplace/compare.html", {"columns": columns, "rows": rows, "country": country_name(country)}
    )


def _ids(texts: list[str]) -> list[UUID]:
    ids = []
    for text in texts:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(ids))


@require_GET
def ranking(request: HttpRequest) -> HttpResponse:
    """What decides the order of results, with the weights in force (P2B art. 5, DSA art. 27)."""
    model = ranking_model()
    weights: list[tuple[str, float]] = list(getattr(model, "published_weights", list)())
    rows = [(title_of(code), round(weight * 100)) for code, weight in weights]
    return render(request, "marketplace/ranking.html", {"version": model.version, "rows": rows})


@require_GET
def listing_page(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """One listing: pictures, price, promise, the seller's standing, and the way into the cart."""
    listing = _found(lambda: get_public_listing(listing_id))
    query_id = next(iter(_ids([request.GET.get("from", "")])), None)
    facts = {"listing_id": listing.id, "seller_id": listing.seller_id}
    if query_id is not None:
        position = request.GET.get("at", "")
        clicked = signal(
            request,
            signals.CLICKED,
            query_id=query_id,
            position=int(position[:6]) if position.isdigit() else None,
            **facts,
        )
        signals.emit(clicked)
    signals.emit(signal(request, signals.VIEWED, query_id=query_id, **facts))
    remember_seen(request, listing.id)
    country = destination_country(request)
    quotes = logistics.quote(
        origin=Place(country=listing.seller.country, postcode=listing.seller.postcode), destination=Place(country=country),
        parcel=combined_parcel([(1, listing)]),
        handling_days=listing.handling_days + listing.seller.extra_days, now=utc_now(), currency=listing.currency,
    )  # fmt: skip
    titles = attribute_titles({listing.category_id: listing.category})
    photos = [
        {
            "small": photo_url(p.name, "s"),
            "large": photo_url(p.name, "l"),
            "alt": p.alt,
            "width": p.width,
            "height": p.height,
        }
        for p in photos_of(listing.id)
    ]
    context = {
        "listing": listing, "photos": photos, "quotes": quotes.quotes[:4], "country": country_name(country),
        "attributes": [(titles.get(code, code), shown(value)) for code, value in listing.attributes.items()],
        "more": _more_of_seller(request, listing), "countries": country_choices(), "country_code": country,
        "is_own": actor_of(request).acts_for(listing.seller_id), "choices": variant_choices(listing, titles),
        "offers": offers_side_by_side(listing, quotes.quotes, country=country),
        "structured": structured_data(
            listing, address=request.build_absolute_uri, photos=photos, quotes=quotes.quotes, country=country
        ),
    }  # fmt: skip
    return render(request, "marketplace/listing.html", context)


def _more_of_seller(request: HttpRequest, listing: Listing) -> list[Card]:
    query = SearchQuery(filters={"seller": (str(listing.seller_id),)}, only_available=True)
    hits = tuple(h for h in search(query, now=utc_now()).hits if h.listing_id != listing.id)[:4]
    return cards_of(hits, country=destination_country(request), query_id=None)


@require_POST
def delivery_country(request: HttpRequest) -> HttpResponse:
    """Choose for which country delivery is shown."""
    country = request.POST.get("country", "")
    if country in COUNTRIES:
        request.session["country"] = country
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else "home")


T = TypeVar("T")


def _found(read: Callable[[], T]) -> T:
    try:
        return read()
    except NotFound as error:
        raise Http404(error.message) from error
