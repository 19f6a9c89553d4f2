"""Reads of payouts and of sellers' balances."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Max, OuterRef, QuerySet

from core.money import Money
from core.statements import Prepared
from payments.contracts import (
    HoldReason,
    HoldView,
    PayoutDestinationView,
    PayoutFrequency,
    PayoutState,
    PayoutView,
    SellerBalance,
)
from payments.escrow.selectors import held_by_seller
from payments.ledger.models import Account
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balances_of_owner
from payments.payouts.models import Payout, PayoutDestination, PayoutHold, PayoutPolicy, PayoutSchedule
from payments.payouts.parties import party_directory
from payments.payouts.rules import mask_iban, next_run

MAX_LIST = 200
DEFAULT_MINIMUM = 100


def get_seller_balance(seller_id: UUID, currency: str) -> SellerBalance:
    """Where the seller's money of a currency is; zeros when there never was any."""
    found = {balance.currency: balance for balance in list_seller_balances(seller_id)}
    zero = Money.zero(currency)
    return found.get(currency, SellerBalance(currency, *[zero] * 7))


def list_seller_balances(seller_id: UUID) -> tuple[SellerBalance, ...]:
    """One for each currency, in three queries."""
    held = held_by_seller(seller_id)
    booked = balances_of_owner(str(seller_id))
    paid = _paid_out(seller_id)
    currencies = sorted({*held, *paid, *(currency for _, currency in booked)})
    return tuple(_balance(currency, held, booked, paid) for currency in currencies)


def _paid_out(seller_id: UUID) -> dict[str, Money]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(amount_minor)::bigint FROM payments_payout WHERE seller_id = %s AND state = %s"
            " GROUP BY currency",
            [seller_id, PayoutState.PAID.value],
        )
        return {currency: Money(minor, currency) for currency, minor in cursor.fetchall()}


def _balance(
    currency: str, held: dict[str, Money], booked: dict[tuple[AccountCode, str], Money], paid: dict[str, Money]
) -> SellerBalance:
    zero = Money.zero(currency)
    return SellerBalance(
        currency=currency,
        held=held.get(currency, zero),
        available=-booked.get((AccountCode.SELLER_PAYABLE, currency), zero),
        on_its_way=-booked.get((AccountCode.PAYOUT_IN_TRANSIT, currency), zero),
        paid_out=paid.get(currency, zero),
        owed=booked.get((AccountCode.SELLER_DEBT, currency), zero),
        reserve=-booked.get((AccountCode.SELLER_RESERVE, currency), zero),
        disputed=-booked.get((AccountCode.DISPUTE_HOLD, currency), zero),
    )


def view_of(payout: Payout) -> PayoutView:
    return PayoutView(
        payout_id=payout.id, seller_id=payout.seller_id, amount=payout.amount, state=PayoutState(payout.state),
        destination=mask_iban(payout.iban), requested_at=payout.requested_at, paid_at=payout.paid_at,
        failure_code=payout.failure_code, fee=payout.fee, instant=payout.instant, taken=payout.taken,
    )  # fmt: skip


def list_payouts(seller_id: UUID, limit: int = 50) -> tuple[PayoutView, ...]:
    """Newest first, at most MAX_LIST."""
    rows = Payout.objects.filter(seller_id=seller_id).order_by("-requested_at", "-id")
    return tuple(view_of(payout) for payout in rows[: min(limit, MAX_LIST)])


def payouts_of(seller_id: UUID) -> QuerySet[Payout]:
    """For paging."""
    return Payout.objects.filter(seller_id=seller_id)


_destination = Prepared(lambda seller_id: PayoutDestination.objects.filter(seller_id=seller_id)[:1], seller_id=UUID)
_policy = Prepared(lambda currency: PayoutPolicy.objects.filter(currency=currency)[:1], currency=str)
_schedule = Prepared(lambda seller_id: PayoutSchedule.objects.filter(seller_id=seller_id)[:1], seller_id=UUID)
_holds = Prepared(
    lambda seller_id: PayoutHold.objects.filter(seller_id=seller_id, lifted_at=None).order_by("placed_at"),
    seller_id=UUID,
)


def find_destination(seller_id: UUID) -> PayoutDestinationView | None:
    row = _destination.first(seller_id=seller_id)
    if row is None:
        return None
    return PayoutDestinationView(seller_id, row.holder, mask_iban(row.iban), row.iban[:2], row.changed_at)


def get_policy(currency: str) -> PayoutPolicy:
    """The policy of a currency; immediate from one unit of it by default."""
    return _policy.first(currency=currency) or PayoutPolicy(currency=currency, minimum_minor=DEFAULT_MINIMUM)


def lock_destination(seller_id: UUID) -> PayoutDestination | None:
    """The seller's destination, locked: payouts of one seller are made one after the other."""
    return PayoutDestination.objects.select_for_update().filter(seller_id=seller_id).first()


def get_schedule(seller_id: UUID, currency: str) -> PayoutSchedule:
    """When money of a currency is sent: the seller's choice, else the policy (an unsaved row)."""
    own = _schedule.first(seller_id=seller_id)
    return own or PayoutSchedule(seller_id=seller_id, frequency=get_policy(currency).schedule)


def list_holds(seller_id: UUID, currency: str, now: datetime) -> list[HoldView]:
    """Everything that keeps a seller from being paid, the gravest first, each with words for the seller."""
    rows = _holds.all(seller_id=seller_id)
    holds = [HoldView(HoldReason(row.reason), row.note, row.placed_at, None) for row in rows]
    objection = party_directory().payout_objection(seller_id)
    if objection and not any(hold.reason is HoldReason.VERIFICATION for hold in holds):
        holds.append(HoldView(HoldReason.VERIFICATION, objection, now, None))
    destination = _destination.first(seller_id=seller_id)
    if destination is not None and destination.iban_changed_at is not None:
        until = destination.iban_changed_at + timedelta(hours=get_policy(currency).cool_off_hours)
        if until > now:
            holds.append(HoldView(None, "", destination.iban_changed_at, until))
    return holds


def list_sellers_to_pay(now: datetime, limit: int) -> list[tuple[UUID, str]]:
    """(seller, currency) with money above the minimum, a bank account and no hold, whose schedule is due."""
    refused = Payout.objects.filter(
        seller_id=OuterRef("seller_id"), iban=OuterRef("iban"),
        state__in=[PayoutState.FAILED.value, PayoutState.RETURNED.value],
    )  # fmt: skip
    held = PayoutHold.objects.filter(seller_id=OuterRef("seller_id"), lifted_at=None)
    since = dict(
        PayoutDestination.objects.exclude(Exists(refused)).exclude(Exists(held)).values_list("seller_id", "changed_at")
    )
    policies = {policy.currency: policy for policy in PayoutPolicy.objects.all()}
    rows = [
        (UUID(owner), currency)
        for owner, currency, posted in Account.objects.filter(
            kind=AccountCode.SELLER_PAYABLE.value, balance__posted__lt=0, currency__in=list(policies),
            owner__in=[str(seller_id) for seller_id in since],
        ).values_list("owner", "currency_id", "balance__posted")
        if -posted >= policies[currency].minimum_minor
    ]  # fmt: skip
    return _due(rows, since, policies, now)[:limit]


def _due(
    rows: list[tuple[UUID, str]], since: dict[UUID, datetime], policies: dict[str, PayoutPolicy], now: datetime
) -> list[tuple[UUID, str]]:
    sellers = {seller_id for seller_id, _ in rows}
    schedules = {row.seller_id: row for row in PayoutSchedule.objects.filter(seller_id__in=sellers)}
    last = {
        (row["seller_id"], row["taken_currency"]): row["last"]
        for row in Payout.objects.filter(seller_id__in=sellers)
        .order_by()
        .values("seller_id", "taken_currency")
        .annotate(last=Max("requested_at"))
    }
    due = []
    for seller_id, currency in rows:
        plan = schedules.get(seller_id) or PayoutSchedule(frequency=policies[currency].schedule)
        start = last.get((seller_id, currency), since[seller_id])
        moment = next_run(PayoutFrequency(plan.frequency), after=start, weekday=plan.weekday, month_day=plan.month_day)
        if moment is not None and moment <= now:
            due.append((seller_id, currency))
    return due


def is_refused_account(destination: PayoutDestination) -> bool:
    """The bank has sent money back from this account: it is not tried again by itself."""
    return Payout.objects.filter(
        seller_id=destination.seller_id, iban=destination.iban,
        state__in=[PayoutState.FAILED.value, PayoutState.RETURNED.value],
    ).exists()  # fmt: skip


def lock_due_payouts(now: datetime, limit: int) -> list[Payout]:
    """Payouts to send or to ask about, claimed with SKIP LOCKED."""
    due = Payout.objects.select_for_update(skip_locked=True).filter(
        state__in=[PayoutState.REQUESTED.value, PayoutState.SUBMITTED.value], next_attempt_at__lte=now
    )
    return list(due.order_by("next_attempt_at")[:limit])
