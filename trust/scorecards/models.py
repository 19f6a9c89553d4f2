"""Snapshots of reputation, the facts only events tell, and which sellers are due."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db import models

from core.database import append_only
from core.ids import new_id


class FactKind(StrEnum):
    SHIPPED_ON_TIME = "SHIPPED_ON_TIME"
    SHIPPED_LATE = "SHIPPED_LATE"
    CANCELLED_BY_SELLER = "CANCELLED_BY_SELLER"


class OrderFact(models.Model):
    """Something that happened to an order and counts for its seller; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField()
    order_number = models.CharField(max_length=16)
    seller_id = models.UUIDField()
    kind = models.CharField(max_length=24, choices=[(k.value, k.value.replace("_", " ").title()) for k in FactKind])
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        constraints = (models.UniqueConstraint(fields=["order_id", "kind"], name="one_fact_of_a_kind"),)
        indexes = (models.Index(fields=["seller_id", "kind", "-at"], name="fact_of_seller"),)
        triggers = append_only()


class Scorecard(models.Model):
    """A seller's figures as of a moment, with the facts and the policy they came from; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField()
    policy_version = models.PositiveSmallIntegerField()
    window_days = models.PositiveSmallIntegerField()
    minimum_sample = models.PositiveSmallIntegerField()
    facts: Any = models.JSONField()
    rating_hundredths = models.PositiveSmallIntegerField()
    rating_count = models.PositiveIntegerField()
    orders_count = models.PositiveIntegerField()
    promise_kept_bp = models.PositiveSmallIntegerField(null=True)
    on_time_bp = models.PositiveSmallIntegerField(null=True)
    dispute_rate_bp = models.PositiveSmallIntegerField(null=True)
    cancel_rate_bp = models.PositiveSmallIntegerField(null=True)
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ("-computed_at", "-id")
        indexes = (models.Index(fields=["seller_id", "-computed_at", "-id"], name="latest_scorecard"),)
        triggers = append_only()


class DirtySeller(models.Model):
    """A seller whose figures are to be computed again."""

    seller_id = models.UUIDField(primary_key=True)
    marked_at = models.DateTimeField(db_index=True)
