"""Charges: attempts to take a buyer's money for a purchase."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.database import append_only
from core.ids import new_id
from core.money import Money
from payments.charges.states import LIVE, WAITING
from payments.contracts import ChargeState


class Charge(models.Model):
    """One attempt. Its id is the idempotency key and the reference at the provider."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purchase_id = models.UUIDField(db_index=True)
    buyer_id = models.UUIDField(db_index=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=80, blank=True, default="")
    state = models.CharField(max_length=16, default=ChargeState.CREATED.value)
    redirect_url = models.CharField(max_length=2000, blank=True, default="")
    failure_code = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)
    polls = models.PositiveSmallIntegerField(default=0)
    poll_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        indexes: ClassVar = [
            models.Index(fields=["poll_at"], condition=Q(state__in=[s.value for s in WAITING]), name="charge_to_poll")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["purchase_id"], condition=Q(state__in=[s.value for s in LIVE]), name="one_live_charge"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="charge_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} ({self.state})"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class ChargeTransition(models.Model):
    """A step of a charge: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=16)
    action = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("id",)
