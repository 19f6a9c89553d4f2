"""Beside the results: suggestions while typing, saved searches with alerts, what was seen, and a listing's place."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.web.actions import attempt
from core.web.requests import actor_of, member_required
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import first_photos, get_own_listing, listings_by_id, thumbnail
from marketplace.search import services
from marketplace.search.reasons import title_of
from marketplace.search.rules import CANDIDATES, SearchQuery
from marketplace.search.saved import readable_address, saved_searches_of
from marketplace.search.selectors import PlaceInResults, place_of
from marketplace.search.suggestions import Suggestion, suggest

PAST_KEY: Final = "past_queries"
SEEN_KEY: Final = "seen_listings"
MAX_PAST: Final = 20
MAX_SEEN: Final = 12


def remember_query(request: HttpRequest, text: str) -> None:
    """Keep what was searched in the visitor's session, newest first."""
    if text:
        past = [old for old in request.session.get(PAST_KEY, []) if old != text]
        request.session[PAST_KEY] = [text, *past][:MAX_PAST]


def remember_seen(request: HttpRequest, listing_id: UUID) -> None:
    """Keep which listings were opened in the visitor's session, newest first."""
    seen = [old for old in request.session.get(SEEN_KEY, []) if old != str(listing_id)]
    request.session[SEEN_KEY] = [str(listing_id), *seen][:MAX_SEEN]


def recently_seen(request: HttpRequest, limit: int = 6) -> list[tuple[Listing, str]]:
    """(listing, picture) of what the visitor opened last and is still on sale; two queries, none for newcomers."""
    ids = [UUID(text) for text in request.session.get(SEEN_KEY, [])]
    if not ids:
        return []
    found = listings_by_id(ids)
    shown = [found[i] for i in ids if i in found and found[i].is_published and found[i].seller.is_open][:limit]
    photos = first_photos(listing.id for listing in shown)
    return [(listing, thumbnail(photos.get(listing.id))) for listing in shown]


@require_GET
def suggestions(request: HttpRequest) -> HttpResponse:
    """What the typed letters may become, as options of the search field."""
    found = suggest(request.GET.get("q", ""), past=request.session.get(PAST_KEY, []))
    rows = [(suggestion.text, _kind(suggestion)) for suggestion in found]
    return render(request, "marketplace/suggestions.html", {"rows": rows})


def _kind(suggestion: Suggestion) -> str:
    return {"PAST": _("searched before"), "CATEGORY": _("category"), "SHOP": _("shop")}.get(suggestion.kind, "")


@member_required
@require_http_methods(["GET", "POST"])
def saved_searches(request: HttpRequest) -> HttpResponse:
    """A person's saved searches; POST keeps one (`address`: its query string)."""
    actor = actor_of(request)
    if request.method == "POST":
        address = readable_address(request.POST.get("address", ""))
        attempt(
            request,
            lambda: services.save_search(
                name=request.POST.get("name", ""), address=address, actor=actor, now=utc_now()
            ),
            done=_("Saved. You get an e-mail when something new fits."),
        )
    rows = [(row, f"{reverse('search')}?{row.address}") for row in saved_searches_of(actor.user_id)]
    return render(request, "marketplace/saved_searches.html", {"rows": rows})


@member_required
@require_POST
def saved_search(request: HttpRequest, search_id: UUID) -> HttpResponse:
    """Switch the alert (`alert` on or off), or forget the search (`forget`)."""
    actor = actor_of(request)
    if "forget" in request.POST:
        services.forget_search(search_id=search_id, actor=actor)
    else:
        with_alert = request.POST.get("alert") == "on"
        services.set_alert(search_id=search_id, with_alert=with_alert, actor=actor, now=utc_now())
    return redirect("saved_searches")


@member_required
@require_GET
def listing_place(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Where the seller's listing stands for a search, why, and what would help."""
    listing = get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    text = request.GET.get("q", "").strip()[:200] or listing.title
    place = place_of(listing.id, SearchQuery(text=text), now=utc_now())
    rows = [
        {"title": title_of(code), "own": round(own * 100, 1), "ten": round(ten * 100, 1), "is_less": own < ten}
        for code, own, ten in _beside(place)
    ]  # fmt: skip
    context = {
        "listing": listing, "text": text, "place": place, "rows": rows, "advice": _advice(place, listing),
        "search_url": f"{reverse('search')}?{urlencode({'q': text})}", "looked_at": CANDIDATES,
    }  # fmt: skip
    return render(request, "marketplace/listing_place.html", context)


def _beside(place: PlaceInResults) -> list[tuple[str, float, float]]:
    """(factor, what it adds here, what it adds to the first ten on average), the largest lag first."""
    own = {factor.code: factor.contribution for factor in place.factors}
    codes = [code for code in dict.fromkeys([*own, *place.first_ten]) if code != "NO_RATING"]
    rows = [(code, own.get(code, 0.0), place.first_ten.get(code, 0.0)) for code in codes]
    return sorted(rows, key=lambda row: row[1] - row[2])


def _advice(place: PlaceInResults, listing: Listing) -> list[str]:
    """What would help, the largest lag first; only what a seller can do something about."""
    if place.missing_words:
        return [_("These words of the search stand nowhere in the listing: %(words)s.") % {
            "words": ", ".join(place.missing_words)
        }]  # fmt: skip
    if not listing.is_published:
        return [_("It is not on sale, so nobody finds it.")]
    sentences = {
        "TEXT": _("Say in the title what it is, in the words people search with; the first words count most."),
        "RATING": _("Good ratings by buyers would lift it."), "SALES": _("Recent sales would lift it."),
        "PROMISE": _("Hand parcels over in time: kept delivery promises count."),
        "DISPUTES": _("Fewer disputes would lift it."), "PHOTO": _("Add a picture."),
        "CLICKS": _("A better first picture makes more people open it."),
        "CONVERSION": _("A fuller description or a better price makes more of those who open it buy."),
    }  # fmt: skip
    lags = [(code, ten - own) for code, own, ten in _beside(place) if ten - own > 0.005]
    return [sentences[code] for code, _lag in lags if code in sentences][:3]


def context_of_saving(request: HttpRequest, text: str) -> dict[str, Any]:
    """What the results page needs to offer saving the search."""
    return {"save_address": readable_address(request.GET.urlencode()), "save_name": text}
