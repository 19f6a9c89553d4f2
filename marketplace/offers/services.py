"""Writes of shared goods: proposed by the machine, accepted or declined by people."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import NotFound
from core.states import next_state
from marketplace.catalog.models import Listing
from marketplace.offers import selectors
from marketplace.offers.models import Match, SharedGood
from marketplace.offers.rules import SIMILAR_PERCENT, likeness_percent
from marketplace.offers.states import TRANSITIONS, MatchAction, MatchState

BATCH = 500


def propose_matches(*, now: datetime, limit: int = BATCH) -> int:
    """Propose that listings of several sellers are the same thing: by GTIN, and by titles that are almost the same.

    Nothing changes for buyers until somebody accepts. What was declined is not proposed again. Returns how many were made.
    """
    made = 0
    for listing_id, other_id in selectors.same_gtin(limit=limit):
        made += _propose(listing_id, other_id, Match.Reason.GTIN, now=now)
    for listing in selectors.newly_published(now=now, limit=limit):
        likes = [(likeness_percent(listing.title, other.title), other) for other in selectors.candidates_for(listing)]
        best = max(likes, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] >= SIMILAR_PERCENT:
            made += _propose(listing.id, best[1].id, Match.Reason.TITLE, now=now)
    return made


def _propose(listing_id: UUID, other_id: UUID, reason: str, *, now: datetime) -> int:
    """Both listings become proposals of one good; what is one already stays. Returns how many proposals are new."""
    with transaction.atomic():
        found = {m.listing_id: m for m in Match.objects.filter(listing_id__in=[listing_id, other_id])}
        if other_id in found:
            good = found[other_id].good
        else:
            title = Listing.objects.values_list("title", flat=True).get(id=other_id)
            good = SharedGood.objects.create(title=title, created_at=now)
        new = [
            Match(good=good, listing_id=one, reason=reason, proposed_at=now)
            for one in (other_id, listing_id)
            if one not in found
        ]
        Match.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def decide_match(*, match_id: UUID, accept: bool, actor: Actor, now: datetime, reason: str = "") -> Match:
    """The seller of the listing, or the operator, says whether it is the same thing; may be decided anew.

    Locks the match. Raises NotFound (somebody else's listing), TransitionRefused (decided so already).
    """
    with transaction.atomic():
        match = selectors.lock_match(match_id)
        if not (actor.is_operator or actor.acts_for(match.listing.seller_id)):
            raise NotFound("There is no such proposal.")
        action = MatchAction.ACCEPT if accept else MatchAction.DECLINE
        match.state = next_state(TRANSITIONS, MatchState(match.state), action)
        match.decided_at, match.decided_by = now, actor.reference
        match.save(update_fields=["state", "decided_at", "decided_by"])
        record(
            actor=actor,
            action=f"match.{action.lower()}",
            subject_type="match",
            subject_id=match.id,
            now=now,
            reason=reason,
        )
    return match
