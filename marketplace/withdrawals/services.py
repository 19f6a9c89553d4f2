"""Withdrawing from a contract: what was not sent is cancelled at once, what came (or comes) goes back as a return.

Directive 2011/83/EU, article 11a (added by directive 2023/2673): a statement and its confirmation, a receipt at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from core.actor import Actor
from core.errors import DomainError, InvalidInput
from core.events import marketplace as events
from core.ids import new_id, short_code
from core.outbox.services import publish
from logistics.contracts import ShipmentAlreadyHandedOver
from marketplace.contracts import OrderNotFound, OrderState
from marketplace.orders.models import Order
from marketplace.orders.parcels import cancel_pieces
from marketplace.orders.rules import may_withdraw
from marketplace.orders.selectors import line_balances, lock_order, order_facts
from marketplace.orders.states import UNSENT
from marketplace.returns.rules import NotReturnable, ReturnReason, ReturnWish
from marketplace.returns.services import RETURNABLE, ReturnAsk, request_return
from marketplace.withdrawals import selectors
from marketplace.withdrawals.models import Withdrawal, WithdrawalLine

SYSTEM = Actor.system("withdrawals")


class NotWithdrawable(DomainError):
    """The time is over, or the law knows no right to withdraw from these goods."""

    code = "not_withdrawable"
    message = "The time to withdraw from this contract is over."


@dataclass(frozen=True, slots=True)
class Statement:
    """What a buyer declares: pieces by line, and the name and e-mail address of whoever declares it."""

    pieces: Mapping[UUID, int]
    name: str
    email: str


def withdraw(*, order_id: UUID, statement: Statement, key: str, actor: Actor, now: datetime) -> Withdrawal:
    """The confirmed statement: kept with its moment, carried out as far as it can be, its receipt written at once.

    Pieces nobody sent are cancelled and paid back; delivered ones become a return approved at once; those on their way, or
    in dispute, become one as soon as they may. The same key again returns the first. Locks the order. Publishes
    OrderWithdrawn. Raises OrderNotFound (not the buyer), NotWithdrawable, InvalidInput (name, email, lines).
    """
    with transaction.atomic():
        order = lock_order(order_id)
        if not actor.acts_for(order.buyer_id):
            raise OrderNotFound()
        known = Withdrawal.objects.filter(order=order, key=key).first()
        if known is not None:
            return known
        pieces = check_statement(order=order, statement=statement, now=now)
        made = _record(order, statement, pieces, key=key, now=now)
        _cancel_unsent(order, made, actor=actor, now=now)
        _follow(made, lock_order(order_id), now=now)
        facts = order_facts(order, now)
        event = events.OrderWithdrawn(**facts, withdrawal_id=made.id, pieces=sum(pieces.values()))
        publish(event, actor=actor, now=now)
    return made


def check_statement(*, order: Order, statement: Statement, now: datetime) -> dict[UUID, int]:
    """The pieces by line, when this may be declared. Raises NotWithdrawable, InvalidInput naming the field."""
    if not may_withdraw(state=OrderState(order.state), received_at=order.received_at, now=now):
        raise NotWithdrawable()
    if not statement.name.strip():
        raise InvalidInput("Say who withdraws.", field="name")
    try:
        validate_email(statement.email)
    except ValidationError:
        raise InvalidInput("Type an e-mail address: the receipt goes there.", field="email") from None
    pieces = {line_id: quantity for line_id, quantity in statement.pieces.items() if quantity}
    if not pieces:
        raise InvalidInput("Choose at least one piece.", field="lines")
    lines = {one.line.id: one for one in selectors.withdrawable_lines(order)}
    for line_id, quantity in pieces.items():
        one = lines.get(line_id)
        if one is None or not 0 < quantity <= one.pieces:
            raise InvalidInput("There are not that many pieces left.", field="lines")
        if one.ground:
            raise NotWithdrawable("This is a final sale: it can go back only when something is wrong with it.")
    return pieces


def _record(order: Order, statement: Statement, pieces: Mapping[UUID, int], *, key: str, now: datetime) -> Withdrawal:
    withdrawal_id = new_id()
    made = Withdrawal.objects.create(
        id=withdrawal_id, number=short_code(withdrawal_id, prefix="WD"), order=order, key=key[:120],
        name=statement.name.strip()[:120], email=statement.email, stated_at=now,
    )  # fmt: skip
    WithdrawalLine.objects.bulk_create(
        WithdrawalLine(withdrawal=made, line_id=line_id, quantity=quantity)
        for line_id, quantity in sorted(pieces.items())
    )
    return made


def _cancel_unsent(order: Order, made: Withdrawal, *, actor: Actor, now: datetime) -> None:
    """What nobody packed is cancelled. A parcel the seller has handed over already is on its way."""
    if order.state not in UNSENT:
        return
    free = {one.line_id: one.free for one in line_balances(order.id).values()}
    lines = list(made.lines.all())
    pieces = {part.line_id: min(part.quantity, free[part.line_id]) for part in lines}
    if not any(pieces.values()):
        return
    try:
        with transaction.atomic():
            cancel_pieces(order_id=order.id, pieces=pieces, reason=f"Withdrawal {made.number}", actor=actor, now=now)
    except ShipmentAlreadyHandedOver:
        return
    for part in lines:
        part.cancelled = pieces[part.line_id]
    WithdrawalLine.objects.bulk_update(lines, ["cancelled"])


def _follow(made: Withdrawal, order: Order, *, now: datetime) -> None:
    """Carry out what can be by now: nothing is left, or a return is opened, or it waits."""
    asks = [
        ReturnAsk(part.line_id, part.to_send_back, ReturnReason.CHANGED_MIND)
        for part in made.lines.all()
        if part.to_send_back
    ]
    if asks and order.state in RETURNABLE:
        try:
            with transaction.atomic():
                made.opened = request_return(
                    order_id=order.id, asks=asks, wish=ReturnWish.REFUND, note=f"Withdrawal {made.number}",
                    actor=SYSTEM, now=now, asked_at=made.stated_at,
                )  # fmt: skip
        except NotReturnable:
            return  # another return is open; this one follows
        except InvalidInput:
            pass  # these pieces went back in another way meanwhile
    elif asks and order.state not in selectors.ANSWERABLE:
        return
    made.settled_at = now
    made.save(update_fields=["opened", "settled_at"])


def follow_withdrawals(*, now: datetime) -> int:
    """Open the returns of withdrawals whose goods have come by now. Returns how many were looked at."""
    waiting = selectors.waiting_withdrawals()
    for withdrawal_id in waiting:
        with transaction.atomic():
            found = Withdrawal.objects.get(id=withdrawal_id)
            order = lock_order(found.order_id)
            found = Withdrawal.objects.select_for_update().get(id=withdrawal_id)
            if found.settled_at is None:
                _follow(found, order, now=now)
    return len(waiting)
