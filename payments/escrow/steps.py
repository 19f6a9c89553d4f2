"""One step of an escrow: who may, which lines, the legs, the event, the clocks. services.py and holds.py are made of these.

A step is a change per line. Everything else follows from it: the legs (what leaves the escrow's account goes to the
seller, the buyer or a hold account), the commission (on the running total of a line), and the event that moves the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connection

from core.actor import Actor, ActorKind
from core.errors import InvalidInput, TransitionRefused
from core.ids import new_id
from core.money import Money
from core.statements import insert
from core.states import is_allowed, next_state
from payments.contracts import (
    DeliveryKind,
    EscrowNotFound,
    EscrowState,
    EscrowTransitionRefused,
    StaleEscrow,
    UnknownLine,
)
from payments.escrow import selectors
from payments.escrow.models import Escrow, EscrowEvent, EscrowLineMove, EscrowTimer, Refund
from payments.escrow.rules import Position, release_due, spread
from payments.escrow.states import PARTIES, TERMINAL, TRANSITIONS, WARN_FIRST, WARN_SECOND, EscrowAction, Party
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.reserves import services as reserves

A, S = EscrowAction, EscrowState
STALE = "40001"

_PARTY_OF_KIND = {
    ActorKind.SYSTEM: Party.SYSTEM,
    ActorKind.OPERATOR: Party.OPERATOR,
    ActorKind.CARRIER: Party.CARRIER,
    ActorKind.PROVIDER: Party.PROVIDER,
}
Parts = Mapping[str, int]
"""Minor units by line."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one event does, by line. Disputed and charged back are differences (they may be negative)."""

    released: Parts
    refunded: Parts
    disputed: Parts
    charged_back: Parts

    @classmethod
    def of(
        cls,
        *,
        released: Parts | None = None,
        refunded: Parts | None = None,
        disputed: Parts | None = None,
        charged_back: Parts | None = None,
    ) -> Step:
        return cls(released or {}, refunded or {}, disputed or {}, charged_back or {})

    def applied(self, position: Position) -> Position:
        ref = position.line.ref
        return position.after(
            released=self.released.get(ref, 0), refunded=self.refunded.get(ref, 0),
            disputed=self.disputed.get(ref, 0), charged_back=self.charged_back.get(ref, 0),
        )  # fmt: skip

    @property
    def refs(self) -> set[str]:
        return {*self.released, *self.refunded, *self.disputed, *self.charged_back}


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
    released: int = 0, refunded: int = 0, fee: int = 0, fee_vat: int = 0, disputed: int = 0, charged_back: int = 0,
) -> None:  # fmt: skip
    """Append the event that moves a locked escrow. Raises EscrowTransitionRefused, StaleEscrow."""
    party = party_for(actor, escrow, action)
    try:
        target = next_state(TRANSITIONS, S(escrow.state), action)
    except TransitionRefused as error:
        raise EscrowTransitionRefused(error.message) from error
    event = EscrowEvent(
        escrow_id=escrow.id, seq=escrow.seq + 1, from_state=escrow.state, event=action.value, actor=party.value,
        to_state=target.value, actor_ref=actor.reference[:120], reason=reason[:500], txn_id=txn_id,
        released_minor=released, refunded_minor=refunded, fee_minor=fee, fee_vat_minor=fee_vat,
        disputed_minor=disputed, charged_back_minor=charged_back, at=now,
    )  # fmt: skip
    try:
        insert(event)
    except DatabaseError as error:
        if ledger.sqlstate_of(error) == STALE:
            raise StaleEscrow() from error
        raise
    escrow.state, escrow.seq = target.value, escrow.seq + 1
    escrow.released_minor += released
    escrow.refunded_minor += refunded
    escrow.fee_minor += fee
    escrow.fee_vat_minor += fee_vat
    escrow.disputed_minor += disputed
    escrow.charged_back_minor += charged_back


def carry_out(
    escrow: Escrow, action: EscrowAction, step: Step, *, actor: Actor, now: datetime, reason: str = "",
    legs: Sequence[Leg] = (), refunded_to: AccountCode = AccountCode.PSP_CLEARING, refunded_owner: str = "",
) -> int:  # fmt: skip
    """Post the step, append its event, tell its lines; returns the ledger transaction. `legs` are posted with it.

    One ledger transaction, keyed by escrow and sequence number. Raises EscrowTransitionRefused before it posts.
    """
    if not is_allowed(TRANSITIONS, S(escrow.state), action):
        raise EscrowTransitionRefused(f"{action.value} is not possible while {escrow.state}")
    party_for(actor, escrow, action)
    before = selectors.positions(escrow)
    after = {ref: step.applied(position) for ref, position in before.items()}
    fee = sum(p.fee_taken for p in after.values()) - sum(p.fee_taken for p in before.values())
    vat = sum(p.vat_taken for p in after.values()) - sum(p.vat_taken for p in before.values())
    released, refunded = sum(step.released.values()), sum(step.refunded.values())
    disputed, charged_back = sum(step.disputed.values()), sum(step.charged_back.values())
    money, order = escrow.money, str(escrow.order_id)
    credit = None
    if released:
        credit = reserves.prepare_credit(seller_id=escrow.seller_id, amount=money(released - fee), now=now)
    posted = ledger.post(
        scope="escrow", key=f"{escrow.id}:{escrow.seq + 1}", kind=action.value, ref=order, now=now,
        legs=[
            Leg(AccountCode.ESCROW, order, money(released + refunded + disputed + charged_back)),
            Leg(AccountCode.DISPUTE_HOLD, order, money(-disputed)),
            Leg(AccountCode.DISPUTE_HOLD, f"chargeback:{order}", money(-charged_back)),
            *(credit.legs if credit else ()),
            Leg(AccountCode.FEE_REVENUE, "", money(vat - fee)),
            Leg(AccountCode.VAT_PAYABLE, "", money(-vat)),
            Leg(refunded_to, refunded_owner, money(-refunded)),
            *legs,
        ],
    )  # fmt: skip
    advance(
        escrow, action, actor=actor, now=now, reason=reason, txn_id=posted.txn_id, released=released,
        refunded=refunded, fee=fee, fee_vat=vat, disputed=disputed, charged_back=charged_back,
    )  # fmt: skip
    if escrow.state not in (S.RELEASED, S.REFUNDED):  # those two say by themselves where every line went
        _tell_lines(escrow, step)
    if credit is not None:
        reserves.record_credit(credit=credit, order_id=escrow.order_id, txn_id=posted.txn_id, now=now)
    return posted.txn_id


def _tell_lines(escrow: Escrow, step: Step) -> None:
    """What the event that was just appended did to each line."""
    event = EscrowEvent.objects.get(escrow_id=escrow.id, seq=escrow.seq)
    EscrowLineMove.objects.bulk_create(
        EscrowLineMove(
            event=event, escrow_id=event.escrow_id, line_ref=ref, released_minor=step.released.get(ref, 0),
            refunded_minor=step.refunded.get(ref, 0), disputed_minor=step.disputed.get(ref, 0),
            charged_back_minor=step.charged_back.get(ref, 0),
        )
        for ref in sorted(step.refs)
    )  # fmt: skip


def free_parts(escrow: Escrow) -> dict[str, int]:
    """All that may be released or refunded now, by line."""
    return {ref: p.free for ref, p in selectors.positions(escrow).items() if p.free}


def chosen_parts(
    available: Mapping[str, int], *, lines: Iterable[str] | None, amount: Money | None, currency: str
) -> dict[str, int]:
    """What a caller asks for, of what is available: whole lines, an amount spread over them, or everything.

    Raises UnknownLine, InvalidInput (nothing, more than there is, another currency).
    """
    wanted = dict(available)
    if lines is not None:
        unknown = [ref for ref in lines if ref not in available]
        if unknown:
            raise UnknownLine(f"There is nothing left of line {unknown[0]!r}.")
        wanted = {ref: available[ref] for ref in sorted(set(lines))}
    total = sum(wanted.values())
    if amount is not None:
        if amount.currency != currency or amount.minor <= 0 or amount.minor > total:
            raise InvalidInput("The amount must lie between nothing and what is held.", field="amount")
        refs = list(wanted)
        wanted = dict(zip(refs, spread(amount.minor, [wanted[ref] for ref in refs]), strict=True))
    return {ref: part for ref, part in wanted.items() if part}


def minus(parts: Parts) -> dict[str, int]:
    return {ref: -part for ref, part in parts.items()}


def instruct_refund(escrow: Escrow, amount: Money, *, txn_id: int, reason: str, now: datetime) -> None:
    """Write the instruction that a task carries out at the provider."""
    if amount and escrow.charge_id is not None:
        Refund.objects.create(
            id=new_id(), charge_id=escrow.charge_id, order_id=escrow.order_id, txn_id=txn_id,
            amount_minor=amount.minor, currency=amount.currency, from_escrow_minor=amount.minor, reason=reason[:500],
            created_at=now, next_attempt_at=now,
        )  # fmt: skip


# ------------------------------------------------------------------------------------------------ clocks


def arm(escrow: Escrow, clocks: Mapping[str, datetime]) -> None:
    """Set clocks of the escrow as it stands now, in one statement."""
    if not clocks:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_escrowtimer (escrow_id, armed_seq, event, due_at, try_at, attempts, last_error)"
            " SELECT %s, %s, event, due, due, 0, '' FROM unnest(%s::text[], %s::timestamptz[]) AS t(event, due)"
            " ON CONFLICT (escrow_id, armed_seq, event) DO UPDATE SET due_at = EXCLUDED.due_at,"
            " try_at = EXCLUDED.try_at",
            [escrow.id, escrow.seq, list(clocks), list(clocks.values())],
        )


def release_clocks(due_at: datetime, *, now: datetime) -> dict[str, datetime]:
    """The release with its warnings; a warning whose moment has passed is not given."""
    days = selectors.clock_days()
    warnings = {name: due_at - timedelta(days=days[name]) for name in (WARN_FIRST, WARN_SECOND)}
    return {A.AUTO_RELEASE.value: due_at} | {name: at for name, at in warnings.items() if at > now}


def arm_release(escrow: Escrow, *, now: datetime) -> None:
    """From delivery on, by the kind of delivery."""
    if escrow.delivered_at is not None and escrow.state == S.DELIVERED:
        days = selectors.inspection_days(DeliveryKind(escrow.delivery_kind))
        arm(escrow, release_clocks(release_due(escrow.delivered_at, days), now=now))


def running_clocks(escrow: Escrow, seq: int | None = None) -> dict[str, datetime]:
    """Clocks that have not fired and count at `seq` (now by default)."""
    rows = EscrowTimer.objects.filter(escrow_id=escrow.id, armed_seq=escrow.seq if seq is None else seq, done_at=None)
    return {timer.event: timer.due_at for timer in rows}


def keep_clocks(escrow: Escrow, clocks: Mapping[str, datetime]) -> None:
    """A step that does not stop the clocks: what ran goes on running."""
    if escrow.state not in TERMINAL:
        arm(escrow, clocks)
