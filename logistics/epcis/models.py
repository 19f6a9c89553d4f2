"""Captured EPCIS documents and their events, as they came; append-only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from core.database import append_only
from core.ids import new_id


class EpcisCapture(models.Model):
    """One document an organisation sent; `shell` is the document without its events."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation_id = models.UUIDField(db_index=True)
    shell = models.JSONField()
    count = models.PositiveIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("-received_at",)
        triggers = append_only()


class EpcisEvent(models.Model):
    """An event at its position in a document. `is_repeat`: the organisation had sent the very same before."""

    id = models.BigAutoField(primary_key=True)
    capture = models.ForeignKey(EpcisCapture, on_delete=models.PROTECT, related_name="events")
    organisation_id = models.UUIDField()
    position = models.PositiveIntegerField()
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=120)
    action = models.CharField(max_length=10, blank=True)
    biz_step = models.CharField(max_length=255, blank=True)
    disposition = models.CharField(max_length=255, blank=True)
    epcs = ArrayField(models.TextField(), default=list)
    event_time = models.DateTimeField()
    recorded_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    is_repeat = models.BooleanField(default=False)
    context = models.JSONField(null=True)
    body = models.JSONField()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["capture", "position"], name="one_epcis_position"),)
        indexes = (
            models.Index(fields=["organisation_id", "event_time"], name="epcis_time"),
            models.Index(fields=["organisation_id", "event_id"], name="epcis_event_id"),
            models.Index(fields=["organisation_id", "digest"], name="epcis_digest"),
            GinIndex(fields=["epcs"], name="epcis_epcs"),
        )
        triggers = append_only()
