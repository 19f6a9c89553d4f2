"""Chargebacks: what a buyer's bank takes back, whose money it was, and what we answered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.database import append_only
from core.ids import new_id
from core.money import Money
from payments.chargebacks.states import ANSWERABLE
from payments.charges.models import Charge


class Chargeback(models.Model):
    """A claim of the buyer's bank on a charge, as the provider tells it. Its share of each order is in `shares`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    fee_minor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=60)
    state = models.CharField(max_length=24)
    due_by = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    excess_minor = models.BigIntegerField(default=0)  # more than the orders still stood for: nobody's but ours
    submit_at = models.DateTimeField(null=True)  # when the evidence goes by itself, or is tried again
    submit_attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        ordering = ("-opened_at",)
        indexes: ClassVar = [
            models.Index(
                fields=["submit_at"], condition=Q(state__in=[s.value for s in ANSWERABLE]), name="chargeback_to_answer"
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "provider_ref"], name="one_chargeback"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0, fee_minor__gte=0), name="chargeback_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} ({self.state})"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)


class ChargebackShare(models.Model):
    """One order's part: what was set aside of its escrow and of the seller's money."""

    id = models.BigAutoField(primary_key=True)
    chargeback = models.ForeignKey(Chargeback, on_delete=models.PROTECT, related_name="shares")
    order_id = models.UUIDField(db_index=True)
    seller_id = models.UUIDField(db_index=True)
    amount_minor = models.BigIntegerField()
    from_escrow_minor = models.BigIntegerField(default=0)
    from_disputed_minor = models.BigIntegerField(default=0)
    from_seller_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chargeback", "order_id"], name="one_share_per_order"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) & Q(amount_minor__gte=F("from_escrow_minor") + F("from_seller_minor")),
                name="chargeback_share_fits",
            ),
        ]


class ChargebackStatement(models.Model):
    """What the seller has to say; the latest counts."""

    id = models.BigAutoField(primary_key=True)
    chargeback = models.ForeignKey(Chargeback, on_delete=models.PROTECT, related_name="statements")
    seller_id = models.UUIDField()
    text = models.CharField(max_length=4000)
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("id",)


class EvidencePack(models.Model):
    """What was assembled for the bank: facts as JSON and the same as PDF."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chargeback = models.ForeignKey(Chargeback, on_delete=models.PROTECT, related_name="packs")
    facts = models.JSONField()
    document = models.BinaryField()
    assembled_at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("-assembled_at",)


class ChargebackTransition(models.Model):
    """A step of a chargeback: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    chargeback = models.ForeignKey(Chargeback, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=24)
    to_state = models.CharField(max_length=24)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("id",)


class ChargebackPolicy(models.Model):
    """Who bears a lost chargeback, and the bank's fee for it."""

    currency = models.CharField(primary_key=True, max_length=3)
    seller_bears = models.BooleanField(default=True)
    seller_pays_fee = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "chargeback policies"

    def __str__(self) -> str:
        return self.currency
