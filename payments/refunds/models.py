"""What a refund did to each line, and the policy for the commission."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.database import append_only
from payments.escrow.models import Refund


class RefundLine(models.Model):
    """The part of a refund that belongs to a line: `claimed_minor` of it was paid after release."""

    id = models.BigAutoField(primary_key=True)
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="lines")
    order_id = models.UUIDField(db_index=True)
    line_ref = models.CharField(max_length=60)
    amount_minor = models.BigIntegerField()
    claimed_minor = models.BigIntegerField(default=0)
    fee_returned_minor = models.BigIntegerField(default=0)

    class Meta:
        triggers = append_only()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["refund", "line_ref"], name="one_refund_line"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, claimed_minor__gte=0, claimed_minor__lte=F("amount_minor"))
                & Q(fee_returned_minor__gte=0, fee_returned_minor__lte=F("claimed_minor")),
                name="refund_line_fits",
            ),
        ]


class RefundTransition(models.Model):
    """A step of a refund: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12)
    action = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("id",)


class RefundPolicy(models.Model):
    """How much of the commission the platform gives back when a released sale is refunded (basis points of it)."""

    currency = models.CharField(primary_key=True, max_length=3)
    commission_returned_basis_points = models.PositiveIntegerField(default=10_000)

    class Meta:
        verbose_name_plural = "refund policies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(commission_returned_basis_points__lte=10_000), name="refund_policy_sane"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.currency
