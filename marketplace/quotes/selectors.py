"""Reads of price talks; strangers get QuoteNotFound."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from core.actor import Actor
from logistics import facade as logistics
from logistics.contracts import Place as ShippingPlace
from logistics.contracts import ServiceQuote
from marketplace.carts.selectors import packed_parcels
from marketplace.catalog.models import Listing
from marketplace.contracts import MessageSide, Place, QuoteNotFound
from marketplace.quotes.models import Quote, QuoteOffer
from marketplace.quotes.states import OPEN

_OPEN = sorted(state.value for state in OPEN)


def _quotes() -> QuerySet[Quote]:
    return Quote.objects.select_related("buyer", "seller", "listing__stock", "purchase")


def side_of(quote: Quote, actor: Actor) -> MessageSide:
    """Which of the two the actor is. Raises QuoteNotFound for everyone else."""
    if actor.acts_for(quote.buyer_id):
        return MessageSide.BUYER
    if actor.acts_for(quote.seller_id):
        return MessageSide.SELLER
    raise QuoteNotFound()


def get_quote_for(*, quote_id: UUID, actor: Actor) -> Quote:
    """For its buyer, its seller and operators. Raises QuoteNotFound for everyone else."""
    found = _quotes().filter(id=quote_id).first()
    if found is None:
        raise QuoteNotFound()
    if not actor.is_operator:
        side_of(found, actor)
    return found


def find_quote(quote_id: UUID) -> Quote | None:
    """With its parties; the caller checks who asks."""
    return _quotes().filter(id=quote_id).first()


def lock_quote(quote_id: UUID) -> Quote:
    found = (
        Quote.objects.select_for_update(of=("self",))
        .select_related("listing__seller", "listing__stock")
        .filter(id=quote_id)
        .first()
    )
    if found is None:
        raise QuoteNotFound()
    return found


def quotes_of(organisation_id: UUID | None, *, as_seller: bool, state: str = "") -> QuerySet[Quote]:
    """Newest first, each with what its last offer comes to; page it."""
    if organisation_id is None:
        return Quote.objects.none()
    last = QuoteOffer.objects.filter(quote=OuterRef("pk")).order_by("-position")
    found = _quotes().filter(**{"seller_id" if as_seller else "buyer_id": organisation_id})
    if state:
        found = found.filter(state=state)
    return found.annotate(
        last_quantity=Subquery(last.values("quantity")[:1]), last_price=Subquery(last.values("unit_price_minor")[:1]),
        last_shipping=Subquery(last.values("shipping_minor")[:1]),
    ).order_by("-requested_at", "-id")  # fmt: skip


def offers_of(quote_id: UUID) -> list[QuoteOffer]:
    """All words of both sides in order (at most 20)."""
    return list(QuoteOffer.objects.filter(quote_id=quote_id).order_by("position"))


def count_open_requests(buyer_id: UUID) -> int:
    return Quote.objects.filter(buyer_id=buyer_id, state__in=_OPEN).count()


def due_quotes(*, now: datetime, limit: int = 500) -> list[UUID]:
    """Open ones whose time is over."""
    found = Quote.objects.filter(Q(state__in=_OPEN), expires_at__lte=now).order_by("expires_at")
    return list(found.values_list("id", flat=True)[:limit])


def services_for(
    *, listing: Listing, quantity: int, address: Place, handling_days: int, now: datetime
) -> tuple[ServiceQuote, ...]:
    """What carriers offer for that many pieces, packed as they will be, to the address, cheapest first."""
    parcel, *more = packed_parcels([(quantity, listing)], seller_id=listing.seller_id)
    found = logistics.quote(
        origin=ShippingPlace(country=listing.seller.country, postcode=listing.seller.postcode),
        destination=ShippingPlace(country=address.country, postcode=address.postcode),
        parcel=parcel, more=more, handling_days=handling_days, now=now, currency=listing.currency,
    )  # fmt: skip
    return tuple(found.quotes)
