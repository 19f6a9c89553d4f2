"""The event log and its delivery queue (transactional outbox)."""

from __future__ import annotations

from django.db import models

from core.database import CurrentTransactionId, TransactionId, append_only


class EventRecord(models.Model):
    """One published event; append-only. Followers read by transaction-id snapshot (`xid`), never by id alone."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    payload = models.JSONField()
    occurred_at = models.DateTimeField()
    actor = models.CharField(max_length=120, blank=True)
    xid = TransactionId(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["name", "id"], name="event_name"),
            models.Index(fields=["xid", "id"], name="event_xid"),
        )
        triggers = append_only()


class Delivery(models.Model):
    """An event that still has to reach its handlers. Removed when all have consumed it; parked after many failures."""

    event = models.OneToOneField(EventRecord, primary_key=True, on_delete=models.PROTECT, related_name="delivery")
    key = models.CharField(max_length=80)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    parked_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = (
            models.Index(fields=["due_at"], name="delivery_due", condition=models.Q(parked_at=None)),
            models.Index(fields=["key", "event"], name="delivery_key"),
        )


class Consumption(models.Model):
    """Proof that a handler has had its effect for an event; written in the handler's own transaction."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField()
    handler = models.CharField(max_length=120)
    consumed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["event_id", "handler"], name="consumed_once"),)
