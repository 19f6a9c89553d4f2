"""Payouts and where they go."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.database import append_only
from core.ids import new_id
from core.money import Money
from core.personal import personal
from payments.contracts import HoldReason, PayoutFrequency, PayoutState


class PayoutDestination(models.Model):
    """The bank account of a seller; the row is also the lock that keeps payouts of one seller in line."""

    seller_id = models.UUIDField(primary_key=True)
    holder = personal(models.CharField(max_length=120))
    iban = personal(models.CharField(max_length=34))
    address = personal(models.JSONField(default=dict))
    changed_at = models.DateTimeField()
    iban_changed_at = models.DateTimeField(null=True)


class Payout(models.Model):
    """A transfer to a seller's bank. The id is the key at the provider; the destination is frozen with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    holder = personal(models.CharField(max_length=120))
    iban = personal(models.CharField(max_length=34))
    address = personal(models.JSONField(default=dict))
    instant = models.BooleanField(default=False)
    fee_minor = models.BigIntegerField(default=0)
    taken_minor = models.BigIntegerField(default=0)
    taken_currency = models.CharField(max_length=3, default="")
    quote_id = models.UUIDField(null=True)
    state = models.CharField(max_length=12, default=PayoutState.REQUESTED.value)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=80, blank=True, default="")
    failure_code = models.CharField(max_length=60, blank=True, default="")
    requested_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    paid_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        indexes: ClassVar = [
            models.Index(fields=["seller_id", "-requested_at"], name="payout_seller"),
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["REQUESTED", "SUBMITTED"]), name="payout_due"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_positive"),
            models.CheckConstraint(condition=Q(fee_minor__gte=0), name="payout_fee_not_negative"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def fee(self) -> Money:
        """Of the balance's currency."""
        return Money(self.fee_minor, self.taken_currency)

    @property
    def taken(self) -> Money:
        """What left the balance, fee included."""
        return Money(self.taken_minor, self.taken_currency)

    @property
    def end_to_end_id(self) -> str:
        """What the bank's file and statement call this payout."""
        return self.id.hex


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
    """How payouts of a currency go: from which amount, when, on which rail, and what an instant one costs."""

    currency = models.CharField(primary_key=True, max_length=3)
    minimum_minor = models.BigIntegerField(default=100)
    schedule = models.CharField(
        max_length=12, default="IMMEDIATE", choices=[(f.value, f.value.title()) for f in PayoutFrequency],
        help_text="For sellers who did not choose.",
    )  # fmt: skip
    rail = models.CharField(
        max_length=12, default="", blank=True,
        choices=[("", "The card provider"), ("bank", "Payment file for the bank")],
    )  # fmt: skip
    instant_basis_points = models.PositiveIntegerField(default=100)
    instant_minimum_minor = models.BigIntegerField(default=50)
    cool_off_hours = models.PositiveSmallIntegerField(
        default=24, help_text="After a bank account was changed; not after the first one was set."
    )

    class Meta:
        verbose_name_plural = "payout policies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(instant_basis_points__lte=10_000, instant_minimum_minor__gte=0), name="payout_policy_sane"
            )
        ]

    def __str__(self) -> str:
        return self.currency


class PayoutSchedule(models.Model):
    """A seller's own choice of when, and in which currency, money is sent; without a row the policy counts."""

    seller_id = models.UUIDField(primary_key=True)
    frequency = models.CharField(max_length=12, choices=[(f.value, f.value.title()) for f in PayoutFrequency])
    weekday = models.PositiveSmallIntegerField(default=0)
    month_day = models.PositiveSmallIntegerField(default=1)
    currency = models.CharField(max_length=3, blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, month_day__gte=1, month_day__lte=28), name="payout_schedule_sane"
            )
        ]


class PayoutHold(models.Model):
    """A reason not to pay a seller, until somebody lifts it. Money stays in the payable balance."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=12, choices=[(r.value, r.value.title()) for r in HoldReason])
    note = models.CharField(max_length=300)
    placed_by = models.CharField(max_length=120)
    placed_at = models.DateTimeField()
    lifted_by = models.CharField(max_length=120, blank=True, default="")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-placed_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seller_id", "reason"], condition=Q(lifted_at=None), name="one_payout_hold")
        ]


class PayoutRecipient(models.Model):
    """How a seller stands with the provider that sends payouts: whether it wants to know something first."""

    seller_id = models.UUIDField(primary_key=True)
    provider = models.CharField(max_length=20)
    provider_ref = models.CharField(max_length=80, blank=True, default="", db_index=True)
    state = models.CharField(max_length=12)
    missing = models.JSONField(default=list)
    checked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.seller_id} {self.state}"
