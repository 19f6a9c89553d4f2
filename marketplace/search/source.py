"""What the index is made of, read from PostgreSQL: one row a listing, without model instances (a full build reads millions)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import F

from marketplace.catalog.models import Listing
from marketplace.catalog.states import ListingState
from marketplace.contracts import SellerState


class SourceRow(NamedTuple):
    """A listing on sale with its seller, stock and figures, as the index needs them."""

    id: UUID
    title: str
    description: str
    brand: str
    gtin: str
    condition: str
    attributes: dict[str, Any]
    price_minor: int
    currency: str
    prior_minor: int | None
    handling_days: int
    min_quantity: int
    weight_grams: int
    category_id: str
    published_at: datetime
    sku: str
    variant: str
    seller_id: UUID
    seller_name: str
    seller_slug: str
    seller_country: str
    seller_kind: str
    seller_rating_hundredths: int
    seller_rating_count: int
    promise_kept_bp: int | None
    dispute_rate_bp: int | None
    on_hand: int
    reserved: int
    rating_hundredths: int
    rating_count: int
    units_sold_30d: int
    click_rate_bp: int
    conversion_bp: int


_PATHS: Final = {
    "seller_name": "seller__name", "seller_slug": "seller__slug", "seller_country": "seller__country",
    "seller_kind": "seller__kind",
    "seller_rating_hundredths": "seller__standing__rating_hundredths",
    "seller_rating_count": "seller__standing__rating_count", "promise_kept_bp": "seller__standing__promise_kept_bp",
    "dispute_rate_bp": "seller__standing__dispute_rate_bp", "on_hand": "stock__on_hand", "reserved": "stock__reserved",
    "rating_hundredths": "signals__rating_hundredths", "rating_count": "signals__rating_count",
    "units_sold_30d": "signals__units_sold_30d", "click_rate_bp": "signals__click_rate_bp",
    "conversion_bp": "signals__conversion_bp",
}  # fmt: skip


def source_rows(listing_ids: Sequence[UUID]) -> dict[UUID, SourceRow]:
    """The rows of those of the listings that must be found (on sale, in an open shop), in one query."""
    columns = [F(_PATHS.get(name, name)) for name in SourceRow._fields]
    findable = Listing.objects.filter(
        id__any_of=list(listing_ids), state=ListingState.PUBLISHED, published_at__isnull=False,
        seller__state=SellerState.VERIFIED, seller__opened_at__isnull=False,
    )  # fmt: skip
    return {row[0]: SourceRow._make(row) for row in findable.order_by().values_list(*columns)}
