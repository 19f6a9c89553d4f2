"""Reads of shop pages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet

from core.actor import Actor
from core.errors import NotFound
from marketplace.catalog.models import Listing
from marketplace.catalog.states import ListingState
from marketplace.messages.selectors import ReplyFigures
from marketplace.sellers.models import Seller
from marketplace.shops.models import Collection, CollectionItem, Follow, ShopPage
from marketplace.shops.rules import DIGEST_EVERY, MAX_COLLECTIONS, SHOWN_IN_DIGEST, Badge, badges_of

BEST = 4


def find_page(seller_id: UUID) -> ShopPage | None:
    return ShopPage.objects.filter(seller_id=seller_id).first()


def _on_sale() -> QuerySet[Listing]:
    return Listing.objects.defer("description", "attributes").filter(state=ListingState.PUBLISHED)


def best_sellers(seller_id: UUID, *, limit: int = BEST) -> list[Listing]:
    """What was bought most in the last month; nothing that nobody bought."""
    found = _on_sale().filter(seller_id=seller_id, signals__units_sold_30d__gt=0).select_related("signals")
    return list(found.order_by("-signals__units_sold_30d", "title")[:limit])


def collections_of(seller_id: UUID) -> list[Collection]:
    """With their listings that are on sale, in order; two queries (at most 20 of at most 60)."""
    items = CollectionItem.objects.filter(listing__state=ListingState.PUBLISHED).select_related("listing")
    found = Collection.objects.filter(seller_id=seller_id)
    return list(found.prefetch_related(Prefetch("items", queryset=items.order_by("position")))[:MAX_COLLECTIONS])


def get_collection(*, collection_id: UUID, actor: Actor) -> Collection:
    """The actor's own. Raises NotFound."""
    found = Collection.objects.filter(id=collection_id, seller_id=actor.organisation_id).first()
    if found is None:
        raise NotFound("There is no such collection.")
    return found


def own_listings(seller_id: UUID) -> list[Listing]:
    """What a seller can put into a collection (at most 300)."""
    return list(_on_sale().filter(seller_id=seller_id).order_by("title")[:300])


def badges(seller: Seller, figures: ReplyFigures) -> tuple[Badge, ...]:
    standing = seller.standing
    return badges_of(
        rating_hundredths=standing.rating_hundredths, rating_count=standing.rating_count,
        orders_count=standing.orders_count, promise_kept_bp=standing.promise_kept_bp, reply_share=figures.share,
    )  # fmt: skip


def is_following(*, organisation_id: UUID | None, seller_id: UUID) -> bool:
    if organisation_id is None:
        return False
    return Follow.objects.filter(organisation_id=organisation_id, seller_id=seller_id).exists()


def followed_by(organisation_id: UUID | None) -> QuerySet[Follow]:
    """Shops an organisation follows, the last first; page it."""
    found = Follow.objects.select_related("seller__standing")
    return found.none() if organisation_id is None else found.filter(organisation_id=organisation_id)


def due_digests(*, now: datetime, limit: int = 200) -> list[UUID]:
    """Organisations that follow a shop which has put something on sale since they were told."""
    found = Follow.objects.filter(
        told_at__lte=now - DIGEST_EVERY, seller__listings__state=ListingState.PUBLISHED,
        seller__listings__published_at__gt=F("told_at"),
    )  # fmt: skip
    return list(found.order_by("organisation_id").values_list("organisation_id", flat=True).distinct()[:limit])


def news_for(organisation_id: UUID) -> list[Listing]:
    """What the followed shops put on sale since the organisation was told (at most 8)."""
    found = _on_sale().filter(
        seller__followers__organisation_id=organisation_id, published_at__gt=F("seller__followers__told_at")
    )
    return list(found.select_related("seller").order_by("-published_at", "-id")[:SHOWN_IN_DIGEST])
