"""Writes of tenders. Locks the tender, then the seller (its quota), then what price talks lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed, TransitionRefused
from core.events.marketplace import TenderClosed, TenderPublished
from core.ids import new_id, short_code
from core.money import Money
from core.outbox.services import publish
from core.states import next_state
from core.web import attachments
from core.web.attachments import Attachment
from marketplace.addresses.rules import checked_address
from marketplace.catalog.selectors import get_own_listing, leaves_by_code
from marketplace.contracts import NeedInput, OfferInput, QuotaUsedUp, TenderNotFound, TenderState
from marketplace.orders.models import Purchase
from marketplace.quotes.services import accept_offer, decline_for_buyer, make_offer, open_quote
from marketplace.sellers.selectors import lock_seller
from marketplace.tenders.models import Bid, BidPolicy, Invitation, Tender, TenderFile, TenderTransition
from marketplace.tenders.rules import (
    CHOOSING,
    MAX_FILES,
    MAX_OPEN,
    BidPolicyValues,
    check_need,
    chosen_sellers,
    month_start,
    reserved_until,
)
from marketplace.tenders.selectors import (
    count_bids_since,
    count_open,
    find_bid,
    find_bid_of_quote,
    fitting_sellers,
    get_invitation,
    lock_tender,
    policy_at,
)
from marketplace.tenders.states import TRANSITIONS, TenderAction

FOLDER = "tenders"
NOT_CHOSEN = "Another offer was chosen."


def publish_tender(
    *, need: NeedInput, currency: str, actor: Actor, now: datetime, uploads: Sequence[File[Any]] = ()
) -> Tender:
    """Tell matching sellers what a buyer needs. Publishes TenderPublished.

    Raises InvalidInput (a bad value, too many open ones, nobody sells it), BadUpload, NotAllowed.
    """
    buyer_id = actor.organisation_id
    if buyer_id is None:
        raise NotAllowed("Log in to ask.")
    check_need(need, currency=currency)
    address = checked_address(need.address)
    category = leaves_by_code().get(need.category_code)
    if category is None:
        raise InvalidInput("Choose a category.", field="category_code")
    if count_open(buyer_id) >= MAX_OPEN:
        raise InvalidInput("You have too many open requests.", field="title")
    if len(uploads) > MAX_FILES:
        raise InvalidInput("Too many files.", field="attachments", remedy="At most 5 with one message.")
    policy = policy_at(now)
    invited = chosen_sellers(
        fitting_sellers(category=category, address=address, buyer_id=buyer_id, currency=currency, now=now), policy
    )
    if not invited:
        raise InvalidInput("Nobody here sells that yet.", field="category_code", remedy="Choose another category.")
    deadline = now + timedelta(days=need.days)
    with attachments.kept(FOLDER, uploads) as kept, transaction.atomic():
        tender_id = new_id()
        tender = Tender.objects.create(
            id=tender_id, number=short_code(tender_id, prefix="LR"), buyer_id=buyer_id, category=category,
            title=need.title.strip(), need=need.need.strip(), quantity=need.quantity, currency=currency,
            target_minor=None if need.target is None else need.target.minor, ship_to=asdict(address),
            edits_per_bid=policy.edits_per_bid, state=TenderState.OPEN, published_at=now, deadline=deadline,
            reserved_until=reserved_until(invited, policy, now=now), choose_until=deadline + CHOOSING,
        )  # fmt: skip
        Invitation.objects.bulk_create(
            Invitation(tender=tender, seller_id=one.seller_id, is_top=one.is_top) for one in invited
        )
        TenderFile.objects.bulk_create(_file(tender, one) for one in kept)
        _note(tender, from_state="", action="PUBLISH", actor=actor, reason="", now=now)
        event = TenderPublished(
            **_facts(tender, now), quantity=tender.quantity, deadline=tender.deadline, invited=len(invited)
        )
        publish(event, actor=actor, now=now)
    return tender


def place_bid(*, tender_id: UUID, listing_id: UUID, offer: OfferInput, actor: Actor, now: datetime) -> Bid:
    """A seller answers with a quote on one of its listings. Publishes QuoteOffered.

    Locks the tender and the seller. Raises TenderNotFound (not asked, not its turn), TransitionRefused (over), QuotaUsedUp,
    InvalidInput (answered already, a bad value), ListingNotFound (not its own), DeliveryUnavailable.
    """
    with transaction.atomic():
        tender = lock_tender(tender_id)
        get_invitation(tender=tender, seller_id=actor.organisation_id, now=now)
        assert actor.organisation_id is not None, "invited"
        if tender.state != TenderState.OPEN or tender.deadline <= now:
            raise TransitionRefused("Its time is over.")
        if find_bid(tender_id=tender.id, seller_id=actor.organisation_id) is not None:
            raise InvalidInput("You have answered already.", field="listing_id", remedy="Change your quote instead.")
        lock_seller(actor.organisation_id)
        used = count_bids_since(seller_id=actor.organisation_id, since=month_start(now))
        if used >= policy_at(now).bids_per_month:
            raise QuotaUsedUp()
        listing = get_own_listing(listing_id=listing_id, seller_id=actor.organisation_id)
        if not listing.is_published or listing.currency != tender.currency:
            raise InvalidInput("Choose a published listing.", field="listing_id")
        quote = open_quote(
            listing=listing, buyer_id=tender.buyer_id, quantity=tender.quantity, wish=tender.need, address=tender.address,
            edits_left=tender.edits_per_bid, actor=actor, now=now,
        )  # fmt: skip
        bid = Bid.objects.create(tender=tender, seller_id=actor.organisation_id, quote=quote, at=now)
        make_offer(quote_id=quote.id, offer=offer, actor=actor, now=now)
    return bid


def accept_bid(*, tender_id: UUID, quote_id: UUID, expected_total: Money, actor: Actor, now: datetime) -> Purchase:
    """The buyer chooses one answer: its purchase is placed, the tender is awarded, the others are told.

    Chosen already: that purchase. Raises TenderNotFound (not the buyer, not an answer to it), TransitionRefused (over), and
    what accepting an offer raises.
    """
    with transaction.atomic():
        tender = _lock_own(tender_id, actor)
        bid = find_bid_of_quote(quote_id)
        if bid is None or bid.tender_id != tender.id:
            raise TenderNotFound()
        if tender.state not in (TenderState.OPEN, TenderState.AWARDED):
            raise TransitionRefused("This request is over.")
        if tender.state == TenderState.AWARDED and bid.quote.purchase_id is None:
            raise TransitionRefused("Another offer was chosen.")
        purchase = accept_offer(quote_id=quote_id, expected_total=expected_total, actor=actor, now=now)
        _award(tender, quote_id, actor=actor, now=now)
    return purchase


def award_by_quote(*, quote_id: UUID, now: datetime) -> None:
    """A quote was agreed on its own page: if it answers a tender, that is awarded. Awarded already: nothing changes."""
    bid = find_bid_of_quote(quote_id)
    if bid is not None:
        with transaction.atomic():
            _award(lock_tender(bid.tender_id), quote_id, actor=Actor.system("tenders"), now=now)


def _award(tender: Tender, quote_id: UUID, *, actor: Actor, now: datetime) -> None:
    if tender.state == TenderState.OPEN:
        _end(tender, TenderAction.AWARD, quote_id=quote_id, reason=NOT_CHOSEN, actor=actor, now=now)


def close_tender(*, tender_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The buyer needs it no more; the sellers that answered are told. Closed already: nothing changes.

    Raises TenderNotFound (not the buyer), TransitionRefused (awarded).
    """
    with transaction.atomic():
        tender = _lock_own(tender_id, actor)
        if tender.state != TenderState.CLOSED:
            _end(tender, TenderAction.CLOSE, quote_id=None, reason=reason.strip()[:500], actor=actor, now=now)


def expire_tender(*, tender_id: UUID, now: datetime) -> bool:
    """The buyer did not choose in time; False when they did in between."""
    with transaction.atomic():
        tender = lock_tender(tender_id)
        if tender.state != TenderState.OPEN or tender.choose_until > now:
            return False
        _end(tender, TenderAction.EXPIRE, quote_id=None, reason="", actor=Actor.system("expiry"), now=now)
    return True


def set_bid_policy(*, values: BidPolicyValues, reason: str, actor: Actor, now: datetime) -> BidPolicy:
    """The operator sets what sellers may do from now on. Raises NotAllowed, InvalidInput (no reason)."""
    if not actor.is_operator:
        raise NotAllowed("Only the operator decides this.")
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason")
    with transaction.atomic():
        policy = BidPolicy.objects.create(effective_at=now, **asdict(values))
        record(actor=actor, action="bid_policy.set", subject_type="bid_policy", subject_id=policy.id, now=now,
               reason=reason.strip(), **asdict(values))  # fmt: skip
    return policy


def mark_told(*, invitation_id: UUID, now: datetime) -> bool:
    """A letter to this seller is about to go; False when another worker was quicker."""
    return bool(Invitation.objects.filter(id=invitation_id, told_at=None).update(told_at=now))


# ------------------------------------------------------------------------------------------------ shared


def _lock_own(tender_id: UUID, actor: Actor) -> Tender:
    tender = lock_tender(tender_id)
    if not actor.acts_for(tender.buyer_id):
        raise TenderNotFound()
    return tender


def _end(
    tender: Tender, action: TenderAction, *, quote_id: UUID | None, reason: str, actor: Actor, now: datetime
) -> None:
    """Close the tender and every price talk of it but the chosen one."""
    before = TenderState(tender.state)
    tender.state, tender.closed_at = next_state(TRANSITIONS, before, action), now
    tender.save(update_fields=["state", "closed_at"])
    _note(tender, from_state=before, action=action, actor=actor, reason=reason, now=now)
    others = Bid.objects.filter(tender=tender).order_by("quote_id").values_list("quote_id", flat=True)
    for other in others:
        if other != quote_id:
            decline_for_buyer(quote_id=other, reason=reason, actor=actor, now=now)
    event = TenderClosed(**_facts(tender, now), outcome=tender.state, quote_id=quote_id)
    publish(event, actor=actor, now=now)


def _file(tender: Tender, kept: Attachment) -> TenderFile:
    return TenderFile(
        tender=tender, name=kept.name, stored_as=kept.stored_as, media_type=kept.media_type, size=kept.size
    )


def _note(tender: Tender, *, from_state: str, action: str, actor: Actor, reason: str, now: datetime) -> None:
    TenderTransition.objects.create(
        tender=tender, from_state=from_state, to_state=tender.state, action=action, actor=actor.reference, reason=reason,
        at=now,
    )  # fmt: skip


def _facts(tender: Tender, now: datetime) -> dict[str, Any]:
    return {
        "tender_id": tender.id, "number": tender.number, "buyer_id": tender.buyer_id,
        "category_code": tender.category_id, "at": now,
    }  # fmt: skip
