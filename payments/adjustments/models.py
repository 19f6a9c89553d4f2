"""Corrections of sellers' balances by the operator."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.database import append_only
from core.ids import new_id
from core.money import Money
from payments.adjustments.states import AdjustmentState


class Adjustment(models.Model):
    """One correction. A negative amount is taken from the seller, a positive one given."""

    class Kind(models.TextChoices):
        PENALTY = "PENALTY", "Penalty"
        COMPENSATION = "COMPENSATION", "Compensation"
        CORRECTION = "CORRECTION", "Correction"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField(db_index=True)
    order_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=[(s.value, s.value.title()) for s in AdjustmentState])
    requested_by = models.CharField(max_length=120)
    requested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    txn_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="adjustment_moves_something"),
            models.CheckConstraint(
                condition=~Q(kind="PENALTY", amount_minor__gt=0) & ~Q(kind="COMPENSATION", amount_minor__lt=0),
                name="adjustment_sign_fits",
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class AdjustmentTransition(models.Model):
    """A step of an adjustment: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    adjustment = models.ForeignKey(Adjustment, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=10)
    to_state = models.CharField(max_length=10)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("id",)


class AdjustmentPolicy(models.Model):
    """Above which amount a second person must approve."""

    currency = models.CharField(primary_key=True, max_length=3)
    approval_above_minor = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "adjustment policies"

    def __str__(self) -> str:
        return self.currency
