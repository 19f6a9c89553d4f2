"""Addresses that organisations want their events sent to, what is sent, and how each attempt went."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.database import CurrentTransactionId, TransactionId
from core.identity.models import Organisation
from core.ids import new_id


class WebhookState(StrEnum):
    """Where a message stands. PARKED: every attempt failed; it can be sent again by hand."""

    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    PARKED = "PARKED"


class WebhookSubscription(models.Model):
    """An organisation's address and the events it wants there. The secret is derived, not stored (rules.secret_of)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=120, blank=True)
    events = models.JSONField(default=list)
    secret_version = models.PositiveIntegerField(default=1)
    previous_secret_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=40, blank=True)
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    since_xid = TransactionId(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        ordering = ("created_at", "id")
        indexes: ClassVar = [models.Index(fields=["organisation", "created_at"], name="webhook_of_organisation")]

    def __str__(self) -> str:
        return self.url

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None and self.deleted_at is None


class WebhookMessage(models.Model):
    """An event on its way to one address: the exact bytes that are signed. `due_at` None: nothing is left to do."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subscription = models.ForeignKey(WebhookSubscription, on_delete=models.PROTECT, related_name="messages")
    event_id = models.UUIDField()
    event_name = models.CharField(max_length=80)
    body = models.TextField()
    state = models.CharField(max_length=10, default=WebhookState.WAITING.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "event_id"], name="webhook_event_once"),
            models.CheckConstraint(
                condition=models.Q(state=WebhookState.WAITING.value, due_at__isnull=False)
                | (~models.Q(state=WebhookState.WAITING.value) & models.Q(due_at__isnull=True)),
                name="webhook_due_while_waiting",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subscription", "due_at"], name="webhook_due", condition=models.Q(state="WAITING")),
            models.Index(fields=["subscription", "-id"], name="webhook_log"),
            models.Index(fields=["created_at"], name="webhook_age"),
        ]


class WebhookAttempt(models.Model):
    """One try: what the address answered, or why it could not be reached."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(WebhookMessage, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    took_ms = models.PositiveIntegerField()
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-id",)


class WebhookCursor(models.Model):
    """How far the event log has been read for webhooks: everything below (xid, event_number) is done. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    xid = models.BigIntegerField()
    event_number = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="one_webhook_cursor")]
