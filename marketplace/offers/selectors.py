"""Reads of shared goods: who else offers a thing, and what is to be decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from core.errors import NotFound
from core.statements import Prepared
from marketplace.catalog.models import Listing
from marketplace.catalog.states import ListingState
from marketplace.contracts import SellerState
from marketplace.offers.models import Match
from marketplace.offers.states import MatchState

MAX_OFFERS: Final = 20
LOOK_BACK: Final = timedelta(days=2)

_others = Prepared(
    lambda listing_id: (
        Listing.objects.select_related("seller__standing", "stock").defer("description", "attributes", "safety")
        .filter(
            state=ListingState.PUBLISHED, seller__state=SellerState.VERIFIED, seller__opened_at__isnull=False,
            matches__state=MatchState.ACCEPTED, matches__good__matches__state=MatchState.ACCEPTED,
            matches__good__matches__listing_id=listing_id,
        )
        .exclude(id=listing_id).order_by("price_minor", "id")[:MAX_OFFERS]
    ),
    listing_id=UUID,
)  # fmt: skip


def offers_beside(listing_id: UUID) -> list[Listing]:
    """What other sellers ask for the same thing, cheapest first; one query."""
    return _others.all(listing_id=listing_id)


def matches_of(seller_id: UUID | None) -> QuerySet[Match]:
    """Proposals about a seller's listings, undecided first; page it."""
    found = Match.objects.filter(listing__seller_id=seller_id).select_related("listing", "good")
    return found.order_by("decided_at", "-proposed_at", "-id") if seller_id else Match.objects.none()


def get_match_of(listing_id: UUID) -> Match:
    """What was proposed about a listing. Raises NotFound."""
    found = Match.objects.filter(listing_id=listing_id).first()
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def lock_match(match_id: UUID) -> Match:
    """Raises NotFound."""
    found = Match.objects.select_for_update(of=("self",)).select_related("listing").filter(id=match_id).first()
    if found is None:
        raise NotFound("There is no such proposal.")
    return found


def count_proposed() -> int:
    """Proposals nobody has decided."""
    return Match.objects.filter(state=MatchState.PROPOSED).count()


def same_gtin(*, limit: int) -> list[tuple[UUID, UUID]]:
    """(listing without a match, the oldest listing of another seller with its GTIN), by GTIN."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, o.id FROM marketplace_listing l JOIN LATERAL (SELECT f.id FROM marketplace_listing f"
            "   WHERE f.gtin = l.gtin AND f.state = 'PUBLISHED' AND f.seller_id <> l.seller_id ORDER BY f.id LIMIT 1) o ON true"
            " WHERE l.gtin <> '' AND l.state = 'PUBLISHED'"
            " AND NOT EXISTS (SELECT FROM marketplace_match m WHERE m.listing_id = l.id) ORDER BY l.id LIMIT %s",
            [limit],
        )
        return [(listing_id, other_id) for listing_id, other_id in cursor.fetchall()]


def newly_published(*, now: datetime, limit: int) -> list[Listing]:
    """Listings with a brand published lately that nobody has matched."""
    fresh = Listing.objects.filter(
        state=ListingState.PUBLISHED, published_at__gt=now - LOOK_BACK, matches__isnull=True
    ).exclude(brand="")  # fmt: skip
    return list(fresh.only("id", "title", "brand", "category_id", "seller_id").order_by("published_at", "id")[:limit])


def candidates_for(listing: Listing, *, limit: int = 200) -> list[Listing]:
    """What other sellers offer of the same brand in the same category."""
    others = Listing.objects.filter(
        category_id=listing.category_id, state=ListingState.PUBLISHED, brand__iexact=listing.brand
    ).exclude(seller_id=listing.seller_id)  # fmt: skip
    return list(others.only("id", "title").order_by("id")[:limit])
