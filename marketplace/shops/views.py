"""The shop page, following it, and the seller's pages about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.identity.countries import country_name
from core.web.actions import add_error, attempt, form_problems
from core.web.requests import actor_of, member_required
from marketplace.catalog.photos import photo_url
from marketplace.catalog.selectors import first_photos, thumbnail
from marketplace.messages.selectors import ReplyFigures, reply_figures
from marketplace.search.forms import read_query
from marketplace.search.selectors import search
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import find_moved_shop, find_seller, get_open_shop
from marketplace.shops import selectors, services
from marketplace.shops.forms import BannerForm, CollectionForm, ShopForm
from marketplace.shops.models import Collection
from marketplace.shops.rules import Badge
from marketplace.storefront.views import cards_of, destination_country, page_url

PAGE_SIZE = 20
SHOWN_IN_COLLECTION = 8


def badge_label(badge: Badge) -> tuple[str, str]:
    """Words and what is behind them."""
    return {
        Badge.TOP_RATED: (_("Top rated"), _("4.8 stars or more from at least 10 buyers")),
        Badge.KEEPS_PROMISES: (_("Keeps its promises"), _("at least 95 % of parcels arrived as promised")),
        Badge.FAST_ANSWERS: (_("Answers fast"), _("at least 95 % of questions answered within a day")),
        Badge.NEW_SHOP: (_("New shop"), _("fewer than five orders so far")),
    }[badge]  # fmt: skip


def reply_words(figures: ReplyFigures) -> str:
    """How fast the shop answers, in plain words; empty while too few say anything."""
    seconds = figures.median_seconds
    if seconds is None or figures.share is None:
        return ""
    if seconds < 3600:
        return _("usually within an hour")
    if seconds < 86_400:
        return _("usually within %(n)s hours") % {"n": -(-seconds // 3600)}
    return _("usually within %(n)s days") % {"n": -(-seconds // 86_400)}


def head_of(seller: Seller, *, design: str, tagline: str) -> dict[str, Any]:
    """What the head of a shop page needs, for the page and for its preview."""
    figures = reply_figures(seller_id=seller.pk, now=utc_now())
    return {
        "seller": seller, "design": design.lower(), "tagline": tagline, "figures": figures,
        "reply_words": reply_words(figures), "country_name": country_name(seller.country),
        "badges": [badge_label(one) for one in selectors.badges(seller, figures)],
        "banner": photo_url(seller.banner, "l") if seller.banner else "",
    }  # fmt: skip


@require_GET
def shop_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A seller's shop: who they are, how well they do, what they sell. An old address leads to the new one."""
    try:
        seller = get_open_shop(slug)
    except NotFound as error:
        moved = find_moved_shop(slug)
        if moved is None:
            raise Http404(error.message) from error
        return redirect("shop", moved.slug, permanent=True)
    page, actor = selectors.find_page(seller.pk), actor_of(request)
    query, _errors = read_query(request.GET)
    query = replace(query, filters={**query.filters, "seller": (str(seller.pk),)})
    found = search(query, now=utc_now())
    is_front = not query.text and found.page == 1
    context = {
        **head_of(seller, design=page.design if page else "CLASSIC", tagline=page.tagline if page else ""),
        "cards": cards_of(found.hits, country=destination_country(request), query_id=None), "results": found,
        "query": query, "shelves": _shelves(seller.pk) if is_front else [],
        "is_own": actor.acts_for(seller.pk),
        "is_following": selectors.is_following(organisation_id=actor.organisation_id, seller_id=seller.pk),
        "previous_url": page_url(request, found.page - 1) if found.page > 1 else "",
        "next_url": page_url(request, found.page + 1) if found.page < found.pages else "",
    }  # fmt: skip
    return render(request, "marketplace/shop.html", context)


def _shelves(seller_id: UUID) -> list[dict[str, Any]]:
    """Best sellers and collections with pictures: four queries however many there are."""
    best, made = selectors.best_sellers(seller_id), selectors.collections_of(seller_id)
    shelves = [(_("Bought most this month"), best)] if best else []
    shelves += [(one.title, [item.listing for item in one.items.all()][:SHOWN_IN_COLLECTION]) for one in made]
    pictures = first_photos([listing.id for _title, listings in shelves for listing in listings])
    return [
        {"title": title, "goods": [(one, thumbnail(pictures.get(one.id))) for one in listings]}
        for title, listings in shelves
        if listings
    ]


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def following(request: HttpRequest, slug: str) -> HttpResponse:
    """Follow a shop, or stop. Who logged in first comes back with a GET and presses once more."""
    actor, seller = actor_of(request), get_open_shop(slug)
    if request.method != "POST":
        return redirect("shop", seller.slug)
    if request.POST.get("stop") == "1":
        attempt(request, lambda: services.unfollow_shop(seller_id=seller.pk, actor=actor, now=utc_now()))
    else:
        attempt(request, lambda: services.follow_shop(seller_id=seller.pk, actor=actor, now=utc_now()),
                done=_("You follow this shop. We write when it has something new."))  # fmt: skip
    return redirect("shop", seller.slug)


@member_required
@require_GET
def followed_shops(request: HttpRequest) -> HttpResponse:
    """The shops this organisation follows."""
    found = selectors.followed_by(actor_of(request).organisation_id)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "marketplace/followed_shops.html", {"page_obj": page})


# ------------------------------------------------------------------------------------------------ the seller's side


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_shop(request: HttpRequest) -> HttpResponse:
    """Design, one line, picture and holidays, with a preview; `then=preview` shows it without saving."""
    actor = actor_of(request)
    seller = find_seller(actor.organisation_id)
    if seller is None:
        return redirect("sell")
    page = selectors.find_page(seller.pk)
    form = ShopForm(request.POST or None, initial=ShopForm.values_of(seller, page))
    if request.method == "POST" and form.is_valid() and request.POST.get("then") != "preview":
        try:
            services.save_shop(shop=form.shop(), actor=actor, now=utc_now())
            messages.success(request, _("Saved."))
            return redirect("edit_shop")
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    context = {"form": form, "banner_form": BannerForm(), **_previewed(request, seller, form)}
    return render(request, "marketplace/edit_shop.html", context, status=422 if form.errors else 200)


def _previewed(request: HttpRequest, seller: Seller, form: ShopForm) -> dict[str, Any]:
    known = {value for value, _words in form.fields["design"].choices}  # type: ignore[attr-defined]
    typed = request.POST.get("design", str(form.initial.get("design")))
    design = typed if typed in known else "CLASSIC"
    tagline = request.POST.get("tagline", str(form.initial.get("tagline") or ""))[:120]
    return head_of(seller, design=design, tagline=tagline)


@member_required
@require_POST
def shop_preview(request: HttpRequest) -> HttpResponse:
    """The head of the shop page as it would look; a part of the editor's page."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        raise Http404
    form = ShopForm(initial=ShopForm.values_of(seller, None))
    return render(request, "marketplace/shop_head.html", _previewed(request, seller, form))


@member_required
@require_POST
def shop_banner(request: HttpRequest) -> HttpResponse:
    """Another picture across the page, or none."""
    actor = actor_of(request)
    if request.POST.get("remove") == "1":
        attempt(request, lambda: services.set_banner(data=None, actor=actor, now=utc_now()), done=_("Removed."))
        return redirect("edit_shop")
    form = BannerForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form_problems(form))
        return redirect("edit_shop")
    data = form.cleaned_data["banner"].read()
    attempt(request, lambda: services.set_banner(data=data, actor=actor, now=utc_now()), done=_("Saved."))
    return redirect("edit_shop")


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: HttpRequest) -> HttpResponse:
    """The seller's collections, and a new one."""
    return _collections(request, None)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def collection(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    """Change a collection."""
    return _collections(request, selectors.get_collection(collection_id=collection_id, actor=actor_of(request)))


def _collections(request: HttpRequest, edited: Collection | None) -> HttpResponse:
    actor = actor_of(request)
    seller = find_seller(actor.organisation_id)
    if seller is None:
        return redirect("sell")
    initial = CollectionForm.values_of(edited) if edited else None
    form = CollectionForm(request.POST or None, own=selectors.own_listings(seller.pk), initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = {"title": form.cleaned_data["title"], "listing_ids": form.cleaned_data["listings"]}
        try:
            if edited is None:
                services.add_collection(**facts, actor=actor, now=utc_now())
            else:
                services.change_collection(collection_id=edited.id, **facts, actor=actor, now=utc_now())
            return redirect("collections")
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    context = {"form": form, "edited": edited, "rows": selectors.collections_of(seller.pk), "seller": seller}
    return render(request, "marketplace/collections.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def collection_removal(request: HttpRequest, collection_id: UUID) -> HttpResponse:
    services.remove_collection(collection_id=collection_id, actor=actor_of(request), now=utc_now())
    return redirect("collections")
