"""Choosing on the listing's page: among the variants of a product, and among the sellers of the same thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.clock import utc_now
from core.money import Money
from logistics import facade as logistics
from logistics.contracts import HintRequest, ServiceQuote
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import variants_of
from marketplace.offers.selectors import offers_beside


@dataclass(frozen=True)
class Choice:
    """A value of an option: which listing it leads to, whether that is this one, and whether it can be had."""

    value: str
    listing_id: UUID
    is_current: bool
    is_available: bool


@dataclass(frozen=True)
class Offer:
    """What a seller asks for the same thing; `landed` is the price with the cheapest delivery."""

    listing: Listing
    promise: ServiceQuote | None
    landed: Money | None
    is_this: bool


def offers_side_by_side(listing: Listing, quotes: Sequence[ServiceQuote], *, country: str) -> list[Offer]:
    """All offers of the same thing with this one, the cheapest on arrival first; none when it is offered here only."""
    others = offers_beside(listing.id)
    if not others:
        return []
    asked = [
        HintRequest(
            origin_country=other.seller.country, destination_country=country, weight_grams=other.weight_grams,
            handling_days=other.handling_days, currency=other.currency,
        )
        for other in others
    ]  # fmt: skip
    promises = logistics.promise_hints(requests=asked, now=utc_now())
    cheapest = min(quotes, key=lambda quote: quote.price.minor, default=None)
    offers = [_offer(listing, cheapest, is_this=True)]
    offers += [_offer(other, promise) for other, promise in zip(others, promises, strict=True)]
    return sorted(offers, key=lambda o: (o.landed is None, (o.landed or o.listing.price).minor, str(o.listing.id)))


def _offer(listing: Listing, promise: ServiceQuote | None, *, is_this: bool = False) -> Offer:
    return Offer(listing, promise, listing.price + promise.price if promise else None, is_this)


def variant_choices(listing: Listing, titles: dict[str, str]) -> list[tuple[str, list[Choice]]]:
    """(option, its values) of the listing's product; each value leads to the variant that differs in it alone, else to the
    nearest that has it."""
    if listing.product is None:
        return []
    options: list[str] = listing.product.options
    family = [one for one in variants_of(listing.product_id) if one.is_published]
    choices = []
    for code in options:
        values = dict.fromkeys(str(one.attributes.get(code, "")) for one in family)
        choices.append((titles.get(code, code), [_choice(listing, family, options, code, value) for value in values]))
    return choices


def _choice(listing: Listing, family: list[Listing], options: list[str], code: str, value: str) -> Choice:
    def likeness(one: Listing) -> tuple[int, bool]:
        same = sum(one.attributes.get(other) == listing.attributes.get(other) for other in options if other != code)
        return same, one.stock.available > 0

    nearest = max((one for one in family if str(one.attributes.get(code, "")) == value), key=likeness)
    is_current = str(listing.attributes.get(code, "")) == value
    return Choice(value, listing.id if is_current else nearest.id, is_current, nearest.stock.available > 0)
