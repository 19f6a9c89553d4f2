"""Tables of the sandbox network. It plays an outside company: only its own code reads and writes them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.money import Money


class SandboxMethod(models.Model):
    """A card the network keeps for a buyer; `card` is the test card's token."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    card = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True)


class SandboxIntent(models.Model):
    """A payment at the network, one per idempotency key of the merchant."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    idempotency_key = models.CharField(max_length=80, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    return_url = models.CharField(max_length=500, blank=True, default="")
    status = models.CharField(max_length=16)
    decline_code = models.CharField(max_length=40, blank=True, default="")
    card_last4 = models.CharField(max_length=4, blank=True, default="")
    refunded_minor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    kept = models.ForeignKey(SandboxMethod, on_delete=models.PROTECT, null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(refunded_minor__lte=models.F("amount_minor")), name="sandbox_no_over_refund"
            )
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class SandboxRefund(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    idempotency_key = models.CharField(max_length=80, unique=True)
    intent = models.ForeignKey(SandboxIntent, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()
    created_at = models.DateTimeField()


class SandboxDispute(models.Model):
    """A chargeback at the network. `status` is the network's word; `evidence` what the merchant sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    intent = models.ForeignKey(SandboxIntent, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    reason = models.CharField(max_length=40)
    status = models.CharField(max_length=24)
    due_by = models.DateTimeField()
    evidence = models.JSONField(null=True)
    created_at = models.DateTimeField()


class SandboxPayout(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    idempotency_key = models.CharField(max_length=80, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    iban = models.CharField(max_length=34)
    status = models.CharField(max_length=12)
    failure_code = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField()


class SandboxWebhook(models.Model):
    """A notice the network still has to deliver, or has delivered."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=80)
    body = models.BinaryField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(delivered_at=None), name="sandbox_due")]
