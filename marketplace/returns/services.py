"""Asking for a return, answering it, its label and its way back. What comes of it: settlement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput
from core.ids import new_id, short_code
from core.states import next_state
from logistics import facade as logistics
from marketplace.addresses.rules import shipping_address
from marketplace.contracts import OrderNotFound, OrderState
from marketplace.orders.models import Order, OrderLine
from marketplace.orders.selectors import lock_order
from marketplace.returns import selectors
from marketplace.returns.models import Return, ReturnLine, ReturnPolicy
from marketplace.returns.rules import (
    ANSWER_WITHIN,
    INSPECT_WITHIN,
    SEND_WITHIN,
    Entitlement,
    FinalSale,
    NotReturnable,
    Payer,
    Policy,
    ReturnNotFound,
    ReturnReason,
    ReturnWish,
    choose_policy,
    entitlement,
)
from marketplace.returns.states import OPEN, TRANSITIONS, ReturnAction, ReturnState
from marketplace.returns.steps import SYSTEM, allocated, contents_of, lock_for, move, parcel_of, run_on, tell
from payments import facade as payments
from payments.contracts import EscrowTransitionRefused

A, S = ReturnAction, ReturnState
RETURNABLE = frozenset({OrderState.DELIVERED, OrderState.COMPLETED})
MAX_WINDOW_DAYS = 365


@dataclass(frozen=True, slots=True)
class ReturnAsk:
    """Pieces of a line that shall go back, and why."""

    line_id: UUID
    quantity: int
    reason: ReturnReason


def request_return(
    *, order_id: UUID, asks: Sequence[ReturnAsk], wish: ReturnWish, note: str, actor: Actor, now: datetime,
    asked_at: datetime | None = None,
) -> Return:  # fmt: skip
    """The buyer asks to send pieces back; the release clock stands still from now on.

    `asked_at`: when the buyer said so, if that was before (a withdrawal that waited for the parcel); the system's to tell.

    A change of mind within the window is approved at once, by right or by policy; a fault waits for the seller, whose
    silence approves. Locks the order. Publishes ReturnMoved. Raises OrderNotFound (not the buyer), NotReturnable (too
    late, final sale, not delivered, in dispute, a return is open), InvalidInput.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if not (actor.acts_for(order.buyer_id) or actor.is_system):
            raise OrderNotFound()
        rights = _rights(order, asks, now=asked_at or now)
        made = _create(order, asks, rights, wish=wish, note=note, actor=actor, asked_at=asked_at or now, now=now)
        if order.state == OrderState.DELIVERED:
            _stop_clock(order, made, actor=actor, now=now)
        if all(right.is_automatic for right in rights):
            move(made, A.APPROVE, actor=SYSTEM, now=now, due_at=now + SEND_WITHIN)
        return made


def _stop_clock(order: Order, made: Return, *, actor: Actor, now: datetime) -> None:
    try:
        payments.pause_inspection(order_id=order.id, reason=f"Return {made.number}", actor=actor, now=now)
    except EscrowTransitionRefused as error:
        raise NotReturnable("A bank is looking at this payment. Ask again when it has decided.") from error


def _rights(order: Order, asks: Sequence[ReturnAsk], *, now: datetime) -> list[Entitlement]:
    """What the buyer may do about each line; refuses what cannot go back."""
    if order.state not in RETURNABLE or order.received_at is None:
        raise NotReturnable("Goods can be sent back once they were delivered, and not during a dispute.")
    if Return.objects.filter(order=order, state__in=OPEN).exists():
        raise NotReturnable("A return of this order is open already.")
    lines = {line.id: line for line in order.lines.all()}
    if not asks or len({ask.line_id for ask in asks}) != len(asks):
        raise InvalidInput("Choose what goes back.", field="lines")
    gone = selectors.returned_pieces(lines)
    policies, paths = selectors.policies_for(order.seller_id), selectors.category_paths(lines.values())
    rights = []
    for ask in asks:
        line = lines.get(ask.line_id)
        if line is None or not 0 < ask.quantity <= line.kept - gone.get(line.id, 0):
            raise InvalidInput("That many pieces cannot go back.", field="lines")
        rights.append(_right(line, ask.reason, policies, paths, order.received_at, now))
    return rights


def _right(
    line: OrderLine, reason: ReturnReason, policies: Sequence[Policy], paths: dict[str, list[str]],
    delivered_at: datetime, now: datetime,
) -> Entitlement:  # fmt: skip
    policy = choose_policy(policies, paths[line.category_code])
    return entitlement(policy=policy, reason=reason, delivered_at=delivered_at, now=now)


def _create(
    order: Order, asks: Sequence[ReturnAsk], rights: Sequence[Entitlement], *, wish: ReturnWish, note: str,
    actor: Actor, asked_at: datetime, now: datetime,
) -> Return:  # fmt: skip
    payer = Payer.SELLER if any(right.payer is Payer.SELLER for right in rights) else Payer.BUYER
    return_id = new_id()
    made = Return.objects.create(
        id=return_id, number=short_code(return_id, prefix="RT"), order=order, state=S.REQUESTED, wish=wish,
        note=note.strip()[:2000], payer=payer, currency=order.currency, requested_at=asked_at, due_at=now + ANSWER_WITHIN,
    )  # fmt: skip
    ReturnLine.objects.bulk_create(
        ReturnLine(of=made, line_id=ask.line_id, quantity=ask.quantity, reason=ask.reason) for ask in asks
    )
    tell(made, "", actor=actor, now=now, reason="")
    return made


# ------------------------------------------------------------------------------------------------ answers


def approve_return(*, return_id: UUID, actor: Actor, now: datetime) -> Return:
    """The seller (or the silence of three days) agrees. Raises ReturnNotFound, TransitionRefused."""
    with transaction.atomic():
        found = lock_for(return_id, actor, side="seller")
        move(found, A.APPROVE, actor=actor, now=now, due_at=now + SEND_WITHIN)
    return found


def refuse_return(*, return_id: UUID, reason: str, actor: Actor, now: datetime) -> Return:
    """The seller does not see the fault; the buyer can still open a dispute. The clock runs on.

    Raises ReturnNotFound, InvalidInput (no reason), TransitionRefused (a right cannot be refused: it is approved).
    """
    if not reason.strip():
        raise InvalidInput("Say why.", field="reason")
    with transaction.atomic():
        found = lock_for(return_id, actor, side="seller")
        found.answer = reason.strip()[:500]
        move(found, A.REFUSE, actor=actor, now=now, reason=found.answer, answer=found.answer, closed_at=now)
        run_on(found, now=now)
    return found


def cancel_return(*, return_id: UUID, actor: Actor, now: datetime, reason: str = "") -> Return:
    """The buyer keeps the goods, or never sent them: a label that was not used is void and the clock runs on.

    Raises ReturnNotFound, TransitionRefused and ShipmentAlreadyHandedOver once the parcel is on its way.
    """
    with transaction.atomic():
        found = lock_for(return_id, actor, side="buyer")
        next_state(TRANSITIONS, S(found.state), A.CANCEL)
        if found.shipment_id is not None:
            logistics.cancel_shipment(
                shipment_id=found.shipment_id, actor=actor, reason="the return was called off", now=now
            )
        move(found, A.CANCEL, actor=actor, now=now, reason=reason, closed_at=now)
        run_on(found, now=now)
    return found


# ------------------------------------------------------------------------------------------------ the way back


def book_label(*, return_id: UUID, actor: Actor, now: datetime) -> UUID:
    """The label for the way back, with the allocated service between the two places. Calls the carrier after the commit.

    Asking again returns the same shipment. Raises ReturnNotFound (not the buyer), NotReturnable (nobody carries it),
    TransitionRefused (not approved, or over).
    """
    with transaction.atomic():
        found = lock_for(return_id, actor, side="buyer")
        next_state(TRANSITIONS, S(found.state), A.SEND)
        order = Order.objects.select_related("purchase", "seller").get(id=found.order_id)
        lines = list(found.lines.select_related("line__listing"))
        sender, recipient = shipping_address(order.purchase.address), shipping_address(order.seller.address)
        parcel = parcel_of(lines)
        offer = allocated(sender, recipient, parcel, currency=found.currency, now=now)
        shipment = logistics.book_shipment(
            order_id=found.id, seller_id=order.buyer_id, buyer_id=order.seller_id, service_code=offer.service_code,
            sender=sender, recipient=recipient, parcel=parcel, quote=offer, reference=found.number, purpose="RETURN",
            contents=contents_of(lines), actor=actor, now=now,
        )  # fmt: skip
        if found.shipment_id is None:
            found.shipment_id, found.label_minor = shipment.shipment_id, offer.price.minor
            found.save(update_fields=["shipment_id", "label_minor"])
    logistics.confirm_booking(shipment_id=shipment.shipment_id, now=now)
    return shipment.shipment_id


def hand_over_return(*, return_id: UUID, actor: Actor, now: datetime) -> None:
    """The buyer dropped the parcel off; the carrier's scan follows. Outside of transactions. Raises ReturnNotFound,
    InvalidInput (no label yet)."""
    found = selectors.get_return_for(return_id=return_id, actor=actor)
    if not actor.acts_for(found.order.buyer_id):
        raise ReturnNotFound()
    if found.shipment_id is None:
        raise InvalidInput("There is no label yet.", field="shipment", remedy="Print the label first.")
    logistics.hand_over(shipment_id=found.shipment_id, actor=actor, now=now)


def mark_sent(*, return_id: UUID, actor: Actor, now: datetime) -> None:
    """The carrier scanned the parcel. Saying it twice, or late, changes nothing."""
    with transaction.atomic():
        found = lock_for(return_id, actor)
        if found.state == S.APPROVED:
            move(found, A.SEND, actor=actor, now=now, due_at=None)


def mark_received(*, return_id: UUID, received_at: datetime, actor: Actor, now: datetime) -> None:
    """The goods are back: by the carrier's scan, or the seller says so. Saying it twice, or late, changes nothing."""
    with transaction.atomic():
        found = lock_for(return_id, actor, side="seller")
        if found.state in {S.APPROVED, S.IN_TRANSIT}:
            move(
                found, A.RECEIVE, actor=actor, now=now, due_at=now + INSPECT_WITHIN, received_at=received_at
            )  # fmt: skip


# ------------------------------------------------------------------------------------------------ policies


def set_policy(
    *, category_code: str, window_days: int, buyer_pays: bool, final_sale: FinalSale, actor: Actor, now: datetime
) -> None:
    """A seller's policy for a category (empty: all goods), for returns asked for from now on. Audited.

    Raises InvalidInput: a window longer than a year, an unknown category.
    """
    if actor.organisation_id is None:
        raise ReturnNotFound()
    if not 0 <= window_days <= MAX_WINDOW_DAYS:
        raise InvalidInput(f"At most {MAX_WINDOW_DAYS} days.", field="window_days")
    if category_code and category_code not in selectors.category_codes():
        raise InvalidInput("There is no such category.", field="category_code")
    with transaction.atomic():
        ReturnPolicy.objects.update_or_create(
            seller_id=actor.organisation_id, category_code=category_code,
            defaults={"window_days": window_days, "buyer_pays": buyer_pays, "final_sale": final_sale},
        )  # fmt: skip
        record(
            actor=actor, action="marketplace.return_policy_set", subject_type="seller",
            subject_id=actor.organisation_id, now=now, category=category_code, days=window_days, buyer_pays=buyer_pays,
            final_sale=final_sale.value,
        )  # fmt: skip


def remove_policy(*, policy_id: int, actor: Actor, now: datetime) -> None:
    """The policy of the wider category (at last the house's) counts again. Another seller's is not there: NotFound."""
    if actor.organisation_id is None:
        raise ReturnNotFound()
    with transaction.atomic():
        deleted, _ = ReturnPolicy.objects.filter(id=policy_id, seller_id=actor.organisation_id).delete()
        if not deleted:
            raise ReturnNotFound("There is no such policy.")
        record(
            actor=actor, action="marketplace.return_policy_removed", subject_type="seller",
            subject_id=actor.organisation_id, now=now, policy=policy_id,
        )  # fmt: skip
