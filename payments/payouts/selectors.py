"""Reads of payouts and of sellers' balances."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Sum

from core.money import Money
from payments.contracts import PayoutDestinationView, PayoutState, PayoutView, SellerBalance
from payments.escrow.selectors import held_by_seller
from payments.ledger.models import Account
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balances_of_owner
from payments.payouts.models import Payout, PayoutDestination, PayoutPolicy
from payments.payouts.rules import mask_iban

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
    paid = {
        row["currency"]: Money(int(row["total"]), row["currency"])
        for row in Payout.objects.filter(seller_id=seller_id, state=PayoutState.PAID.value)
        .order_by()
        .values("currency")
        .annotate(total=Sum("amount_minor"))
    }
    currencies = sorted({*held, *paid, *(currency for _, currency in booked)})
    return tuple(_balance(currency, held, booked, paid) for currency in currencies)


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
        failure_code=payout.failure_code,
    )  # fmt: skip


def list_payouts(seller_id: UUID, limit: int = 50) -> tuple[PayoutView, ...]:
    """Newest first, at most MAX_LIST."""
    rows = Payout.objects.filter(seller_id=seller_id).order_by("-requested_at", "-id")
    return tuple(view_of(payout) for payout in rows[: min(limit, MAX_LIST)])


def payouts_of(seller_id: UUID) -> QuerySet[Payout]:
    """For paging."""
    return Payout.objects.filter(seller_id=seller_id)


def find_destination(seller_id: UUID) -> PayoutDestinationView | None:
    row = PayoutDestination.objects.filter(seller_id=seller_id).first()
    if row is None:
        return None
    return PayoutDestinationView(seller_id, row.holder, mask_iban(row.iban), row.iban[:2], row.changed_at)


def get_policy(currency: str) -> PayoutPolicy:
    """The policy of a currency; immediate from one unit of it by default."""
    return PayoutPolicy.objects.filter(currency=currency).first() or PayoutPolicy(
        currency=currency, minimum_minor=DEFAULT_MINIMUM
    )


def lock_destination(seller_id: UUID) -> PayoutDestination | None:
    """The seller's destination, locked: payouts of one seller are made one after the other."""
    return PayoutDestination.objects.select_for_update().filter(seller_id=seller_id).first()


def list_sellers_to_pay(limit: int) -> list[tuple[UUID, str]]:
    """(seller, currency) with money available, a bank account, and an immediate schedule above its minimum."""
    refused = Payout.objects.filter(
        seller_id=OuterRef("seller_id"), iban=OuterRef("iban"), state=PayoutState.FAILED.value
    )
    destinations = PayoutDestination.objects.exclude(Exists(refused)).values_list("seller_id", flat=True)
    policies = {p.currency: p.minimum_minor for p in PayoutPolicy.objects.filter(schedule="IMMEDIATE")}
    rows = Account.objects.filter(
        kind=AccountCode.SELLER_PAYABLE.value, balance__posted__lt=0, currency__in=list(policies),
        owner__in=[str(seller_id) for seller_id in destinations],
    ).values_list("owner", "currency_id", "balance__posted")  # fmt: skip
    due = [(UUID(owner), currency) for owner, currency, posted in rows if -posted >= policies[currency]]
    return due[:limit]


def is_refused_account(destination: PayoutDestination) -> bool:
    """The bank has sent money back from this account: it is not tried again by itself."""
    return Payout.objects.filter(
        seller_id=destination.seller_id, iban=destination.iban, state=PayoutState.FAILED.value
    ).exists()


def lock_due_payouts(now: datetime, limit: int) -> list[Payout]:
    """Payouts to send or to ask about, claimed with SKIP LOCKED."""
    due = Payout.objects.select_for_update(skip_locked=True).filter(
        state__in=[PayoutState.REQUESTED.value, PayoutState.SUBMITTED.value], next_attempt_at__lte=now
    )
    return list(due.order_by("next_attempt_at")[:limit])
