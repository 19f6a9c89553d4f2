"""Reads of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from core.actor import Actor
from core.models import User
from core.statements import Prepared
from marketplace.catalog.models import (
    Category,
    Listing,
    ListingPhoto,
    ListingRevision,
    PriceRecord,
    Reduction,
    StockAlert,
)
from marketplace.catalog.photos import photo_url
from marketplace.catalog.states import ListingState
from marketplace.catalog.terms import PRIOR_WINDOW
from marketplace.contracts import ListingNotFound, ListingView

MAX_IDS = 500
MAX_VARIANTS = 60


_categories = Prepared(lambda: Category.objects.select_related("parent").order_by("position"))


def list_categories() -> tuple[Category, ...]:
    """The whole tree in display order (a few dozen rows)."""
    return tuple(_categories.all())


def leaf_categories() -> list[Category]:
    """Categories a listing can be in."""
    categories = list_categories()
    parents = {category.parent_id for category in categories}
    return [category for category in categories if category.code not in parents]


def leaves_by_code() -> dict[str, Category]:
    """Categories a listing can be in, by code."""
    return {category.code: category for category in leaf_categories()}


def category_choices() -> list[tuple[str, str]]:
    """All categories for a list, each below the one it belongs to."""
    rows = list_categories()
    below: dict[str | None, list[Category]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)

    def walk(parent: str | None, depth: int) -> list[tuple[str, str]]:
        found = []
        for row in below.get(parent, []):
            found += [(row.code, "\u2003" * depth + row.name), *walk(row.code, depth + 1)]
        return found

    return walk(None, 0)


def _listings() -> QuerySet[Listing]:
    return Listing.objects.select_related("category__parent", "seller__standing", "stock", "signals", "product")


def get_public_listing(listing_id: UUID) -> Listing:
    """A listing anyone may see. Raises ListingNotFound."""
    listing = _listings().filter(id=listing_id, state=ListingState.PUBLISHED).first()
    if listing is None or not listing.seller.is_open:
        raise ListingNotFound()
    return listing


_on_sale = Prepared(
    lambda listing_id: (
        Listing.objects.select_related("seller__standing", "stock")
        .defer("description", "attributes", "safety")
        .filter(id=listing_id, state=ListingState.PUBLISHED)[:1]
    ),
    listing_id=UUID,
)


def get_listing_on_sale(listing_id: UUID) -> Listing:
    """A public listing with what a cart asks of it: seller and stock. Raises ListingNotFound."""
    listing = _on_sale.first(listing_id=listing_id)
    if listing is None or not listing.seller.is_open:
        raise ListingNotFound()
    return listing


def get_own_listing(*, listing_id: UUID, seller_id: UUID | None) -> Listing:
    """A listing of this seller in any state. Raises ListingNotFound for others."""
    listing = _listings().filter(id=listing_id, seller_id=seller_id).first() if seller_id else None
    if listing is None:
        raise ListingNotFound()
    return listing


def find_own_listings(ids: Iterable[UUID], *, seller_id: UUID | None) -> dict[UUID, Listing]:
    """Those of the listings that are this seller's, in any state, in one query."""
    found = _listings().filter(id__in=list(ids)[:MAX_IDS], seller_id=seller_id)
    return {listing.id: listing for listing in found} if seller_id else {}


def get_visible_listing(*, listing_id: UUID, seller_id: UUID | None) -> Listing:
    """A public listing, or one's own in any state. Raises ListingNotFound."""
    listing = _listings().filter(id=listing_id, seller_id=seller_id).first() if seller_id else None
    return listing or get_public_listing(listing_id)


def listings_of(seller_id: UUID, *, state: str = "", query: str = "") -> QuerySet[Listing]:
    """A seller's own listings, whole, newest first; page it."""
    listings = _listings().filter(seller_id=seller_id)
    if state:
        listings = listings.filter(state=state)
    if query:
        listings = listings.filter(title__icontains=query)
    return listings.order_by("-created_at", "-id")


def work_list_of(seller_id: UUID, *, state: str = "", query: str = "") -> QuerySet[Listing]:
    """The same with only what a row of the work list shows."""
    light = listings_of(seller_id, state=state, query=query).select_related(None).select_related("stock", "signals")
    return light.defer("description", "attributes")


def low_stock(seller_id: UUID, *, at_most: int = 3, limit: int = 20) -> list[Listing]:
    """Published listings that are about to run out: down to their alert, without one to `at_most`."""
    left = F("stock__on_hand") - F("stock__reserved")
    rows = Listing.objects.select_related("stock").only("title", "stock")
    rows = rows.alias(left=left, few=Coalesce("stock_alert__at_most", at_most))
    return list(
        rows.filter(seller_id=seller_id, state=ListingState.PUBLISHED, left__lte=F("few")).order_by("left", "title")[
            :limit
        ]
    )


def lock_own_listing(listing_id: UUID, actor: Actor) -> Listing:
    """A listing of the actor's shop, locked. Raises ListingNotFound."""
    row = None
    if actor.organisation_id is not None:
        listings = Listing.objects.select_for_update(no_key=True)  # orders that point to it are not kept waiting
        row = listings.filter(id=listing_id, seller_id=actor.organisation_id).first()
    if row is None:
        raise ListingNotFound()
    return row


def lock_due_publication(*, now: datetime) -> Listing | None:
    """The listing that is due to go on sale the longest and that nobody else has locked, locked."""
    due = Listing.objects.select_for_update(skip_locked=True).filter(publish_at__lte=now)
    return due.order_by("publish_at", "id").first()


def revisions_of(listing_id: UUID) -> QuerySet[ListingRevision]:
    """What changed in a listing, newest first; page it."""
    return ListingRevision.objects.filter(listing_id=listing_id).order_by("-at", "-id")


def names_of_actors(references: Iterable[str]) -> dict[str, str]:
    """Reference -> name of the people among them who act for a shop, in one query."""
    people = {one: one.removeprefix("MEMBER:") for one in references if one.startswith("MEMBER:")}
    names = {
        str(user_id): name for user_id, name in User.objects.filter(id__in=people.values()).values_list("id", "name")
    }
    return {one: names[user_id] for one, user_id in people.items() if user_id in names}


def revisions_after(listing_id: UUID, version: int) -> list[dict[str, Any]]:
    """The changes of the versions after `version`, newest first."""
    found = ListingRevision.objects.filter(listing_id=listing_id, version__gt=version)
    return list(found.order_by("-version", "-at", "-id").values_list("changes", flat=True))


_variants = Prepared(
    lambda product_id: (
        Listing.objects.select_related("stock").defer("description").filter(product_id=product_id)
        .exclude(state=ListingState.BLOCKED).order_by("id")[:MAX_VARIANTS]
    ),
    product_id=UUID,
)  # fmt: skip


def variants_of(product_id: UUID | None) -> list[Listing]:
    """The variants of a product in any state but blocked, with their stock, oldest first; none without a product."""
    return _variants.all(product_id=product_id) if product_id else []


def families_of(listing_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Listing -> product, for every variant of the products that these listings belong to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, product_id FROM marketplace_listing WHERE product_id IN"
            " (SELECT product_id FROM marketplace_listing WHERE id = ANY(%s::uuid[]) AND product_id IS NOT NULL)"
            " ORDER BY id",
            [list(listing_ids)],
        )
        return dict(cursor.fetchall())


def price_history(listing_id: UUID, *, until: datetime) -> list[tuple[datetime, int]]:
    """(from when, minor units) of a listing's prices on sale since 30 days before `until`, with the one in force then."""
    records = PriceRecord.objects.filter(listing_id=listing_id, at__lt=until)
    opens = until - PRIOR_WINDOW
    in_force = records.filter(at__lte=opens).order_by("-at", "-id").values_list("at", "price_minor")[:1]
    later = records.filter(at__gt=opens).order_by("at", "id").values_list("at", "price_minor")[:1000]
    return [*in_force, *later]


def find_reduction(listing_id: UUID) -> Reduction | None:
    """The reduction that runs on a listing."""
    return Reduction.objects.filter(listing_id=listing_id, ended_at=None).first()


def find_stock_alert(listing_id: UUID) -> StockAlert | None:
    return StockAlert.objects.filter(listing_id=listing_id).first()


def due_reductions(*, now: datetime, limit: int = 500) -> list[tuple[UUID, UUID]]:
    """(listing, seller) of reductions whose last day is over."""
    due = Reduction.objects.filter(ended_at=None, ends_at__lte=now).order_by("ends_at")
    return list(due.values_list("listing_id", "listing__seller_id")[:limit])


def end_of_page(seller_id: UUID, *, after: UUID | None, size: int) -> UUID | None:
    """The last listing on sale of a page of `size`, when others follow it."""
    ids = Listing.objects.filter(seller_id=seller_id, state=ListingState.PUBLISHED).order_by("id")
    found = (ids.filter(id__gt=after) if after else ids).values_list("id", flat=True)[size - 1 : size + 1]
    return found[0] if len(found) > 1 else None


def offered_by(seller_id: UUID, *, after: UUID | None, limit: int) -> list[Listing]:
    """What a shop has on sale in id order, a page at a time, with category, stock and product."""
    listings = Listing.objects.select_related("category", "stock", "product")
    listings = listings.filter(seller_id=seller_id, state=ListingState.PUBLISHED).order_by("id")
    return list((listings.filter(id__gt=after) if after else listings)[:limit])


_by_ids = Prepared(lambda ids: _listings().filter(id__any_of=ids), ids=list)


def listings_by_id(ids: Iterable[UUID]) -> dict[UUID, Listing]:
    """Several listings in one query, whatever their state."""
    wanted = list(dict.fromkeys(ids))[:MAX_IDS]
    return {listing.id: listing for listing in _by_ids.all(ids=wanted)}


def titles_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Id -> title, whatever the listing's state."""
    return dict(Listing.objects.filter(id__any_of=list(ids)[:MAX_IDS]).values_list("id", "title"))


_first_photos = Prepared(
    lambda ids: (
        ListingPhoto.objects.filter(listing_id__any_of=ids)
        .order_by("listing_id", "position", "id")
        .distinct("listing_id")
    ),
    ids=list,
)


def first_photos(ids: Iterable[UUID]) -> dict[UUID, ListingPhoto]:
    """The first picture of each listing, in one query."""
    return {photo.listing_id: photo for photo in _first_photos.all(ids=list(ids))}


def photos_of(listing_id: UUID) -> list[ListingPhoto]:
    return list(ListingPhoto.objects.filter(listing_id=listing_id)[:20])


def thumbnail(photo: ListingPhoto | None, size: str = "s") -> str:
    return photo_url(photo.name, size) if photo else ""


def listing_view(listing: Listing) -> ListingView:
    return ListingView(
        listing_id=listing.id, seller_id=listing.seller_id, title=listing.title, price=listing.price,
        available=listing.stock.available, is_published=listing.is_published and listing.seller.is_open,
        category_code=listing.category_id,
    )  # fmt: skip


def published_ids(*, after: UUID | None = None, limit: int = 1000) -> list[UUID]:
    """Ids of published listings in id order, a page at a time."""
    listings = Listing.objects.filter(state=ListingState.PUBLISHED).order_by("id")
    if after is not None:
        listings = listings.filter(id__gt=after)
    return list(listings.values_list("id", flat=True)[:limit])
