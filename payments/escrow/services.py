"""Moving escrows: each verb locks the escrow, asks the machine, posts to the ledger and appends the event, together.

Freezing, deciding and chargebacks are in holds.py; what all verbs are made of is in steps.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.events.payments import (
    EscrowPartRefunded,
    EscrowPartReleased,
    EscrowRefunded,
    EscrowReleased,
    EscrowReleaseDue,
)
from core.money import Money
from core.outbox.services import publish
from payments.contracts import (
    DeliveryKind,
    EscrowState,
    EscrowTransitionRefused,
    EscrowView,
    ExtensionUsed,
    RefundDuringDispute,
)
from payments.escrow import selectors
from payments.escrow.models import Escrow, EscrowEvent
from payments.escrow.rules import EXTENSION, resumed_due
from payments.escrow.states import PAUSE_ENDS, TERMINAL, WARN_FIRST, WARN_SECOND, EscrowAction
from payments.escrow.steps import (
    Step,
    advance,
    carry_out,
    chosen_parts,
    free_parts,
    inspection_clocks,
    instruct_refund,
    party_for,
    release_clocks,
    running_clocks,
)

__all__ = ["advance", "party_for"]
A, S = EscrowAction, EscrowState


def mark_shipped(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """FUNDED → SHIPPED; the ship deadline is disarmed. Later states: nothing changes. Locks the escrow."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.SHIP)
        disputed = escrow.state == S.DISPUTED
        already = escrow.state in (S.SHIPPED, S.DELIVERED, S.RELEASED, S.SETTLED, S.REFUNDED)
        if already or (disputed and _happened(escrow, A.SHIP)):
            return _view(escrow)
        advance(escrow, A.SHIP, actor=actor, now=now, clocks=running_clocks(escrow) if disputed else None)
        return _view(escrow) if disputed else selectors.view_with(escrow, {})


def mark_delivered(
    *, order_id: UUID, delivery_kind: DeliveryKind, delivered_at: datetime, actor: Actor, now: datetime
) -> EscrowView:
    """→ DELIVERED and arm the release; while DISPUTED only noted. Repeating, or the money gone: nothing changes. Locks the escrow.

    Raises InvalidInput when `delivered_at` lies after `now`.
    """
    if delivered_at > now:
        raise InvalidInput("A delivery cannot lie in the future.", field="delivered_at")
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.DELIVER)
        if escrow.delivered_at is not None or escrow.state in (S.RELEASED, S.SETTLED, S.REFUNDED):
            return _view(escrow)
        disputed = escrow.state == S.DISPUTED
        clocks = running_clocks(escrow) if disputed else inspection_clocks(delivery_kind, delivered_at, now=now)
        facts = {"delivered_at": delivered_at, "delivery_kind": delivery_kind.value}
        advance(escrow, A.DELIVER, actor=actor, now=now, clocks=clocks, facts=facts)
        return _view(escrow) if disputed else selectors.view_with(escrow, clocks)


def confirm_receipt(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """Release to the seller on the buyer's word; publishes EscrowReleased. Repeating changes nothing."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.CONFIRM)
        if escrow.state != S.RELEASED:
            _release(escrow, A.CONFIRM, actor=actor, now=now)
        return _view(escrow)


def release_part(
    *, order_id: UUID, lines: Sequence[str] | None, amount: Money | None, reason: str, actor: Actor, now: datetime
) -> EscrowView:
    """Release some lines, or an amount spread over all, to the seller; the rest stays held and its clocks run on.

    While other lines are in dispute the undisputed ones may go. Publishes EscrowPartReleased, or EscrowReleased when
    nothing is left. Lines that are gone already are refused, so that repeating it pays nothing twice. Raises
    UnknownLine, InvalidInput, EscrowTransitionRefused.
    """
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.RELEASE_PART)
        parts = chosen_parts(free_parts(escrow), lines=lines, amount=amount, currency=escrow.currency)
        if not parts:
            raise EscrowTransitionRefused("Nothing of this order can be released now.")
        release_parts(escrow, parts, actor=actor, now=now, reason=reason)
        return _view(escrow)


def release_parts(escrow: Escrow, parts: Mapping[str, int], *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Release these parts of a locked escrow; the clocks of the rest run on."""
    amount, before, clocks = escrow.money(sum(parts.values())), escrow.fee_minor, running_clocks(escrow)
    if amount == escrow.held:
        _release(escrow, A.RELEASE_REST, actor=actor, now=now, reason=reason)
        return
    if amount == escrow.free:
        clocks.pop(A.AUTO_RELEASE.value, None)  # only frozen money is left: nothing more goes by itself
    carry_out(
        escrow, A.RELEASE_PART, Step.of(released=parts), actor=actor, now=now, reason=reason, clocks=clocks,
        tell=lambda: EscrowPartReleased(
            escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=amount, at=now,
            fee=escrow.money(escrow.fee_minor - before),
        ),
    )  # fmt: skip


def refund_parts(escrow: Escrow, parts: Mapping[str, int], *, reason: str, actor: Actor, now: datetime) -> int:
    """Give these parts of a locked escrow back to the buyer; returns the ledger transaction. The instruction to the
    provider is the caller's. Raises RefundDuringDispute, EscrowTransitionRefused. Publishes EscrowPartRefunded or
    EscrowRefunded.
    """
    if escrow.state == S.DISPUTED:
        raise RefundDuringDispute()
    amount, clocks = escrow.money(sum(parts.values())), running_clocks(escrow)
    last = amount == escrow.held
    action = A.REFUND_PART
    if last:
        whole = A.REFUND if escrow.state == S.FUNDED else A.REFUND_REST
        action = A.SETTLE if escrow.released_minor else whole
    event = EscrowRefunded if last else EscrowPartRefunded
    return carry_out(
        escrow, action, Step.of(refunded=parts), actor=actor, now=now, reason=reason, clocks=clocks,
        tell=lambda: event(
            escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=amount, at=now,
            reason=reason,
        ),
    )  # fmt: skip


def extend_inspection(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """Five more days for the buyer, once. Raises ExtensionUsed, EscrowTransitionRefused."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.EXTEND)
        if _happened(escrow, A.EXTEND):
            raise ExtensionUsed()
        due = running_clocks(escrow).get(A.AUTO_RELEASE.value)
        if due is None or escrow.state != S.DELIVERED:
            raise EscrowTransitionRefused("No inspection is running.")
        advance(escrow, A.EXTEND, actor=actor, now=now, clocks=release_clocks(due + EXTENSION, now=now))
        return _view(escrow)


def pause_inspection(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """An open return: the inspection stands still, at most for the days of the policy. Paused already: no change.

    Raises EscrowTransitionRefused when nothing is being inspected.
    """
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.PAUSE)
        if escrow.state == S.DELIVERED and selectors.pause_of(escrow) is not None:
            return _view(escrow)
        ends = {PAUSE_ENDS: now + timedelta(days=selectors.clock_days()[PAUSE_ENDS])}
        advance(escrow, A.PAUSE, actor=actor, now=now, reason=reason, clocks=ends)
        return _view(escrow)


def resume_inspection(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """The return is over: the inspection runs on with the time that was left. Running already: nothing changes."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.RESUME)
        _resume(escrow, reason=reason, actor=actor, now=now)
        return _view(escrow)


def _resume(escrow: Escrow, *, reason: str, actor: Actor, now: datetime) -> None:
    pause = selectors.pause_of(escrow)
    if pause is None or escrow.state in TERMINAL:
        return
    due = selectors.stopped_release(escrow, before_seq=pause.seq)
    clocks: Mapping[str, datetime] = {}
    if due is not None:
        clocks = release_clocks(resumed_due(due_at=due, frozen_at=pause.at, now=now), now=now)
    elif escrow.delivered_at is not None and escrow.state == S.DELIVERED:
        clocks = inspection_clocks(DeliveryKind(escrow.delivery_kind), escrow.delivered_at, now=now)
    advance(escrow, A.RESUME, actor=actor, now=now, reason=reason, clocks=clocks)


def refund_order(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """Before shipping: refund everything (FUNDED) or cancel (CREATED). Publishes EscrowRefunded; repeatable."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.REFUND)
        if escrow.state == S.CREATED:
            advance(escrow, A.CANCEL, actor=actor, now=now, reason=reason)
        elif escrow.state not in (S.REFUNDED, S.CANCELLED):
            action = A.SETTLE if escrow.state == S.FUNDED and escrow.released_minor else A.REFUND
            _refund_rest(escrow, action=action, reason=reason, actor=actor, now=now)
        return _view(escrow)


def arm_ship_deadlines(*, due_at: Mapping[UUID, datetime]) -> None:
    """Refund by itself at the moment given per order unless shipped; only FUNDED escrows. Locks them; one statement."""
    ids = sorted(due_at)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "WITH held AS (SELECT e.id, e.seq, d.due FROM payments_escrow e"
            " JOIN unnest(%s::uuid[], %s::timestamptz[]) AS d(order_id, due) ON d.order_id = e.order_id"
            " WHERE e.state = %s ORDER BY e.id FOR NO KEY UPDATE OF e)"
            " INSERT INTO payments_escrowtimer (escrow_id, armed_seq, event, due_at, try_at, attempts, last_error)"
            " SELECT id, seq, %s, due, due, 0, '' FROM held"
            " ON CONFLICT (escrow_id, armed_seq, event) DO UPDATE SET due_at = EXCLUDED.due_at, try_at = EXCLUDED.try_at",
            [ids, [due_at[i] for i in ids], S.FUNDED.value, A.SHIP_TIMEOUT.value],
        )


def _release(escrow: Escrow, action: EscrowAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    amount = escrow.held
    carry_out(
        escrow, action, Step.of(released=free_parts(escrow)), actor=actor, now=now, reason=reason,
        tell=lambda: released_event(escrow, amount, automatic=action is A.AUTO_RELEASE, now=now),
    )  # fmt: skip


def released_event(escrow: Escrow, amount: Money, *, automatic: bool, now: datetime) -> EscrowReleased:
    """What others hear of a released escrow."""
    return EscrowReleased(
        escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=amount, at=now,
        fee=escrow.money(escrow.fee_minor), automatic=automatic,
    )  # fmt: skip


def _refund_rest(escrow: Escrow, *, action: EscrowAction, reason: str, actor: Actor, now: datetime) -> None:
    """All that is held goes back to the buyer, with the instruction to the provider."""
    amount = escrow.held
    txn_id = carry_out(
        escrow, action, Step.of(refunded=free_parts(escrow)), actor=actor, now=now, reason=reason,
        tell=lambda: EscrowRefunded(
            escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=amount, at=now,
            reason=reason,
        ),
    )  # fmt: skip
    instruct_refund(escrow, amount, txn_id=txn_id, reason=reason, now=now)


def _happened(escrow: Escrow, action: EscrowAction) -> bool:
    return EscrowEvent.objects.filter(escrow_id=escrow.id, event=action.value).exists()


def _view(escrow: Escrow) -> EscrowView:
    return selectors.views_of([escrow])[escrow.order_id]


def fire_release(escrow: Escrow, *, actor: Actor, now: datetime) -> None:
    """The inspection ended: what is free goes to the seller; what is frozen stays."""
    if escrow.state == S.DISPUTED:
        if escrow.free:
            release_parts(escrow, free_parts(escrow), actor=actor, now=now)
        return
    _release(escrow, A.AUTO_RELEASE, actor=actor, now=now)


def fire_ship_timeout(escrow: Escrow, *, actor: Actor, now: datetime) -> None:
    """The seller did not ship in time: all that is held goes back."""
    action = A.SETTLE if escrow.released_minor else A.SHIP_TIMEOUT
    _refund_rest(escrow, action=action, reason="Not shipped in time", actor=actor, now=now)


def fire_pause_end(escrow: Escrow, *, actor: Actor, now: datetime) -> None:
    """A return that never ended does not hold the money for ever."""
    _resume(escrow, reason="The return took too long", actor=actor, now=now)


def fire_warning(escrow: Escrow, name: str, *, actor: Actor, now: datetime) -> None:
    """Tell the buyer that the money goes soon. Too late for a warning: nothing."""
    due = running_clocks(escrow).get(A.AUTO_RELEASE.value)
    if due is None or due <= now:
        return
    publish(
        EscrowReleaseDue(
            escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=escrow.free, at=now,
            buyer_id=escrow.buyer_id, release_at=due, days=selectors.clock_days()[name],
        ),
        actor=actor, now=now,
    )  # fmt: skip


WARNINGS = (WARN_FIRST, WARN_SECOND)
