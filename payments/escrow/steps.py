"""One step of an escrow: who may, which lines, the legs, the event, the clocks. services.py and holds.py are made of these.

A step is a change per line. Everything else follows from it: the legs (what leaves the escrow's account goes to the
seller, the buyer or a hold account), the commission (on the running total of a line), and the event that moves the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from core.actor import Actor, ActorKind
from core.errors import InvalidInput, TransitionRefused
from core.events import Event
from core.ids import new_id
from core.money import Money
from core.states import is_allowed, next_state
from payments.contracts import (
    DeliveryKind,
    EscrowNotFound,
    EscrowState,
    EscrowTransitionRefused,
    UnknownLine,
)
from payments.escrow import selectors
from payments.escrow.contributions import settle_contribution
from payments.escrow.models import Escrow, EscrowTimer, Refund
from payments.escrow.rules import ClockPolicy, Position, release_due, spread
from payments.escrow.states import PARTIES, TERMINAL, TRANSITIONS, WARN_FIRST, WARN_SECOND, EscrowAction, Party
from payments.escrow.writing import Change, Writing
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.reserves import services as reserves
from payments.reserves.rules import Credit

A, S = EscrowAction, EscrowState

_PARTY_OF_KIND = {
    ActorKind.SYSTEM: Party.SYSTEM,
    ActorKind.OPERATOR: Party.OPERATOR,
    ActorKind.CARRIER: Party.CARRIER,
    ActorKind.PROVIDER: Party.PROVIDER,
}
Parts = Mapping[str, int]
"""Minor units by line."""
Tell = Callable[[], Event]
"""Makes an event for others once the escrow has moved."""


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
        return position.after(**self.of_line(position.line.ref))

    def of_line(self, ref: str) -> dict[str, int]:
        return {
            "released": self.released.get(ref, 0), "refunded": self.refunded.get(ref, 0),
            "disputed": self.disputed.get(ref, 0), "charged_back": self.charged_back.get(ref, 0),
        }  # fmt: skip

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
    escrow: Escrow, action: EscrowAction, *, actor: Actor, now: datetime, reason: str = "",
    clocks: Mapping[str, datetime] | None = None, facts: Mapping[str, Any] | None = None, tell: Tell | None = None,
) -> None:  # fmt: skip
    """Move a locked escrow without moving money. Raises EscrowTransitionRefused, StaleEscrow.

    `clocks` count from this step on, unless it ended the escrow; `facts` are columns (Writing.note); `tell` makes the
    event for others from the escrow as it stands after the step.
    """
    writing = Writing()
    add_step(writing, escrow, action, actor=actor, reason=reason)
    if facts:
        writing.note(escrow, **facts)
    _finish(writing, escrow, clocks=clocks, tell=tell)
    writing.write(actor=actor, now=now)


def carry_out(
    escrow: Escrow, action: EscrowAction, step: Step, *, actor: Actor, now: datetime, reason: str = "",
    legs: Sequence[Leg] = (), refunded_to: AccountCode = AccountCode.PSP_CLEARING, refunded_owner: str = "",
    clocks: Mapping[str, datetime] | None = None, tell: Tell | None = None,
) -> int:  # fmt: skip
    """Post the step, append its event, tell its lines; returns the ledger transaction. `legs` are posted with it.

    One ledger transaction, keyed by escrow and sequence number, and one database call; `clocks` and `tell` as in
    `advance`. Raises EscrowTransitionRefused before it posts.
    """
    change = planned_change(escrow, action, step, actor=actor)
    credit, writing = None, Writing()
    if change.released:
        earned = escrow.money(change.released - change.fee)
        credit = reserves.prepare_credit(seller_id=escrow.seller_id, amount=earned, now=now)
    back = Leg(refunded_to, refunded_owner, -escrow.money(change.refunded))
    posting = posting_of(escrow, action, change, credit=credit, legs=[*legs, back])
    add_step(writing, escrow, action, actor=actor, reason=reason, change=change)
    if escrow.state not in (S.RELEASED, S.REFUNDED):  # those two say by themselves where every line went
        for ref in sorted(step.refs):
            writing.tell_line(escrow, ref, **step.of_line(ref))
    _finish(writing, escrow, clocks=clocks, tell=tell)
    txn_id = writing.write(actor=actor, now=now, posting=posting)
    assert txn_id is not None
    if credit is not None:
        reserves.record_credit(credit=credit, order_id=escrow.order_id, txn_id=txn_id, now=now)
    settle_contribution(escrow, now=now)
    return txn_id


def planned_change(escrow: Escrow, action: EscrowAction, step: Step, *, actor: Actor) -> Change:
    """What a step adds to the sums, with its commission. Raises EscrowTransitionRefused, EscrowNotFound."""
    if not is_allowed(TRANSITIONS, S(escrow.state), action):
        raise EscrowTransitionRefused(f"{action.value} is not possible while {escrow.state}")
    party_for(actor, escrow, action)
    before = selectors.positions(escrow)
    after = [step.applied(position) for position in before.values()]
    return Change(
        released=sum(step.released.values()), refunded=sum(step.refunded.values()),
        fee=sum(p.fee_taken for p in after) - sum(p.fee_taken for p in before.values()),
        fee_vat=sum(p.vat_taken for p in after) - sum(p.vat_taken for p in before.values()),
        disputed=sum(step.disputed.values()), charged_back=sum(step.charged_back.values()),
    )  # fmt: skip


def posting_of(
    escrow: Escrow, action: EscrowAction, change: Change, *, credit: Credit | None, legs: Sequence[Leg] = ()
) -> ledger.Posting:
    """The ledger transaction of the next step; `legs` say where refunds go and what else is posted with it."""
    money, order = escrow.money, str(escrow.order_id)
    left = change.released + change.refunded + change.disputed + change.charged_back
    return ledger.Posting(
        scope="escrow", key=f"{escrow.id}:{escrow.seq + 1}", kind=action.value, ref=order,
        legs=[
            Leg(AccountCode.ESCROW, order, money(left)),
            Leg(AccountCode.DISPUTE_HOLD, order, money(-change.disputed)),
            Leg(AccountCode.DISPUTE_HOLD, f"chargeback:{order}", money(-change.charged_back)),
            *(credit.legs if credit else ()),
            Leg(AccountCode.FEE_REVENUE, "", money(change.fee_vat - change.fee)),
            Leg(AccountCode.VAT_PAYABLE, "", money(-change.fee_vat)),
            *legs,
        ],
    )  # fmt: skip


def add_step(
    writing: Writing, escrow: Escrow, action: EscrowAction, *, actor: Actor, reason: str = "",
    change: Change | None = None, txn_id: int | None = None,
) -> None:  # fmt: skip
    """Put the step into what is to be written. Raises EscrowTransitionRefused, EscrowNotFound."""
    party = party_for(actor, escrow, action)
    try:
        target = next_state(TRANSITIONS, S(escrow.state), action)
    except TransitionRefused as error:
        raise EscrowTransitionRefused(error.message) from error
    writing.step(
        escrow, action, party=party, target=target.value, actor=actor, reason=reason, change=change, txn_id=txn_id
    )


def _finish(writing: Writing, escrow: Escrow, *, clocks: Mapping[str, datetime] | None, tell: Tell | None) -> None:
    if clocks and escrow.state not in TERMINAL:
        writing.arm(escrow, clocks)
    if tell is not None:
        writing.publish.append(tell())


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


def release_clocks(due_at: datetime, *, now: datetime, policy: ClockPolicy | None = None) -> dict[str, datetime]:
    """The release with its warnings; a warning whose moment has passed is not given."""
    days = (policy or selectors.clock_policy()).days
    warnings = {name: due_at - timedelta(days=days[name]) for name in (WARN_FIRST, WARN_SECOND)}
    return {A.AUTO_RELEASE.value: due_at} | {name: at for name, at in warnings.items() if at > now}


def inspection_clocks(kind: DeliveryKind, delivered_at: datetime, *, now: datetime) -> dict[str, datetime]:
    """From delivery on, by the kind of delivery."""
    policy = selectors.clock_policy()
    return release_clocks(release_due(delivered_at, policy.inspection[kind]), now=now, policy=policy)


def running_clocks(escrow: Escrow, seq: int | None = None) -> dict[str, datetime]:
    """Clocks that have not fired and count at `seq` (now by default)."""
    rows = EscrowTimer.objects.filter(escrow_id=escrow.id, armed_seq=escrow.seq if seq is None else seq, done_at=None)
    return {timer.event: timer.due_at for timer in rows}
