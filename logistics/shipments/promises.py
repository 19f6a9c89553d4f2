"""Reads of promises kept and broken: the history the model learns from, and the public calibration page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DateField, ExpressionWrapper, F, FloatField, Func, Q, QuerySet
from django.db.models.functions import TruncMonth

from logistics.contracts import Place
from logistics.promises.features import Journey, parcel_journey
from logistics.shipments.models import Shipment

HISTORY_DAYS = 400
MAX_JOURNEYS = 100_000
CALIBRATION_DAYS = 365


def list_journeys(*, now: datetime) -> list[Journey]:
    """The latest journeys (hand-over to delivery, or still on the way), newest MAX_JOURNEYS of HISTORY_DAYS."""
    rows = (
        Shipment.objects.filter(handed_over_at__gte=now - timedelta(days=HISTORY_DAYS), handed_over_at__lt=now)
        .filter(parcels__position=1, addresses__kind="RECIPIENT")
        .order_by("-handed_over_at")
        .values_list(
            "service_id", "origin_country", "destination_country", "addresses__postcode", "parcels__weight_grams",
            "handed_over_at", "delivered_at",
        )[:MAX_JOURNEYS]
    )  # fmt: skip
    return [
        parcel_journey(
            service=service, origin=Place(origin), destination=Place(destination, postcode), weight_grams=grams,
            starts_at=start, delivered_at=end,
        )
        for service, origin, destination, postcode, grams, start, end in rows
        if start is not None
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """Scored promises of a service, a month or a model: promised and kept share, and days."""

    label: str
    scored: int
    kept: int
    promised_share: float
    promised_days: float
    actual_days: float

    @property
    def kept_percent(self) -> int:
        return round(100 * self.kept / self.scored) if self.scored else 0

    @property
    def promised_percent(self) -> int:
        return round(100 * self.promised_share)


def _scored(now: datetime) -> QuerySet[Shipment]:
    return Shipment.objects.filter(
        kept_promise__isnull=False, delivered_at__gte=now - timedelta(days=CALIBRATION_DAYS), delivered_at__isnull=False
    )


def _days_between(later: F | Func, earlier: F) -> Any:
    seconds = Func(
        ExpressionWrapper(later - earlier, output_field=FloatField()), template="EXTRACT(EPOCH FROM %(expressions)s)"
    )
    return ExpressionWrapper(seconds / 86_400.0, output_field=FloatField())


_FIGURES = {
    "scored": Count("id"), "kept": Count("id", filter=Q(kept_promise=True)),
    "promised_share": Avg("promise__quantile_bps") / 10_000.0,
    "actual_days": Avg(_days_between(F("delivered_at"), F("booked_at"))),
    "promised_days": Avg(_days_between(
        Func(F("promise__latest_date"), template="%(expressions)s::timestamptz"), F("booked_at")
    )),
}  # fmt: skip


def calibration_by_service(*, now: datetime) -> list[CalibrationRow]:
    """One row for each service, most scored first."""
    return _rows(_scored(now).values(label=F("service__name")), order="-scored")


def calibration_by_month(*, now: datetime) -> list[CalibrationRow]:
    """One row for each month of delivery, newest first."""
    month = TruncMonth("delivered_at", output_field=DateField())
    return _rows(_scored(now).values(label=month), order="-label")


def calibration_by_model(*, now: datetime) -> list[CalibrationRow]:
    """One row for each model version that made promises."""
    return _rows(_scored(now).values(label=F("promise__model_version")), order="-scored")


def _rows(grouped: Any, *, order: str) -> list[CalibrationRow]:
    rows = grouped.annotate(**_FIGURES).order_by(order)[:100]
    return [CalibrationRow(**{**row, "label": _label(row["label"])}) for row in rows]


def _label(value: object) -> str:
    return f"{value:%Y-%m}" if isinstance(value, date) else str(value)
