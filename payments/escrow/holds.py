"""Frozen money: disputes about all or part of an order, their decision, and the claims of a buyer's bank.

Frozen money lies on an account of its own (DISPUTE_HOLD), so that no release can reach it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.events.payments import EscrowDecided, EscrowFrozen, EscrowRefunded, EscrowUnfrozen
from core.money import Money
from core.outbox.services import publish
from core.states import is_allowed
from payments.contracts import DeliveryKind, EscrowState, EscrowTransitionRefused, EscrowView
from payments.escrow import selectors
from payments.escrow.models import Escrow
from payments.escrow.rules import Position, release_due, resumed_due, spread
from payments.escrow.states import (
    DECISION_DUE,
    PAUSE_ENDS,
    TERMINAL,
    TRANSITIONS,
    EscrowAction,
    Party,
)
from payments.escrow.steps import (
    Step,
    arm,
    carry_out,
    chosen_parts,
    free_parts,
    instruct_refund,
    minus,
    party_for,
    release_clocks,
    running_clocks,
)
from payments.ledger.rules import AccountCode

A, S = EscrowAction, EscrowState


def freeze_escrow(
    *,
    order_id: UUID,
    reason: str,
    actor: Actor,
    now: datetime,
    lines: Sequence[str] | None = None,
    amount: Money | None = None,
) -> EscrowView:
    """→ DISPUTED: the lines (or the amount, or everything) go to the hold account and the clocks stop.

    What is not disputed keeps its release clock. The arbiter's deadline starts. Publishes EscrowFrozen. Frozen already:
    nothing changes. Raises UnknownLine, InvalidInput, EscrowTransitionRefused (a chargeback is open).
    """
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.FREEZE)
        if escrow.charged_back_minor:
            raise EscrowTransitionRefused("The buyer's bank decides about this money.")
        if escrow.state != S.DISPUTED:
            clocks = running_clocks(escrow)
            parts = chosen_parts(free_parts(escrow), lines=lines, amount=amount, currency=escrow.currency)
            whole = sum(parts.values()) == escrow.free.minor
            rest = {name: due for name, due in clocks.items() if name == A.AUTO_RELEASE.value and not whole}
            carry_out(
                escrow, A.FREEZE, Step.of(disputed=parts), actor=actor, now=now, reason=reason,
                clocks=rest | {DECISION_DUE: now + timedelta(days=selectors.clock_days()[DECISION_DUE])},
                tell=lambda: _told(EscrowFrozen, escrow, escrow.frozen, now=now),
            )  # fmt: skip
        return _view(escrow)


def unfreeze_escrow(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """DISPUTED → where the goods are; clocks run on with the time that was left. Publishes EscrowUnfrozen.

    Raises EscrowTransitionRefused (not disputed, or the buyer's bank holds the money).
    """
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        action = selectors.way_back(escrow, "UNFREEZE")
        party_for(actor, escrow, action)
        _refuse_while_charged_back(escrow)
        parts = _disputed(selectors.positions(escrow))
        amount = escrow.frozen
        carry_out(
            escrow, action, Step.of(disputed=minus(parts)), actor=actor, now=now, reason=reason,
            tell=lambda: _told(EscrowUnfrozen, escrow, amount, now=now),
        )  # fmt: skip
        resume_clocks(escrow, now=now)
        return _view(escrow)


def decide_escrow(*, order_id: UUID, refund: Money, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """Carry out a dispute's decision: of what is disputed `refund` to the buyer, the rest released minus its fee.

    What was not disputed goes on as before. One ledger transaction; publishes EscrowDecided. Raises InvalidInput (more
    than is disputed, other currency), EscrowTransitionRefused (not disputed, or not this actor's to decide). The same
    decision again changes nothing.
    """
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        if refund.currency != escrow.currency or refund.is_negative or refund > escrow.amount:
            raise InvalidInput("The refund must lie between nothing and what is held.", field="refund")
        if escrow.state != S.DISPUTED:
            return _decided_before(escrow, refund, actor)
        _refuse_while_charged_back(escrow)
        if refund.minor > escrow.disputed_minor:
            raise InvalidInput("The refund must lie between nothing and what is held.", field="refund")
        _decide(escrow, refund, reason=reason, actor=actor, now=now)
        return _view(escrow)


def _decided_before(escrow: Escrow, refund: Money, actor: Actor) -> EscrowView:
    party_for(actor, escrow, _decision(escrow, refund))
    last = selectors.find_last_decision(escrow.id)
    if last is not None and last.event in (A.BANK_REFUND, A.BANK_SETTLE):
        return _view(escrow)  # the bank has decided and nothing is left: there is nothing to move
    if last is None or last.refunded_minor != refund.minor:
        raise EscrowTransitionRefused("There is no open dispute to decide.")
    return _view(escrow)


def _decide(escrow: Escrow, refund: Money, *, reason: str, actor: Actor, now: datetime) -> None:
    parts, fee = _disputed(selectors.positions(escrow)), escrow.fee_minor
    disputed, action = escrow.money(escrow.disputed_minor), _decision(escrow, refund)
    if party_for(actor, escrow, action) is Party.SELLER and refund != disputed:
        raise EscrowTransitionRefused("A seller can only give back everything that is disputed.")
    back = dict(zip(parts, spread(refund.minor, list(parts.values())), strict=True))
    step = Step.of(
        refunded=back, released={ref: part - back[ref] for ref, part in parts.items()}, disputed=minus(parts)
    )
    txn_id = carry_out(escrow, action, step, actor=actor, now=now, reason=reason)
    instruct_refund(escrow, refund, txn_id=txn_id, reason=reason, now=now)
    if escrow.state not in TERMINAL:
        resume_clocks(escrow, now=now, keep_running=True)
    publish(
        EscrowDecided(
            escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=disputed, at=now,
            refunded=refund, released=disputed - refund, fee=escrow.money(escrow.fee_minor - fee),
        ),
        actor=actor, now=now,
    )  # fmt: skip


def _decision(escrow: Escrow, refund: Money) -> EscrowAction:
    """The edge: what is left decides whether the order goes on, what became of the whole how it ends."""
    if escrow.state == S.DISPUTED and escrow.free:
        return selectors.way_back(escrow, "DECIDE_ON")
    if escrow.refunded_minor + refund.minor == 0:
        return A.DECIDE_RELEASE
    all_back = escrow.released_minor == 0 and escrow.refunded_minor + refund.minor == escrow.amount_minor
    if escrow.state in TERMINAL:
        all_back = refund == escrow.amount
    return A.DECIDE_REFUND if all_back else A.DECIDE_SPLIT


def fire_decision(escrow: Escrow, *, actor: Actor, now: datetime) -> None:
    """Nobody decided in time: for the buyer, so that a dispute never locks money for ever."""
    if escrow.state == S.DISPUTED and not escrow.charged_back_minor and escrow.disputed_minor:
        _decide(escrow, escrow.money(escrow.disputed_minor), reason="Not decided in time", actor=actor, now=now)


# ------------------------------------------------------------------------------------------------ the buyer's bank


@dataclass(frozen=True, slots=True)
class SetAside:
    """What a chargeback took out of an escrow, in minor units; `from_disputed` is the part that was in dispute."""

    amount: int
    from_disputed: int


def charge_back(*, escrow: Escrow, amount: Money, reason: str, actor: Actor, now: datetime) -> SetAside:
    """Set aside at most `amount` of a locked open escrow for a chargeback: free money first, then disputed money.

    Clocks stop until the bank has decided. Nothing held: nothing happens.
    """
    taken = min(amount.minor, escrow.held.minor - escrow.charged_back_minor)
    if taken <= 0:
        return SetAside(0, 0)
    positions = selectors.positions(escrow)
    from_free = _spread_over({ref: p.free for ref, p in positions.items()}, min(taken, escrow.free.minor))
    from_disputed = _spread_over(_disputed(positions), taken - sum(from_free.values()))
    whole = {ref: from_free.get(ref, 0) + from_disputed.get(ref, 0) for ref in {*from_free, *from_disputed}}
    step = Step.of(charged_back=whole, disputed=minus(from_disputed))
    carry_out(escrow, A.CHARGEBACK, step, actor=actor, now=now, reason=reason)
    return SetAside(taken, sum(from_disputed.values()))


def end_charge_back(*, escrow: Escrow, aside: SetAside, won: bool, receivable: str, actor: Actor, now: datetime) -> int:
    """The bank decided about what was set aside: back into the escrow (or its dispute), or gone to the buyer.

    `receivable` owns the account on which the bank's money was booked. A dispute that was open stays open. Returns the
    ledger transaction; publishes EscrowRefunded when a loss ends the escrow.
    """
    positions = selectors.positions(escrow)
    parts = _spread_over({ref: p.charged_back for ref, p in positions.items()}, aside.amount)
    if won:
        step = Step.of(charged_back=minus(parts), disputed=_spread_over(parts, aside.from_disputed))
    else:
        step = Step.of(charged_back=minus(parts), refunded=parts)
    disputed = escrow.disputed_minor + sum(step.disputed.values())
    stays = disputed > 0 or escrow.charged_back_minor > aside.amount
    action = _after_bank(escrow, sum(step.refunded.values()), stays=stays)
    txn_id = carry_out(
        escrow, action, step, actor=actor, now=now, reason="Won" if won else "Lost",
        refunded_to=AccountCode.CHARGEBACK_DUE, refunded_owner=receivable,
    )  # fmt: skip
    if stays and disputed:
        arm(escrow, {DECISION_DUE: now + timedelta(days=selectors.clock_days()[DECISION_DUE])})
    elif not stays and escrow.state not in TERMINAL:
        resume_clocks(escrow, now=now)
    if escrow.state in TERMINAL:
        publish(
            EscrowRefunded(
                escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id,
                amount=escrow.money(aside.amount), at=now, reason="The buyer's bank took the money back",
            ),
            actor=actor, now=now,
        )  # fmt: skip
    return txn_id


def _after_bank(escrow: Escrow, refunded: int, *, stays: bool) -> EscrowAction:
    if refunded < escrow.held.minor:
        return A.BANK_ON_DISPUTED if stays else selectors.way_back(escrow, "BANK_ON")
    return A.BANK_SETTLE if escrow.released_minor else A.BANK_REFUND


def _refuse_while_charged_back(escrow: Escrow) -> None:
    if escrow.charged_back_minor:
        raise EscrowTransitionRefused("The buyer's bank decides about this money.")


# ------------------------------------------------------------------------------------------------ shared


def resume_clocks(escrow: Escrow, *, now: datetime, keep_running: bool = False) -> None:
    """After a freeze: clocks that stood still run on with what was left.

    `keep_running`: what is left was never disputed, so that a clock which ran meanwhile keeps its moment.
    """
    freeze = selectors.get_last_freeze(escrow.id)
    clocks = {
        name: resumed_due(due_at=due, frozen_at=freeze.at, now=now)
        for name, due in selectors.clocks_at(escrow.id, freeze.seq - 1).items()
        if name == PAUSE_ENDS or (name in A.__members__ and is_allowed(TRANSITIONS, S(escrow.state), A(name)))
    }
    due = clocks.pop(A.AUTO_RELEASE.value, None)
    if keep_running:
        due = running_clocks(escrow, escrow.seq - 1).get(A.AUTO_RELEASE.value, due)
    if due is None and PAUSE_ENDS not in clocks and escrow.state == S.DELIVERED:
        kind = DeliveryKind(escrow.delivery_kind)  # it arrived during the dispute: the whole inspection is left
        due = release_due(now, selectors.clock_policy().inspection[kind])
    arm(escrow, clocks | (release_clocks(due, now=now) if due is not None else {}))


def _disputed(positions: dict[str, Position]) -> dict[str, int]:
    return {ref: position.disputed for ref, position in positions.items() if position.disputed}


def _spread_over(available: Mapping[str, int], amount: int) -> dict[str, int]:
    refs = [ref for ref, part in available.items() if part > 0]
    return {
        ref: part
        for ref, part in zip(refs, spread(amount, [available[ref] for ref in refs]), strict=True)
        if part
    }  # fmt: skip


def _told(
    event_class: type[EscrowFrozen] | type[EscrowUnfrozen], escrow: Escrow, amount: Money, *, now: datetime
) -> EscrowFrozen | EscrowUnfrozen:
    return event_class(escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=amount, at=now)


def _view(escrow: Escrow) -> EscrowView:
    return selectors.views_of([escrow])[escrow.order_id]
