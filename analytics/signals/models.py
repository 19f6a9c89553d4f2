"""Stored behaviour signals and those that could not be read."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from core.database import CurrentTransactionId, TransactionId
from core.personal import personal


class StoredSignal(models.Model):
    """One thing a visitor did. Followers read by transaction-id snapshot (`xid`), never by id alone."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    name = models.CharField(max_length=40)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    anon_id = personal(models.CharField(max_length=64, blank=True))
    organisation_id = models.UUIDField(null=True)
    listing_id = models.UUIDField(null=True)
    seller_id = models.UUIDField(null=True)
    query_id = models.UUIDField(null=True)
    query_text = personal(models.CharField(max_length=200, blank=True))
    position = models.PositiveIntegerField(null=True)
    xid = TransactionId(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        db_table = "analytics_signal"
        ordering = ("-id",)
        verbose_name = "signal"
        indexes = (
            models.Index(fields=["xid", "id"], name="signal_xid"),
            BrinIndex(fields=["received_at"], name="signal_received", autosummarize=True),
        )


class QuarantinedSignal(models.Model):
    """A signal that was refused, with the reason, for the people who mend pages."""

    id = models.BigAutoField(primary_key=True)
    payload = models.JSONField()
    reason = models.CharField(max_length=200)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        indexes = (BrinIndex(fields=["received_at"], name="quarantine_received", autosummarize=True),)
