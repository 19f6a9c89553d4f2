"""Releasing many escrows whose inspection ended: the same steps as one by one, in a handful of database calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from payments.escrow.contributions import settle_contribution
from payments.escrow.models import Escrow
from payments.escrow.services import released_event
from payments.escrow.states import EscrowAction
from payments.escrow.steps import Step, add_step, free_parts, planned_change, posting_of
from payments.escrow.writing import Writing
from payments.ledger import services as ledger
from payments.reserves import services as reserves


class BatchStale(RuntimeError):
    """A release of the batch was posted before: nothing of it is written now, each release is to be tried alone."""


def release_all(escrows: Sequence[Escrow], *, actor: Actor, now: datetime) -> None:
    """AUTO_RELEASE for locked, delivered escrows of which nothing is frozen; publishes EscrowReleased for each.

    All or nothing, inside the caller's transaction. Raises BatchStale and what `ledger.post_many` raises.
    """
    action, ordered = EscrowAction.AUTO_RELEASE, sorted(escrows, key=lambda e: e.id)
    changes = [planned_change(e, action, Step.of(released=free_parts(e)), actor=actor) for e in ordered]
    credits = reserves.prepare_credits(
        amounts=[(e.seller_id, e.money(c.released - c.fee)) for e, c in zip(ordered, changes, strict=True)], now=now
    )
    plans = list(zip(ordered, changes, credits, strict=True))
    posted = ledger.post_many(
        postings=[posting_of(e, action, change, credit=credit) for e, change, credit in plans], now=now
    )
    if any(item.outcome is not ledger.Outcome.POSTED for item in posted):
        raise BatchStale()
    writing = Writing()
    for (escrow, change, _credit), item in zip(plans, posted, strict=True):
        amount = escrow.held
        add_step(writing, escrow, action, actor=actor, change=change, txn_id=item.txn_id)
        writing.publish.append(released_event(escrow, amount, automatic=True, now=now))
    writing.write(actor=actor, now=now)
    kept = [(credit, e.order_id, item.txn_id) for (e, _change, credit), item in zip(plans, posted, strict=True)]
    reserves.record_credits(credits=kept, now=now)
    for escrow in ordered:
        settle_contribution(escrow, now=now)
