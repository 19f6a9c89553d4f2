"""What comes of a return: inspection, refund by line, new goods instead, and what happens when nobody does anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.ids import new_id
from core.money import Money
from core.states import next_state
from logistics import facade as logistics
from logistics.contracts import ShipmentAlreadyHandedOver
from marketplace.addresses.rules import shipping_address
from marketplace.catalog.services import reserve_stock, restock, sell_reserved
from marketplace.orders.models import Order
from marketplace.orders.rules import share_of
from marketplace.returns import selectors
from marketplace.returns.models import Return, ReturnLine
from marketplace.returns.rules import (
    TRY_AGAIN_AFTER,
    Disposition,
    Payer,
    ReturnReason,
    after_deductions,
    is_withdrawal,
)
from marketplace.returns.services import approve_return, cancel_return
from marketplace.returns.states import TRANSITIONS, ReturnAction, ReturnState
from marketplace.returns.steps import SYSTEM, allocated, contents_of, lock_for, move, parcel_of, run_on
from marketplace.stock.allocation import choose_places
from marketplace.stock.selectors import sender_of
from payments import facade as payments
from payments.contracts import LineKind, RefundDuringDispute, RefundTooLarge, RefundView

A, S = ReturnAction, ReturnState


@dataclass(frozen=True, slots=True)
class Finding:
    """What the seller found of one line: pieces accepted, what becomes of them, and less how much (minor units)."""

    accepted: int
    disposition: Disposition
    deduction_minor: int = 0


def inspect_return(
    *, return_id: UUID, findings: Mapping[UUID, Finding], reason: str, actor: Actor, now: datetime
) -> Return:
    """The seller judges what came back: accepted pieces are refunded by line, the rest is rejected with a reason.

    `findings` by return line; one that is missing is accepted whole. Pieces to restock go back on sale. A deduction or a
    rejected piece needs a reason. Raises ReturnNotFound, InvalidInput, RefundDuringDispute, TransitionRefused.
    """
    with transaction.atomic():
        found = lock_for(return_id, actor, side="seller")
        next_state(TRANSITIONS, S(found.state), A.REJECT)
        lines = _judge(found, findings, reason=reason)
        found.answer = reason.strip()[:500]
        if not any(line.accepted for line in lines):
            move(found, A.REJECT, actor=actor, now=now, reason=found.answer, answer=found.answer, closed_at=now)
        else:
            _put_back(lines)
            _refund(found, lines, actor=actor, now=now, takes_label=found.payer == Payer.BUYER)
        run_on(found, now=now)
    return found


def _judge(found: Return, findings: Mapping[UUID, Finding], *, reason: str) -> list[ReturnLine]:
    lines = list(found.lines.select_related("line"))
    paid = {line.ref: line.amount for line in payments.list_escrow_lines(found.order_id)}
    for line in lines:
        finding = findings.get(line.id) or Finding(line.quantity, Disposition.RESTOCK)
        whole = paid[str(line.line_id)].minor
        if not 0 <= finding.accepted <= line.quantity:
            raise InvalidInput("That many pieces did not come back.", field=str(line.id))
        if (
            not 0
            <= finding.deduction_minor
            <= share_of(whole, before=0, pieces=finding.accepted, of=line.line.quantity)
        ):
            raise InvalidInput("No more than what was paid for it.", field=str(line.id))
        if (finding.deduction_minor or finding.accepted < line.quantity) and not reason.strip():
            raise InvalidInput("Say why.", field="reason")
        line.accepted, line.disposition = finding.accepted, finding.disposition
        line.deduction_minor = finding.deduction_minor
    ReturnLine.objects.bulk_update(lines, ["accepted", "disposition", "deduction_minor"])
    return lines


def _put_back(lines: list[ReturnLine]) -> None:
    back: dict[UUID, int] = {}
    for line in lines:
        if line.disposition == Disposition.RESTOCK and line.accepted:
            back[line.line.listing_id] = back.get(line.line.listing_id, 0) + line.accepted
    if back:
        restock(quantities=back)


def _refund(found: Return, lines: list[ReturnLine], *, actor: Actor, now: datetime, takes_label: bool) -> None:
    """Refund what is owed and close; when nothing is left to give back, it is closed with nothing."""
    parts = _owed(found, lines)
    parts = after_deductions(parts, found.label_minor if takes_label else 0)
    made = _pay(found, parts, now=now) if parts else None
    if made is not None:
        found.refund_id, found.refunded_minor = made.refund_id, made.amount.minor
    move(
        found, A.REFUND, actor=actor, now=now, closed_at=now, refund_id=found.refund_id,
        refunded_minor=found.refunded_minor, answer=found.answer,
    )  # fmt: skip


def _owed(found: Return, lines: list[ReturnLine]) -> dict[str, int]:
    """Minor units by escrow line: what was paid for the accepted pieces less deductions, and the shipping of an order
    that comes back whole for a fault or within the legal time."""
    escrow = {line.ref: line for line in payments.list_escrow_lines(found.order_id)}
    before = selectors.refunded_pieces(line.line_id for line in lines)
    parts: dict[str, int] = {}
    for line in lines:
        paid = escrow[str(line.line_id)]
        share = share_of(
            paid.amount.minor, before=before.get(line.line_id, 0) + line.line.cancelled, pieces=line.accepted or 0,
            of=line.line.quantity,
        )  # fmt: skip
        left = (paid.amount - paid.refunded).minor
        parts[paid.ref] = max(min(share - line.deduction_minor, left), 0)
    if _gets_shipping(found, lines):
        parts |= {
            ref: (line.amount - line.refunded).minor for ref, line in escrow.items() if line.kind is LineKind.SHIPPING
        }
    return {ref: part for ref, part in parts.items() if part}


def _gets_shipping(found: Return, lines: list[ReturnLine]) -> bool:
    """Directive 2011/83/EU, article 13: who withdraws from all of it gets the standard delivery back too."""
    if {line.line_id: line.accepted for line in lines} != {line.id: line.kept for line in found.order.lines.all()}:
        return False
    is_fault = any(ReturnReason(line.reason).is_fault for line in lines)
    return is_fault or is_withdrawal(delivered_at=found.order.received_at, asked_at=found.requested_at)


def _pay(found: Return, parts: Mapping[str, int], *, now: datetime) -> RefundView | None:
    """One refund for the return; for lines of which less is left than wanted, what is left. None: nothing was."""
    reason, key = f"Return {found.number}", f"return-{found.id}"
    for lines in ({ref: Money(part, found.currency) for ref, part in parts.items()}, dict.fromkeys(parts)):
        wanted: Mapping[str, Money | None] = lines
        try:
            with transaction.atomic():
                return payments.refund(
                    order_id=found.order_id, lines=wanted, reason=reason, key=key, actor=SYSTEM, now=now
                )
        except RefundTooLarge:
            continue
    return None


# ------------------------------------------------------------------------------------------------ new goods instead


def replace_return(*, return_id: UUID, actor: Actor, now: datetime) -> UUID:
    """The seller sends the same goods again instead of money: pieces leave the stock, a label is booked.

    What came back is scrapped or on sale again by the seller's own stock keeping. Returns the shipment; the carrier is
    called after the commit. Raises ReturnNotFound, NotEnoughStock, NotReturnable (nobody carries it), TransitionRefused.
    """
    with transaction.atomic():
        found = lock_for(return_id, actor, side="seller")
        next_state(TRANSITIONS, S(found.state), A.REPLACE)
        lines = list(found.lines.select_related("line__listing"))
        pieces = {line.line.listing_id: line.quantity for line in lines}
        reserve_stock(quantities=pieces)
        spread, found.replacement_id = sell_reserved(quantities=pieces), new_id()
        if spread:
            choose_places(orders={found.replacement_id: pieces}, spread=spread, actor=actor, now=now)
        order = Order.objects.select_related("purchase", "seller").get(id=found.order_id)
        place = sender_of(order_id=found.replacement_id, listing_ids=pieces, shop=order.seller.address)
        sender, recipient = shipping_address(place), shipping_address(order.purchase.address)
        parcel = parcel_of(lines)
        shipment = logistics.book_shipment(
            order_id=found.replacement_id, seller_id=order.seller_id, buyer_id=order.buyer_id, sender=sender,
            recipient=recipient, parcel=parcel, reference=found.number, contents=contents_of(lines), actor=actor,
            service_code=(offer := allocated(sender, recipient, parcel, currency=found.currency, now=now)).service_code,
            quote=offer, purpose="REPLACEMENT", now=now,
        )  # fmt: skip
        ReturnLine.objects.filter(of=found).update(disposition=Disposition.SCRAP)
        move(found, A.REPLACE, actor=actor, now=now, replacement_id=found.replacement_id)
    logistics.confirm_booking(shipment_id=shipment.shipment_id, now=now)
    return shipment.shipment_id


def hand_over_replacement(*, return_id: UUID, actor: Actor, now: datetime) -> None:
    """The seller gave the new goods to the carrier. Outside of transactions. Raises ReturnNotFound, InvalidInput."""
    found = selectors.get_return_for(return_id=return_id, actor=actor)
    shipment = logistics.find_shipment_for_order(found.replacement_id) if found.replacement_id else None
    if shipment is None:
        raise InvalidInput("There is no label yet.", field="shipment", remedy="Print the label first.")
    logistics.hand_over(shipment_id=shipment.shipment_id, actor=actor, now=now)


def mark_replaced(*, replacement_id: UUID, actor: Actor, now: datetime) -> None:
    """The new goods arrived: the return is over. Saying it twice changes nothing."""
    return_id = selectors.find_by_replacement(replacement_id)
    if return_id is None:
        return
    with transaction.atomic():
        found = lock_for(return_id, actor)
        if found.state == S.REPLACING:
            move(found, A.EXCHANGE, actor=actor, now=now, closed_at=now)
            run_on(found, now=now)


def refund_lost(*, return_id: UUID | None, actor: Actor, now: datetime) -> None:
    """A parcel on the platform's label was lost, on its way back or with the new goods: the buyer is paid in full.

    During a dispute it is the dispute's to decide. None, an unknown return, and one that is over change nothing.
    """
    if return_id is None or selectors.find_order_id(return_id) is None:
        return
    with transaction.atomic():
        found = lock_for(return_id, actor)
        if found.state in {S.IN_TRANSIT, S.REPLACING}:
            _refund_whole(found, actor=actor, now=now)


def _refund_whole(found: Return, *, actor: Actor, now: datetime) -> None:
    """Everything that was sent back counts as accepted; while money is in dispute it is tried again every day."""
    lines = list(found.lines.select_related("line"))
    try:
        with transaction.atomic():
            for line in lines:
                line.accepted = line.quantity
            ReturnLine.objects.bulk_update(lines, ["accepted"])
            _refund(found, lines, actor=actor, now=now, takes_label=_takes_label(found, lines))
            run_on(found, now=now)
    except RefundDuringDispute:
        Return.objects.filter(id=found.id).update(due_at=now + TRY_AGAIN_AFTER)


def _takes_label(found: Return, lines: list[ReturnLine]) -> bool:
    """The buyer pays for the way back of what they did not want, once it arrived."""
    is_fault = any(ReturnReason(line.reason).is_fault for line in lines)
    return found.payer == Payer.BUYER and found.received_at is not None and not is_fault


# ------------------------------------------------------------------------------------------------ clocks


def run_return_clocks(*, now: datetime) -> int:
    """What happens by itself: silence approves, what is not sent is called off, what is not inspected is refunded.

    Returns how many were looked at.
    """
    due = selectors.due_returns(now=now)
    for return_id in due:
        _run_clock(return_id, now=now)
    return len(due)


def _run_clock(return_id: UUID, *, now: datetime) -> None:
    with transaction.atomic():
        found = lock_for(return_id, SYSTEM)
        if found.due_at is None or found.due_at > now:
            return
        if found.state == S.REQUESTED:
            approve_return(return_id=return_id, actor=SYSTEM, now=now)
        elif found.state == S.APPROVED:
            _call_off(found, now=now)
        else:
            _refund_whole(found, actor=SYSTEM, now=now)


def _call_off(found: Return, *, now: datetime) -> None:
    """Not sent in time. A parcel the buyer says was dropped off is waited for: its scan, or its silence, decides."""
    try:
        cancel_return(return_id=found.id, actor=SYSTEM, now=now, reason="Not sent in time")
    except ShipmentAlreadyHandedOver:
        Return.objects.filter(id=found.id).update(due_at=now + TRY_AGAIN_AFTER)
