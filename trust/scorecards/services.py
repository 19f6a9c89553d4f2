"""Writes of scorecards: note facts, mark sellers, compute what is due."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.events.trust import ScorecardRecomputed
from core.outbox.services import publish
from core.statements import insert
from marketplace import facade as marketplace
from marketplace.contracts import SellerStanding
from trust.scorecards.models import DirtySeller, FactKind, OrderFact, Scorecard
from trust.scorecards.rules import POLICY, Facts, figures
from trust.scorecards.selectors import find_scorecard, gather_facts, lock_dirty_sellers

ACTOR = Actor.system("scorecards")


def mark_dirty(*, seller_id: UUID, now: datetime) -> None:
    """Have the seller's figures computed again soon. Marking twice is marking once."""
    insert(DirtySeller(seller_id=seller_id, marked_at=now), unless_there=True)


def note_fact(
    *, order_id: UUID, order_number: str, seller_id: UUID, kind: FactKind, at: datetime, now: datetime
) -> None:
    """Remember what happened to an order and mark its seller. Telling it twice changes nothing."""
    with transaction.atomic():
        fact = OrderFact(order_id=order_id, kind=kind, order_number=order_number, seller_id=seller_id, at=at)
        insert(fact, unless_there=True)
        mark_dirty(seller_id=seller_id, now=now)


def recompute_due(*, now: datetime, limit: int = 100) -> int:
    """Compute the figures of up to `limit` marked sellers, each in its own transaction. Returns how many."""
    done = 0
    while done < limit and _recompute_next(now=now):
        done += 1
    return done


def _recompute_next(*, now: datetime) -> bool:
    with transaction.atomic():
        claimed = lock_dirty_sellers(limit=1)
        for seller_id in claimed:
            DirtySeller.objects.filter(seller_id=seller_id).delete()
            recompute(seller_id=seller_id, now=now)
    return bool(claimed)


def recompute(*, seller_id: UUID, now: datetime) -> None:
    """Store a snapshot if the facts changed, hand the figures down to the marketplace, publish ScorecardRecomputed."""
    with transaction.atomic():
        facts = gather_facts(seller_id, policy=POLICY, now=now)
        latest = find_scorecard(seller_id)
        if latest is not None and (latest.facts, latest.policy_version) == (asdict(facts), POLICY.version):
            return
        card = _store(seller_id, facts, now=now)
        marketplace.record_standing(standing=_standing(card), now=now)
        publish(ScorecardRecomputed(seller_id=seller_id, recomputed_at=now), actor=ACTOR, now=now)


def _store(seller_id: UUID, facts: Facts, *, now: datetime) -> Scorecard:
    return Scorecard.objects.create(
        seller_id=seller_id, policy_version=POLICY.version, window_days=POLICY.window_days,
        minimum_sample=POLICY.minimum_sample, facts=asdict(facts), rating_hundredths=facts.rating_hundredths,
        rating_count=facts.rating_count, orders_count=facts.orders_ever, computed_at=now,
        **asdict(figures(facts)),
    )  # fmt: skip


def _standing(card: Scorecard) -> SellerStanding:
    return SellerStanding(
        seller_id=card.seller_id, rating_hundredths=card.rating_hundredths, rating_count=card.rating_count,
        orders_count=card.orders_count, promise_kept_bp=card.promise_kept_bp, dispute_rate_bp=card.dispute_rate_bp,
        cancel_rate_bp=card.cancel_rate_bp, on_time_bp=card.on_time_bp,
    )  # fmt: skip
