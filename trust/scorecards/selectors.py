"""Reads of scorecards and of the facts behind them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from logistics import facade as logistics
from marketplace import facade as marketplace
from marketplace.contracts import OrderState
from trust.contracts import ScorecardView
from trust.disputes.models import Dispute
from trust.reviews.selectors import seller_rating
from trust.scorecards.models import DirtySeller, FactKind, OrderFact, Scorecard
from trust.scorecards.rules import Facts, ScorecardPolicy

NOT_SALES = frozenset({OrderState.AWAITING_PAYMENT.value, OrderState.CANCELLED.value})


def find_scorecard(seller_id: UUID) -> Scorecard | None:
    """The latest snapshot."""
    return Scorecard.objects.filter(seller_id=seller_id).first()


def gather_facts(seller_id: UUID, *, policy: ScorecardPolicy, now: datetime) -> Facts:
    """Everything a scorecard is made of, in a constant number of queries."""
    since = now - timedelta(days=policy.window_days)
    rating, rated = seller_rating(seller_id)
    promises = logistics.promise_record(seller_id)
    kinds = dict(facts_since(seller_id, since=since).order_by().values_list("kind").annotate(n=Count("id")))
    on_time = int(kinds.get(FactKind.SHIPPED_ON_TIME, 0))
    by_state = marketplace.count_orders_by_state(seller_id)
    orders = [order for order in marketplace.list_orders_of_seller(seller_id=seller_id, since=since) if order.paid_at]
    return Facts(
        rating_hundredths=rating, rating_count=rated,
        orders_ever=sum(number for state, number in by_state.items() if state not in NOT_SALES),
        orders=len(orders), promises_kept=promises.kept, promises=promises.total,
        shipped=on_time + int(kinds.get(FactKind.SHIPPED_LATE, 0)), shipped_on_time=on_time,
        lost_disputes=lost_disputes_since(seller_id, since=since).count(),
        cancelled_by_seller=int(kinds.get(FactKind.CANCELLED_BY_SELLER, 0)),
    )  # fmt: skip


def facts_since(seller_id: UUID, *, since: datetime, kind: FactKind | None = None) -> QuerySet[OrderFact]:
    """Facts of a seller, newest first; bound or page it."""
    found = OrderFact.objects.filter(seller_id=seller_id, at__gte=since)
    return found.filter(kind=kind) if kind else found


def lost_disputes_since(seller_id: UUID, *, since: datetime) -> QuerySet[Dispute]:
    """Disputes decided with the seller at fault; refunds the seller agreed to do not count."""
    return Dispute.objects.filter(seller_id=seller_id, seller_at_fault=True, closed_at__gte=since)


def lock_dirty_sellers(*, limit: int) -> list[UUID]:
    """The longest waiting sellers, locked; rows another worker holds are skipped."""
    rows = DirtySeller.objects.select_for_update(skip_locked=True).order_by("marked_at", "seller_id")
    return list(rows.values_list("seller_id", flat=True)[:limit])


def scorecard_view(card: Scorecard) -> ScorecardView:
    return ScorecardView(
        seller_id=card.seller_id, policy_version=card.policy_version, computed_at=card.computed_at,
        window_days=card.window_days, minimum_sample=card.minimum_sample, rating_hundredths=card.rating_hundredths,
        rating_count=card.rating_count, orders_count=card.orders_count, orders_in_window=card.facts["orders"],
        promise_kept_bp=card.promise_kept_bp, on_time_bp=card.on_time_bp, dispute_rate_bp=card.dispute_rate_bp,
        cancel_rate_bp=card.cancel_rate_bp,
    )  # fmt: skip
