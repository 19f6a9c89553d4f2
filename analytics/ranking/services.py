"""Computing the figures behind ranking, and changing its weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from analytics.contracts import Behaviour
from analytics.metrics.rules import business_day
from analytics.metrics.selectors import behaviour_of_listings, sales_of_listings
from analytics.metrics.services import claim_dirty
from analytics.ranking import rules
from analytics.ranking.models import RankingActivation, RankingVersion
from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotFound
from marketplace import facade as marketplace
from marketplace.contracts import ListingSignals
from trust import facade as trust

PERIOD: Final = timedelta(days=30)
PAGE: Final = 500
MAX_PAGES: Final = 10_000


def compute_listing_signals(*, now: datetime, listing_ids: Iterable[UUID] | None = None) -> int:
    """Compute the figures of the given listings (default: all published ones) from the last 30 days and hand them to
    the marketplace, a page at a time; returns how many listings changed."""
    if listing_ids is not None:
        ids = sorted(set(listing_ids))
        return sum(_compute_page(ids[start : start + PAGE], now=now) for start in range(0, len(ids), PAGE))
    changed, after = 0, None
    for _ in range(MAX_PAGES):
        page = marketplace.list_published_listing_ids(after=after, limit=PAGE)
        if not page:
            break
        changed += _compute_page(page, now=now)
        after = page[-1]
    return changed


def compute_dirty_listings(*, now: datetime) -> int:
    """Compute the figures of listings that were seen, sold or rated since; returns how many changed. A failing page
    stays on the list."""
    changed = 0
    for _ in range(MAX_PAGES):
        with transaction.atomic():
            ids = claim_dirty(limit=PAGE)
            if not ids:
                break
            changed += _compute_page(ids, now=now)
    return changed


def create_version(
    *, version: str, weights: Mapping[str, float], note: str, actor: Actor, now: datetime
) -> RankingVersion:
    """Write down a new set of weights; nothing changes until it is activated. Raises InvalidWeights, InvalidInput."""
    rules.check_weights(weights)
    name = version.strip()
    if not name or name == rules.DEFAULT_VERSION or RankingVersion.objects.filter(version=name).exists():
        raise InvalidInput("There is such a version already.", field="version", remedy="Choose another name.")
    return RankingVersion.objects.create(
        version=name, weights=dict(weights), note=note, author=actor.reference, created_at=now
    )


def activate_version(*, version: str, reason: str, actor: Actor, now: datetime) -> RankingActivation:
    """Put a version in force; processes follow within half a minute. Raises NotFound."""
    with transaction.atomic():
        row = RankingVersion.objects.filter(version=version).first()
        if row is None:
            raise NotFound("There is no such version.")
        activation = RankingActivation.objects.create(version=row, reason=reason, actor=actor.reference, at=now)
        record(
            actor=actor, action="ranking.activate", subject_type="ranking_version", subject_id=row.pk, now=now,
            version=version, reason=reason,
        )  # fmt: skip
    return activation


def _compute_page(listing_ids: Sequence[UUID], *, now: datetime) -> int:
    since = business_day(now - PERIOD, settings.TIME_ZONE)
    behaviour = behaviour_of_listings(listing_ids, since=since)
    sales = sales_of_listings(listing_ids, since=since)
    ratings = trust.listing_ratings(listing_ids)
    nobody = Behaviour()
    return marketplace.record_signals(
        signals=[
            _signals(i, behaviour.get(i, nobody), sales.get(i, (0, 0)), ratings.get(i, (0, 0)), now)
            for i in listing_ids
        ]
    )


def _signals(
    listing_id: UUID, seen: Behaviour, sold: tuple[int, int], rated: tuple[int, int], now: datetime
) -> ListingSignals:
    return ListingSignals(
        listing_id=listing_id, rating_hundredths=rated[0], rating_count=rated[1], units_sold_30d=sold[1],
        views_30d=seen.views, click_rate_bp=rules.click_rate_bp(seen.clicks, seen.impressions),
        conversion_bp=rules.conversion_bp(sold[0], seen.views), computed_at=now,
    )  # fmt: skip
