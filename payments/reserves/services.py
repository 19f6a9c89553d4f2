"""Crediting and debiting sellers: the one way by which money reaches or leaves SELLER_PAYABLE outside of payouts.

The waterfall: a credit nets the seller's debt, then fills the reserve by policy, the rest is available. A claim takes
what is available, then the reserve, then becomes debt, and beyond the limit of the debt it is the platform's loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from core.actor import Actor
from core.audit import services as audit
from core.errors import InvalidInput, NotFound
from core.events.payments import ReserveReleased
from core.money import Money
from core.outbox.services import publish
from core.statements import insert
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.reserves import selectors
from payments.reserves.models import ReserveHold, ReservePolicy
from payments.reserves.rules import Claim, Credit, divide_claim, divide_credit

log = structlog.get_logger(__name__)
CLOCK = Actor.system("reserve-clock")


def prepare_credit(*, seller_id: UUID, amount: Money, now: datetime, reserved: bool = True) -> Credit:
    """How `amount` reaches the seller; put `.legs` into the transaction that moves it, then `record_credit`.

    Locks the seller's payable balance. `reserved` False: nothing is kept back (money that was kept back before).
    """
    position = selectors.lock_position(seller_id, amount.currency)
    return divide_credit(position, amount.minor, now=now, reserved=reserved)


def prepare_credits(*, amounts: Sequence[tuple[UUID, Money]], now: datetime) -> list[Credit]:
    """`prepare_credit` for a batch whose credits are posted in this order: each finds what those before it left."""
    positions = selectors.lock_positions((seller_id, amount.currency) for seller_id, amount in amounts)
    credits = []
    for seller_id, amount in amounts:
        key = (seller_id, amount.currency)
        credit = divide_credit(positions[key], amount.minor, now=now)
        positions[key] = positions[key].after(credit)
        credits.append(credit)
    return credits


def record_credit(*, credit: Credit, order_id: UUID, txn_id: int, now: datetime) -> None:
    """Remember when the kept part comes."""
    record_credits(credits=[(credit, order_id, txn_id)], now=now)


def record_credits(*, credits: Sequence[tuple[Credit, UUID, int]], now: datetime) -> None:
    """`record_credit` of (credit, order, ledger transaction) for a batch, in one statement."""
    insert(*(
        ReserveHold(
            seller_id=UUID(credit.seller), order_id=order_id, txn_id=txn_id, currency=credit.currency,
            amount_minor=credit.reserve, release_at=credit.release_at, created_at=now,
        )
        for credit, order_id, txn_id in credits
        if credit.reserve and credit.release_at is not None
    ))  # fmt: skip


def prepare_claim(*, seller_id: UUID, amount: Money, with_debt: bool = True) -> Claim:
    """How `amount` is taken from the seller; put `.legs` into the transaction that moves it. Uses up reserve holds.

    Locks the seller's payable balance, then the holds. `with_debt` False: only what is there, possibly less.
    """
    position = selectors.lock_position(seller_id, amount.currency)
    claim = divide_claim(position, amount.minor, with_debt=with_debt)
    rest = claim.reserve
    for hold in selectors.lock_open_holds(seller_id, amount.currency) if rest else []:
        part = min(rest, hold.left.minor)
        ReserveHold.objects.filter(id=hold.id).update(used_minor=hold.used_minor + part)
        rest -= part
    return claim


def release_due_reserves(*, now: datetime, limit: int = 200) -> int:
    """Give back what was kept, on its day, hold by hold; debt is netted first. Returns how many were given back."""
    released = 0
    for hold_id, seller_id, currency in selectors.list_due_holds(now, limit):
        try:
            released += _release_hold(hold_id, seller_id, currency, now=now)
        except Exception:
            log.exception("reserve_release_failed", hold=str(hold_id))
    return released


def _release_hold(hold_id: UUID, seller_id: UUID, currency: str, *, now: datetime) -> bool:
    with transaction.atomic():
        position = selectors.lock_position(seller_id, currency)
        hold = ReserveHold.objects.select_for_update().get(id=hold_id)
        if hold.released_at is not None:
            return False
        ReserveHold.objects.filter(id=hold_id).update(released_at=now)
        if hold.left:
            credit = divide_credit(position, hold.left.minor, now=now, reserved=False)
            ledger.post(
                scope="reserve", key=str(hold.id), kind="RESERVE_RELEASE", ref=str(hold.order_id), now=now,
                legs=[Leg(AccountCode.SELLER_RESERVE, str(seller_id), hold.left), *credit.legs],
            )  # fmt: skip
            publish(
                ReserveReleased(hold_id=hold.id, seller_id=seller_id, order_id=hold.order_id, amount=hold.left, at=now),
                actor=CLOCK, now=now,
            )  # fmt: skip
    return True


def net_debt(*, seller_id: UUID, currency: str, reference: str, now: datetime) -> Money:
    """Pay the seller's debt with what is available; once per `reference`. Returns what was netted."""
    with transaction.atomic():
        position = selectors.lock_position(seller_id, currency)
        amount = Money(min(position.debt, position.payable), currency)
        if amount:
            seller = str(seller_id)
            ledger.post(
                scope="net_debt", key=f"{seller}:{currency}:{reference}", kind="NET_DEBT", ref=seller, now=now,
                legs=[Leg(AccountCode.SELLER_PAYABLE, seller, amount), Leg(AccountCode.SELLER_DEBT, seller, -amount)],
            )  # fmt: skip
    return amount


def net_debts(*, now: datetime, limit: int = 200) -> int:
    """For money that became available another way (a payout the bank returned). Returns how many sellers."""
    due = selectors.list_sellers_to_net(limit)
    for seller_id, currency in due:
        net_debt(seller_id=seller_id, currency=currency, reference=now.isoformat(), now=now)
    return len(due)


def set_policy(*, seller_id: UUID, basis_points: int, days: int, reason: str, actor: Actor, now: datetime) -> None:
    """Keep `basis_points` of each release of a seller for `days`; for releases from now on. Audited.

    Raises NotFound (not an operator), InvalidInput (no reason, no proper share).
    """
    if not (actor.is_operator or actor.is_system):
        raise NotFound()
    if not reason.strip() or not 0 <= basis_points <= 10_000 or days < 1:
        raise InvalidInput("Say why, how much and for how long.", field="reason")
    with transaction.atomic():
        ReservePolicy.objects.update_or_create(
            seller_id=seller_id, currency="",
            defaults={"basis_points": basis_points, "days": days, "reason": reason.strip()[:300]},
        )  # fmt: skip
        audit.record(
            actor=actor, action="reserve_policy.set", subject_type="seller", subject_id=seller_id, now=now,
            basis_points=basis_points, days=days, reason=reason.strip()[:300],
        )  # fmt: skip
