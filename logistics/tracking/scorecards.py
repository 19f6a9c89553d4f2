"""Carrier scorecards: what each service promised and kept, lost and damaged, and who answers for what went wrong.

The formula is public: reliability = kept promises among those scored, less five points for each percent of parcels lost or
damaged; incidents are charged to the party their reason names, so a carrier does not pay for a buyer who was not at home.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from logistics.contracts import IncidentReason, ShipmentState
from logistics.rates.models import LaneScore
from logistics.rates.services import bump_revision
from logistics.shipments.models import Shipment
from logistics.tracking.models import TrackingEvent

PERIOD = timedelta(days=180)
POINTS_PER_PERCENT = 5


@dataclass(slots=True)
class Scorecard:
    """A carrier's service over the period. `incidents`: liable party -> parcels with such an incident."""

    carrier_code: str
    carrier_name: str
    service_code: str
    service_name: str
    ended: int
    delivered: int
    scored: int
    kept: int
    lost: int
    damaged: int = 0
    incidents: Counter[str] = field(default_factory=Counter)

    @property
    def reliability(self) -> int | None:
        """0 to 100; None before a promise was scored."""
        if not self.scored:
            return None
        harmed = 100 * (self.lost + self.damaged) / max(self.ended, 1)
        return max(0, round(100 * self.kept / self.scored - POINTS_PER_PERCENT * harmed))


def carrier_scorecards(*, now: datetime) -> list[Scorecard]:
    """One for each service with parcels that ended in the period, the most used first; two queries."""
    ended = Q(state__in=[ShipmentState.DELIVERED, ShipmentState.LOST, ShipmentState.RETURNED])
    rows = (
        Shipment.objects.filter(ended, handed_over_at__gte=now - PERIOD)
        .values("carrier_id", "carrier__name", "service_id", "service__name")
        .annotate(
            ended=Count("id"), delivered=Count("id", filter=Q(state=ShipmentState.DELIVERED)),
            scored=Count("id", filter=Q(kept_promise__isnull=False)), kept=Count("id", filter=Q(kept_promise=True)),
            lost=Count("id", filter=Q(state=ShipmentState.LOST)),
        )
        .order_by("-ended", "service_id")[:200]
    )  # fmt: skip
    cards = {
        row["service_id"]: Scorecard(
            carrier_code=row["carrier_id"], carrier_name=row["carrier__name"], service_code=row["service_id"],
            service_name=row["service__name"], ended=row["ended"], delivered=row["delivered"], scored=row["scored"],
            kept=row["kept"], lost=row["lost"],
        )
        for row in rows
    }  # fmt: skip
    _charge(cards, now=now)
    return list(cards.values())


def _charge(cards: dict[str, Scorecard], *, now: datetime) -> None:
    """Add the incidents, each parcel once a reason."""
    incidents = (
        TrackingEvent.objects.filter(occurred_at__gte=now - PERIOD)
        .exclude(reason_code="")
        .values_list("shipment__service_id", "reason_code")
        .annotate(parcels=Count("shipment_id", distinct=True))
    )
    for service, word, parcels in incidents:
        if service not in cards:
            continue
        reason = IncidentReason(word) if word in IncidentReason.__members__ else IncidentReason.UNKNOWN
        cards[service].incidents[reason.liable] += parcels
        if reason is IncidentReason.CARRIER_DAMAGED_PARCEL:
            cards[service].damaged += parcels


def measure_lanes(*, now: datetime) -> int:
    """Write down what each service kept of its promises between two countries; returns the lanes. Quotes show and use it."""
    rows = (
        Shipment.objects.filter(kept_promise__isnull=False, delivered_at__gte=now - PERIOD, delivered_at__lt=now)
        .values_list("service_id", "origin_country", "destination_country")
        .annotate(scored=Count("id"), kept=Count("id", filter=Q(kept_promise=True)))
        .order_by("service_id", "origin_country", "destination_country")
    )
    names = ("service_id", "origin_country", "destination_country", "scored", "kept")
    scores = [LaneScore(measured_at=now, **dict(zip(names, row, strict=True))) for row in rows]
    with transaction.atomic():
        LaneScore.objects.exclude(measured_at=now).delete()
        LaneScore.objects.bulk_create(scores, ignore_conflicts=True)
        bump_revision()
    return len(scores)
