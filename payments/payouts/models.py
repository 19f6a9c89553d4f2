"""Payouts and where they go."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.database import append_only
from core.ids import new_id
from core.money import Money
from core.personal import personal
from payments.contracts import PayoutState


class PayoutDestination(models.Model):
    """The bank account of a seller; the row is also the lock that keeps payouts of one seller in line."""

    seller_id = models.UUIDField(primary_key=True)
    holder = personal(models.CharField(max_length=120))
    iban = personal(models.CharField(max_length=34))
    changed_at = models.DateTimeField()


class Payout(models.Model):
    """A transfer to a seller's bank. The id is the key at the provider; the destination is frozen with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    holder = personal(models.CharField(max_length=120))
    iban = personal(models.CharField(max_length=34))
    state = models.CharField(max_length=12, default=PayoutState.REQUESTED.value)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=80, blank=True, default="")
    failure_code = models.CharField(max_length=60, blank=True, default="")
    requested_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        indexes: ClassVar = [
            models.Index(fields=["seller_id", "-requested_at"], name="payout_seller"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["REQUESTED", "SUBMITTED"]), name="payout_due"
            ),
        ]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_positive")]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class PayoutTransition(models.Model):
    """A step of a payout: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("id",)


class PayoutPolicy(models.Model):
    """From which amount of a currency a payout is requested by itself."""

    currency = models.CharField(primary_key=True, max_length=3)
    minimum_minor = models.BigIntegerField(default=100)
    schedule = models.CharField(
        max_length=12, default="IMMEDIATE", choices=[("IMMEDIATE", "At once"), ("MANUAL", "On request")]
    )

    class Meta:
        verbose_name_plural = "payout policies"

    def __str__(self) -> str:
        return self.currency
