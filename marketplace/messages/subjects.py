"""What a conversation can be about, and who the two sides are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from core.actor import Actor
from core.errors import NotAllowed, NotFound
from marketplace.catalog.selectors import get_public_listing
from marketplace.contracts import OwnGoods, ThreadKind, ThreadNotFound
from marketplace.orders.selectors import get_order_for
from marketplace.quotes.selectors import get_quote_for
from marketplace.sellers.selectors import get_seller


@dataclass(frozen=True)
class Subject:
    """A thing two organisations can talk about."""

    kind: ThreadKind
    subject_id: UUID
    title: str
    buyer_id: UUID
    seller_id: UUID


def get_subject(*, kind: ThreadKind, subject_id: UUID, actor: Actor) -> Subject:
    """The subject with its two sides; for a listing or a shop whoever asks is the buyer.

    Raises NotFound (a stranger, or not public), OwnGoods, NotAllowed (acts for nobody).
    """
    if actor.organisation_id is None:
        raise NotAllowed("Log in to write.")
    return _READ[kind](subject_id, actor, actor.organisation_id)


def _listing(subject_id: UUID, actor: Actor, asker: UUID) -> Subject:
    listing = get_public_listing(subject_id)
    if actor.acts_for(listing.seller_id):
        raise OwnGoods("This is your own listing.")
    return Subject(ThreadKind.LISTING, listing.id, listing.title, asker, listing.seller_id)


def _shop(subject_id: UUID, actor: Actor, asker: UUID) -> Subject:
    seller = get_seller(subject_id)
    if not seller.is_open:
        raise NotFound("There is no such shop.")
    if actor.acts_for(subject_id):
        raise OwnGoods("This is your own shop.")
    return Subject(ThreadKind.SHOP, seller.pk, seller.name, asker, seller.pk)


def _order(subject_id: UUID, actor: Actor, asker: UUID) -> Subject:
    order = get_order_for(order_id=subject_id, actor=actor)
    if asker not in (order.buyer_id, order.seller_id):
        raise ThreadNotFound()
    return Subject(ThreadKind.ORDER, order.id, order.number, order.buyer_id, order.seller_id)


def _quote(subject_id: UUID, actor: Actor, asker: UUID) -> Subject:
    quote = get_quote_for(quote_id=subject_id, actor=actor)
    if asker not in (quote.buyer_id, quote.seller_id):
        raise ThreadNotFound()
    title = f"{quote.number} · {quote.listing.title}"
    return Subject(ThreadKind.QUOTE, quote.id, title, quote.buyer_id, quote.seller_id)


_READ: dict[ThreadKind, Callable[[UUID, Actor, UUID], Subject]] = {
    ThreadKind.LISTING: _listing, ThreadKind.SHOP: _shop, ThreadKind.ORDER: _order,
    ThreadKind.QUOTE: _quote,
}  # fmt: skip


def url_of(*, kind: str, subject_id: UUID, slug: str) -> str:
    """The page of what is talked about; `slug` is the seller's shop."""
    pages = {
        ThreadKind.LISTING: ("listing", subject_id), ThreadKind.ORDER: ("order", subject_id),
        ThreadKind.SHOP: ("shop", slug), ThreadKind.QUOTE: ("quote", subject_id),
    }  # fmt: skip
    name, argument = pages[ThreadKind(kind)]
    return reverse(name, args=[argument])
