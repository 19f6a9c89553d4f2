"""Moving escrows: each verb locks the escrow, asks the machine, posts to the ledger and appends the event, together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from core.actor import Actor, ActorKind
from core.errors import InvalidInput, TransitionRefused
from core.events.base import Event
from core.events.payments import EscrowDecided, EscrowFrozen, EscrowRefunded, EscrowReleased, EscrowUnfrozen
from core.money import Money
from core.outbox.services import publish
from core.statements import insert
from core.states import is_allowed, next_state
from payments.contracts import (
    DeliveryKind,
    EscrowNotFound,
    EscrowState,
    EscrowTransitionRefused,
    EscrowView,
    ExtensionUsed,
    StaleEscrow,
)
from payments.escrow import selectors
from payments.escrow.models import Escrow, EscrowEvent, EscrowTimer, Refund
from payments.escrow.rules import EXTENSION, fee_on, release_due, resumed_due
from payments.escrow.states import PARTIES, TERMINAL, TRANSITIONS, EscrowAction, Party
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg

A, S = EscrowAction, EscrowState
STALE = "40001"

_PARTY_OF_KIND = {
    ActorKind.SYSTEM: Party.SYSTEM,
    ActorKind.OPERATOR: Party.OPERATOR,
    ActorKind.CARRIER: Party.CARRIER,
    ActorKind.PROVIDER: Party.PROVIDER,
}


def party_for(actor: Actor, escrow: Escrow, action: EscrowAction) -> Party:
    """As whom the actor does this. Raises EscrowNotFound for strangers, EscrowTransitionRefused for the wrong side."""
    mine = [_PARTY_OF_KIND[actor.kind]] if actor.kind in _PARTY_OF_KIND else []
    mine += [Party.BUYER] if actor.acts_for(escrow.buyer_id) else []
    mine += [Party.SELLER] if actor.acts_for(escrow.seller_id) else []
    if not mine:
        raise EscrowNotFound()
    fitting = [party for party in mine if party in PARTIES[action]]
    if not fitting:
        raise EscrowTransitionRefused(f"{action.value} is not for the {mine[0].value.lower()}.")
    return fitting[0]


def advance(
    escrow: Escrow, action: EscrowAction, *, actor: Actor, now: datetime, reason: str = "", txn_id: int | None = None,
    released: int = 0, refunded: int = 0, fee: int = 0,
) -> None:  # fmt: skip
    """Append the event that moves a locked escrow. Raises EscrowTransitionRefused, StaleEscrow."""
    party = party_for(actor, escrow, action)
    try:
        target = next_state(TRANSITIONS, S(escrow.state), action)
    except TransitionRefused as error:
        raise EscrowTransitionRefused(error.message) from error
    try:
        insert(EscrowEvent(
            escrow_id=escrow.id, seq=escrow.seq + 1, from_state=escrow.state, event=action.value, actor=party.value,
            to_state=target.value, actor_ref=actor.reference[:120], reason=reason[:500], txn_id=txn_id,
            released_minor=released, refunded_minor=refunded, fee_minor=fee, at=now,
        ))  # fmt: skip
    except DatabaseError as error:
        if ledger.sqlstate_of(error) == STALE:
            raise StaleEscrow() from error
        raise
    escrow.state, escrow.seq = target.value, escrow.seq + 1
    escrow.released_minor += released
    escrow.refunded_minor += refunded
    escrow.fee_minor += fee


def mark_shipped(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """FUNDED → SHIPPED; the ship deadline is disarmed. Later states: nothing changes. Locks the escrow."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.SHIP)
        already = escrow.state in (S.SHIPPED, S.DELIVERED, S.RELEASED, S.SETTLED) or _happened(escrow, A.SHIP)
        if not already:
            advance(escrow, A.SHIP, actor=actor, now=now)
        return _view(escrow)


def mark_delivered(
    *, order_id: UUID, delivery_kind: DeliveryKind, delivered_at: datetime, actor: Actor, now: datetime
) -> EscrowView:
    """→ DELIVERED and arm the release; while DISPUTED only noted. Repeating changes nothing. Locks the escrow.

    Raises InvalidInput when `delivered_at` lies after `now`.
    """
    if delivered_at > now:
        raise InvalidInput("A delivery cannot lie in the future.", field="delivered_at")
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.DELIVER)
        if escrow.delivered_at is not None or escrow.state in (S.RELEASED, S.SETTLED):
            return _view(escrow)
        advance(escrow, A.DELIVER, actor=actor, now=now)
        escrow.delivered_at, escrow.delivery_kind = delivered_at, delivery_kind.value
        Escrow.objects.filter(id=escrow.id).update(delivered_at=delivered_at, delivery_kind=delivery_kind.value)
        if escrow.state == S.DELIVERED:
            _arm_release(escrow)
        return _view(escrow)


def confirm_receipt(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """Release to the seller on the buyer's word; publishes EscrowReleased. Repeating changes nothing."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.CONFIRM)
        if escrow.state != S.RELEASED:
            _release(escrow, A.CONFIRM, actor=actor, now=now)
        return _view(escrow)


def extend_inspection(*, order_id: UUID, actor: Actor, now: datetime) -> EscrowView:
    """Five more days for the buyer, once. Raises ExtensionUsed, EscrowTransitionRefused."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.EXTEND)
        if _happened(escrow, A.EXTEND):
            raise ExtensionUsed()
        running = _running_timer(escrow, A.AUTO_RELEASE)
        if running is None:
            raise EscrowTransitionRefused("No inspection is running.")
        advance(escrow, A.EXTEND, actor=actor, now=now)
        _arm(escrow, A.AUTO_RELEASE, running.due_at + EXTENSION)
        return _view(escrow)


def refund_order(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """Before shipping: refund everything (FUNDED) or cancel (CREATED). Publishes EscrowRefunded; repeatable."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.REFUND)
        if escrow.state == S.CREATED:
            advance(escrow, A.CANCEL, actor=actor, now=now, reason=reason)
        elif escrow.state not in (S.REFUNDED, S.CANCELLED):
            _refund_all(escrow, A.REFUND, reason=reason, actor=actor, now=now)
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


def freeze_escrow(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """→ DISPUTED: clocks stop. Publishes EscrowFrozen. Frozen already: nothing changes."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        party_for(actor, escrow, A.FREEZE)
        if escrow.state != S.DISPUTED:
            advance(escrow, A.FREEZE, actor=actor, now=now, reason=reason)
            _publish(EscrowFrozen, escrow, escrow.held, actor=actor, now=now)
        return _view(escrow)


def unfreeze_escrow(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """DISPUTED → where the goods are; clocks run on with the time that was left. Publishes EscrowUnfrozen."""
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        history = list(EscrowEvent.objects.filter(escrow_id=escrow.id).order_by("seq"))
        action = _way_back(escrow, history)
        frozen = [event for event in history if event.event == A.FREEZE.value]
        advance(escrow, action, actor=actor, now=now, reason=reason)
        if frozen:
            _resume_clocks(escrow, frozen[-1], now=now)
        _publish(EscrowUnfrozen, escrow, escrow.held, actor=actor, now=now)
        return _view(escrow)


def _way_back(escrow: Escrow, history: Sequence[EscrowEvent]) -> EscrowAction:
    if escrow.delivered_at is not None:
        return A.UNFREEZE_DELIVERED
    return A.UNFREEZE_SHIPPED if any(event.event == A.SHIP.value for event in history) else A.UNFREEZE_FUNDED


def _resume_clocks(escrow: Escrow, freeze: EscrowEvent, *, now: datetime) -> None:
    stopped = list(EscrowTimer.objects.filter(escrow_id=escrow.id, armed_seq=freeze.seq - 1))
    for timer in stopped:
        fits = is_allowed(TRANSITIONS, S(escrow.state), A(timer.event))
        if fits:
            _arm(escrow, A(timer.event), resumed_due(due_at=timer.due_at, frozen_at=freeze.at, now=now))
    if escrow.state == S.DELIVERED and not any(timer.event == A.AUTO_RELEASE.value for timer in stopped):
        kind = DeliveryKind(escrow.delivery_kind)  # it arrived during the dispute: the whole inspection is left
        _arm(escrow, A.AUTO_RELEASE, release_due(now, selectors.inspection_days(kind)))


def decide_escrow(*, order_id: UUID, refund: Money, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """Carry out a dispute's decision: `refund` to the buyer, the rest released minus its part of the fee.

    One ledger transaction; publishes EscrowDecided. Raises InvalidInput (more than is held, other currency),
    EscrowTransitionRefused (not disputed, or not this actor's to decide). The same decision again changes nothing.
    """
    with transaction.atomic():
        escrow = selectors.lock_escrow(order_id)
        if refund.currency != escrow.currency or refund.is_negative or refund > escrow.amount:
            raise InvalidInput("The refund must lie between nothing and what is held.", field="refund")
        action = _decision(escrow, refund)
        party_for(actor, escrow, action)
        if escrow.state in TERMINAL and _happened(escrow, action) and escrow.refunded_minor == refund.minor:
            return _view(escrow)
        held = escrow.held
        if refund > held:
            raise EscrowTransitionRefused("There is no open dispute to decide.")
        _settle(escrow, action, released=held - refund, refunded=refund, reason=reason, actor=actor, now=now)
        publish(
            EscrowDecided(
                escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=held, at=now,
                refunded=refund, released=held - refund, fee=escrow.money(escrow.fee_minor),
            ),
            actor=actor, now=now,
        )  # fmt: skip
        return _view(escrow)


def _decision(escrow: Escrow, refund: Money) -> EscrowAction:
    if not refund:
        return A.DECIDE_RELEASE
    return A.DECIDE_REFUND if refund == escrow.amount else A.DECIDE_SPLIT


def _release(escrow: Escrow, action: EscrowAction, *, actor: Actor, now: datetime) -> None:
    amount = escrow.held
    _settle(escrow, action, released=amount, refunded=escrow.money(0), reason="", actor=actor, now=now)
    publish(
        EscrowReleased(
            escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=amount, at=now,
            fee=escrow.money(escrow.fee_minor), automatic=action is A.AUTO_RELEASE,
        ),
        actor=actor, now=now,
    )  # fmt: skip


def _refund_all(escrow: Escrow, action: EscrowAction, *, reason: str, actor: Actor, now: datetime) -> None:
    amount = escrow.held
    _settle(escrow, action, released=escrow.money(0), refunded=amount, reason=reason, actor=actor, now=now)
    publish(
        EscrowRefunded(
            escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=amount, at=now,
            reason=reason,
        ),
        actor=actor, now=now,
    )  # fmt: skip


def _settle(
    escrow: Escrow, action: EscrowAction, *, released: Money, refunded: Money, reason: str, actor: Actor, now: datetime
) -> None:
    """Empty the escrow in one ledger transaction: net to the seller, fee to the platform, the rest to the buyer."""
    if not is_allowed(TRANSITIONS, S(escrow.state), action):
        raise EscrowTransitionRefused(f"{action.value} is not possible while {escrow.state}")
    fee = fee_on(released, amount=escrow.amount, fee_quoted=escrow.money(escrow.fee_quoted_minor))
    order, seller = str(escrow.order_id), str(escrow.seller_id)
    posted = ledger.post(
        scope="escrow", key=f"{escrow.id}:{escrow.seq + 1}", kind=action.value, ref=order, now=now,
        legs=[
            Leg(AccountCode.ESCROW, order, released + refunded),
            Leg(AccountCode.SELLER_PAYABLE, seller, fee - released),
            Leg(AccountCode.FEE_REVENUE, "", -fee),
            Leg(AccountCode.PSP_CLEARING, "", -refunded),
        ],
    )  # fmt: skip
    advance(
        escrow, action, actor=actor, now=now, reason=reason, txn_id=posted.txn_id, released=released.minor,
        refunded=refunded.minor, fee=fee.minor,
    )  # fmt: skip
    if refunded and escrow.charge_id is not None:
        Refund.objects.create(
            charge_id=escrow.charge_id, order_id=escrow.order_id, txn_id=posted.txn_id, amount_minor=refunded.minor,
            currency=refunded.currency, reason=reason[:500], created_at=now, next_attempt_at=now,
        )  # fmt: skip


def _arm_release(escrow: Escrow) -> None:
    if escrow.delivered_at is not None:
        days = selectors.inspection_days(DeliveryKind(escrow.delivery_kind))
        _arm(escrow, A.AUTO_RELEASE, release_due(escrow.delivered_at, days))


def _arm(escrow: Escrow, action: EscrowAction, due_at: datetime) -> None:
    EscrowTimer.objects.update_or_create(
        escrow_id=escrow.id, armed_seq=escrow.seq, event=action.value, defaults={"due_at": due_at, "try_at": due_at}
    )


def _running_timer(escrow: Escrow, action: EscrowAction) -> EscrowTimer | None:
    return EscrowTimer.objects.filter(
        escrow_id=escrow.id, armed_seq=escrow.seq, event=action.value, done_at=None
    ).first()


def _happened(escrow: Escrow, action: EscrowAction) -> bool:
    return EscrowEvent.objects.filter(escrow_id=escrow.id, event=action.value).exists()


def _publish(
    event_class: type[EscrowFrozen] | type[EscrowUnfrozen],
    escrow: Escrow,
    amount: Money,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    event: Event = event_class(
        escrow_id=escrow.id, order_id=escrow.order_id, seller_id=escrow.seller_id, amount=amount, at=now
    )
    publish(event, actor=actor, now=now)


def _view(escrow: Escrow) -> EscrowView:
    return selectors.views_of([escrow])[escrow.order_id]


def fire_timer(escrow: Escrow, action: EscrowAction, *, actor: Actor, now: datetime) -> None:
    """What a clock does to a locked escrow when its moment comes."""
    if action is A.AUTO_RELEASE:
        _release(escrow, action, actor=actor, now=now)
    else:
        _refund_all(escrow, action, reason="Not shipped in time", actor=actor, now=now)
