"""Writes of price talks. Locks the quote, then what placing a purchase locks (stock)."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed, TransitionRefused
from core.events.marketplace import QuoteAccepted, QuoteClosed, QuoteOffered, QuoteRequested
from core.ids import new_id, short_code
from core.money import Money
from core.outbox.services import publish
from core.states import next_state
from logistics.contracts import ServiceQuote
from marketplace.addresses.rules import checked_address
from marketplace.agreements.models import Agreement
from marketplace.agreements.services import open_agreement
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import get_listing_on_sale
from marketplace.checkout.agreed import place_agreed
from marketplace.contracts import (
    DeliveryUnavailable,
    ListingUnavailable,
    MessageSide,
    OfferInput,
    OwnGoods,
    Place,
    PriceChanged,
    QuoteNotFound,
    QuoteState,
)
from marketplace.orders.models import Purchase
from marketplace.quotes.models import Quote, QuoteOffer, QuoteTransition
from marketplace.quotes.rules import (
    MAX_OFFERS,
    MAX_OPEN_REQUESTS,
    MAX_WISH,
    PAYMENT_WINDOW,
    REQUEST_LIFE,
    check_offer,
    checked_quantity,
    checked_words,
    side_asked,
)
from marketplace.quotes.selectors import count_open_requests, lock_quote, offers_of, services_for, side_of
from marketplace.quotes.states import TRANSITIONS, QuoteAction

A = QuoteAction


def request_quote(*, listing_id: UUID, quantity: int, wish: str, address: Place, actor: Actor, now: datetime) -> Quote:
    """A buyer asks a seller for a price. Publishes QuoteRequested.

    Raises ListingNotFound, OwnGoods, InvalidInput (quantity, address, words, too many open ones), NotAllowed.
    """
    if actor.organisation_id is None:
        raise NotAllowed("Log in to ask.")
    listing = get_listing_on_sale(listing_id)
    if actor.acts_for(listing.seller_id):
        raise OwnGoods()
    if count_open_requests(actor.organisation_id) >= MAX_OPEN_REQUESTS:
        raise InvalidInput("You have too many open requests.", field="quantity")
    words = checked_words(wish, most=MAX_WISH, field="wish")
    with transaction.atomic():
        made = open_quote(
            listing=listing, buyer_id=actor.organisation_id, quantity=checked_quantity(quantity), wish=words,
            address=checked_address(address), actor=actor, now=now,
        )  # fmt: skip
        publish(QuoteRequested(**_facts(made, now), quantity=quantity), actor=actor, now=now)
    return made


def open_quote(
    *, listing: Listing, buyer_id: UUID, quantity: int, wish: str, address: Place, actor: Actor, now: datetime,
    edits_left: int | None = None,
) -> Quote:  # fmt: skip
    """The row of a price talk, in the caller's transaction and with what the caller checked."""
    quote_id = new_id()
    made = Quote.objects.create(
        id=quote_id, number=short_code(quote_id, prefix="LQ"), listing=listing, buyer_id=buyer_id,
        seller_id=listing.seller_id, quantity=quantity, wish=wish, ship_to=asdict(address), currency=listing.currency,
        state=QuoteState.REQUESTED, requested_at=now, expires_at=now + REQUEST_LIFE, edits_left=edits_left,
    )  # fmt: skip
    _note(made, from_state="", action="REQUEST", actor=actor, reason="", now=now)
    return made


def make_offer(*, quote_id: UUID, offer: OfferInput, actor: Actor, now: datetime) -> QuoteOffer:
    """Say what one would agree to: the seller's offer or the buyer's counter-offer. Publishes QuoteOffered.

    Raises QuoteNotFound (a stranger), InvalidInput (a bad value, too many offers), DeliveryUnavailable, TransitionRefused
    (over, or the buyer speaks before the seller).
    """
    with transaction.atomic():
        quote = lock_quote(quote_id)
        side = side_of(quote, actor)
        _refuse_expired(quote, now=now)
        check_offer(offer, currency=quote.currency)
        made = offers_of(quote.id)
        if len(made) >= MAX_OFFERS:
            raise InvalidInput("There were enough offers.", field="unit_price", remedy="Accept or decline.")
        if side is MessageSide.SELLER:
            _count_edit(quote)
        service = _service(quote, offer.service_code, offer.quantity, offer.handling_days, now=now)
        word = QuoteOffer.objects.create(
            quote=quote, position=len(made) + 1, side=side, quantity=offer.quantity,
            unit_price_minor=offer.unit_price.minor, currency=quote.currency,
            shipping_minor=(offer.shipping if offer.shipping is not None else service.price).minor,
            service_code=service.service_code, service_name=f"{service.carrier_name}, {service.service_name}"[:120],
            handling_days=offer.handling_days, note=offer.note.strip(), actor=actor.reference, at=now,
            valid_until=now + timedelta(days=offer.valid_days),
        )  # fmt: skip
        quote.expires_at = word.valid_until
        action = A.OFFER if side is MessageSide.SELLER else A.COUNTER
        _move(quote, action, actor=actor, now=now, columns=("expires_at", "edits_left"))
        event = QuoteOffered(
            **_facts(quote, now), by=side.value, quantity=word.quantity, unit_price=word.unit_price, total=word.total,
            valid_until=word.valid_until,
        )  # fmt: skip
        publish(event, actor=actor, now=now)
    return word


def _count_edit(quote: Quote) -> None:
    """An answer to a tender may be replaced so many times before the buyer speaks."""
    if quote.edits_left is None or quote.state != QuoteState.OFFERED:
        return
    if quote.edits_left == 0:
        raise InvalidInput(
            "This quote was changed often enough.", field="unit_price", remedy="Wait for the buyer's answer."
        )
    quote.edits_left -= 1


def accept_offer(*, quote_id: UUID, expected_total: Money, actor: Actor, now: datetime) -> Purchase:
    """Agree to the other side's last word: the purchase is placed at that price, its stock reserved, and the buyer is to pay.

    Accepted already: that purchase. Publishes QuoteAccepted and OrderPlaced. Raises QuoteNotFound (a stranger), PriceChanged
    (another word stands), TransitionRefused (over, or one's own word), ListingUnavailable, NotEnoughStock,
    DeliveryUnavailable.
    """
    with transaction.atomic():
        quote = lock_quote(quote_id)
        side = side_of(quote, actor)
        if quote.purchase_id is not None:
            return Purchase.objects.get(id=quote.purchase_id)
        _refuse_expired(quote, now=now)
        next_state(TRANSITIONS, QuoteState(quote.state), A.ACCEPT)
        if side is not side_asked(quote.state):
            raise TransitionRefused("It is the other side's turn.")
        word = offers_of(quote.id)[-1]
        if word.total != expected_total:
            raise PriceChanged()
        purchase = _place(quote, word, actor=actor, now=now)
        quote.purchase, quote.closed_at = purchase, now
        _move(quote, A.ACCEPT, actor=actor, now=now, columns=("purchase", "closed_at"))
        event = QuoteAccepted(**_facts(quote, now), by=side.value, purchase_id=purchase.id, total=word.total)
        publish(event, actor=actor, now=now)
    return purchase


def _place(quote: Quote, word: QuoteOffer, *, actor: Actor, now: datetime) -> Purchase:
    listing = quote.listing
    if not listing.is_published or not listing.seller.is_open:
        raise ListingUnavailable()
    service = _service(quote, word.service_code, word.quantity, word.handling_days, now=now)
    return place_agreed(
        key=f"quote:{quote.id}", buyer_id=quote.buyer_id, listing=listing, quantity=word.quantity,
        unit_price=word.unit_price, delivery=replace(service, price=word.shipping), address=quote.address,
        pay_until=now + PAYMENT_WINDOW, actor=actor, now=now,
    )  # fmt: skip


def close_quote(*, quote_id: UUID, reason: str, actor: Actor, now: datetime) -> Quote:
    """End it: who is asked declines, whose word stands withdraws. Closed already: nothing changes. Publishes QuoteClosed.

    Raises QuoteNotFound (a stranger), TransitionRefused (accepted).
    """
    with transaction.atomic():
        quote = lock_quote(quote_id)
        side = side_of(quote, actor)
        if quote.state in (QuoteState.DECLINED, QuoteState.WITHDRAWN, QuoteState.EXPIRED):
            return quote
        action = A.DECLINE if side is side_asked(quote.state) else A.WITHDRAW
        _close(quote, action, by=side.value, reason=reason.strip()[:500], actor=actor, now=now)
    return quote


def decline_for_buyer(*, quote_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The buyer's tender ended without this quote; over already: nothing changes. Publishes QuoteClosed."""
    with transaction.atomic():
        quote = lock_quote(quote_id)
        if side_asked(quote.state) is not None:
            action = A.DECLINE if side_asked(quote.state) is MessageSide.BUYER else A.WITHDRAW
            _close(quote, action, by="BUYER", reason=reason, actor=actor, now=now)


def expire_quote(*, quote_id: UUID, now: datetime) -> bool:
    """Nobody answered in time. Publishes QuoteClosed; False when it was answered in between."""
    actor = Actor.system("expiry")
    with transaction.atomic():
        quote = lock_quote(quote_id)
        if quote.expires_at > now or side_asked(quote.state) is None:
            return False
        _close(quote, A.EXPIRE, by="SYSTEM", reason="", actor=actor, now=now)
    return True


def convert_quote(*, quote_id: UUID, actor: Actor, now: datetime) -> Agreement:
    """The seller answers with something made to order and a payment plan instead. Publishes QuoteClosed, AgreementRequested.

    Converted already: that agreement. Raises QuoteNotFound (not the seller), TransitionRefused (over).
    """
    with transaction.atomic():
        quote = lock_quote(quote_id)
        if side_of(quote, actor) is not MessageSide.SELLER:
            raise QuoteNotFound()
        if quote.agreement_id is not None:
            return Agreement.objects.get(id=quote.agreement_id)
        wish = f"{quote.quantity} ×\n{quote.wish}".strip()
        quote.agreement = open_agreement(
            listing=quote.listing, buyer_id=quote.buyer_id, wish=wish, actor=actor, now=now
        )  # fmt: skip
        _close(quote, A.CONVERT, by="SELLER", reason="", actor=actor, now=now, columns=("agreement",))
    return quote.agreement


# ------------------------------------------------------------------------------------------------ shared


def _service(quote: Quote, code: str, quantity: int, handling_days: int, *, now: datetime) -> ServiceQuote:
    offers = services_for(
        listing=quote.listing, quantity=quantity, address=quote.address, handling_days=handling_days, now=now
    )
    for offer in offers:
        if offer.service_code == code:
            return offer
    raise DeliveryUnavailable(field="service_code")


def _refuse_expired(quote: Quote, *, now: datetime) -> None:
    if side_asked(quote.state) is not None and quote.expires_at <= now:
        raise TransitionRefused("Its time is over.")


def _close(
    quote: Quote, action: QuoteAction, *, by: str, reason: str, actor: Actor, now: datetime,
    columns: tuple[str, ...] = (),
) -> None:  # fmt: skip
    quote.closed_at = now
    _move(quote, action, actor=actor, now=now, reason=reason, columns=("closed_at", *columns))
    event = QuoteClosed(**_facts(quote, now), outcome=quote.state, by=by, reason=reason)
    publish(event, actor=actor, now=now)


def _move(
    quote: Quote, action: QuoteAction, *, actor: Actor, now: datetime, reason: str = "", columns: tuple[str, ...] = ()
) -> None:
    before = QuoteState(quote.state)
    quote.state = next_state(TRANSITIONS, before, action)
    quote.save(update_fields=["state", *columns])
    _note(quote, from_state=before, action=action, actor=actor, reason=reason, now=now)


def _note(quote: Quote, *, from_state: str, action: str, actor: Actor, reason: str, now: datetime) -> None:
    QuoteTransition.objects.create(
        quote=quote, from_state=from_state, to_state=quote.state, action=action, actor=actor.reference, reason=reason,
        at=now,
    )  # fmt: skip


def _facts(quote: Quote, now: datetime) -> dict[str, Any]:
    return {
        "quote_id": quote.id, "number": quote.number, "listing_id": quote.listing_id, "buyer_id": quote.buyer_id,
        "seller_id": quote.seller_id, "at": now,
    }  # fmt: skip
