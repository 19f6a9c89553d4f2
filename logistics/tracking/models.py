"""The parcel's history, the raw inbox of webhooks, and the table of carrier codes nobody had mapped."""

from __future__ import annotations

from django.db import models

from core.database import append_only
from logistics.contracts import TrackingStatus
from logistics.shipments.models import Shipment

STATUSES = [(status.value, status.value) for status in TrackingStatus]


class TrackingEvent(models.Model):
    """One thing a carrier told; append-only. A row with `corrects` takes the earlier event of that id back."""

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="events", db_index=False)
    carrier_code = models.CharField(max_length=30)
    leg = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="of a route; 0: one carrier all the way")
    carrier_event_id = models.CharField(max_length=64)
    raw_code = models.CharField(max_length=20, blank=True)
    raw_text = models.CharField(max_length=120, blank=True)
    place = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=20, choices=STATUSES)
    corrects = models.CharField(max_length=64, blank=True)
    reason_code = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=12)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("occurred_at", "id")
        constraints = (models.UniqueConstraint(fields=["shipment", "carrier_event_id"], name="one_tracking_event"),)
        indexes = (models.Index(fields=["carrier_code", "raw_code"], name="tracking_code"),)
        triggers = append_only()


class WebhookMessage(models.Model):
    """The raw inbox: a signed message of a carrier as it came. The same body again is the same message."""

    id = models.BigAutoField(primary_key=True)
    carrier_code = models.CharField(max_length=30)
    digest = models.CharField(max_length=64)
    body = models.TextField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["carrier_code", "digest"], name="one_carrier_webhook"),)
        indexes = (models.Index(fields=["due_at"], name="carrier_webhook_due", condition=models.Q(processed_at=None)),)


class CodeMapping(models.Model):
    """A carrier code outside of its published table. `status` is empty until the operator says what it means."""

    id = models.BigAutoField(primary_key=True)
    carrier_code = models.CharField(max_length=30)
    raw_code = models.CharField(max_length=20)
    sample_text = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=20, choices=STATUSES, blank=True)
    first_seen_at = models.DateTimeField()
    mapped_at = models.DateTimeField(null=True)
    mapped_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("-first_seen_at",)
        constraints = (models.UniqueConstraint(fields=["carrier_code", "raw_code"], name="one_code_mapping"),)


class LaneGap(models.Model):
    """How long parcels of a lane are silent at most (the 99.5 % quantile of hours between two events)."""

    id = models.BigAutoField(primary_key=True)
    service_id = models.CharField(max_length=40)
    destination_country = models.CharField(max_length=2)
    hours = models.PositiveIntegerField()
    gaps = models.PositiveIntegerField(help_text="how many gaps were measured")
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ("service_id", "destination_country")
        constraints = (models.UniqueConstraint(fields=["service_id", "destination_country"], name="one_gap_per_lane"),)
