"""Reserves: policies, and what was kept back of each release until its day."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.ids import new_id, order_number
from core.money import Money
from payments.ledger.models import Txn


class ReservePolicy(models.Model):
    """Part of each release that is kept back, and for how long (10 % for 90 days is what the large ones do).

    A row of a seller wins over one for all; a row of a currency over one for all currencies. `debt_limit_minor`: how
    far claims may put the seller in debt before the platform carries them; empty: no limit.
    """

    id = models.BigAutoField(primary_key=True)
    seller_id = models.UUIDField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    basis_points = models.PositiveIntegerField(default=1000)
    days = models.PositiveSmallIntegerField(default=90)
    debt_limit_minor = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        verbose_name_plural = "reserve policies"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["seller_id", "currency"], name="one_reserve_policy", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(basis_points__lte=10_000)
                & (Q(debt_limit_minor__isnull=True) | Q(debt_limit_minor__gte=0)),
                name="reserve_policy_sane",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.seller_id or 'all sellers'} {self.currency}".strip()


class ReserveHold(models.Model):
    """Kept back from one release until `release_at`; claims take from the oldest first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField()
    order_id = models.UUIDField()
    txn = models.ForeignKey(Txn, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    used_minor = models.BigIntegerField(default=0)
    release_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("release_at", "id")
        indexes: ClassVar = [
            models.Index(fields=["release_at"], condition=Q(released_at=None), name="reserve_due"),
            models.Index(fields=["seller_id", "currency"], condition=Q(released_at=None), name="reserve_of_seller"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, used_minor__gte=0, used_minor__lte=F("amount_minor")),
                name="reserve_hold_fits",
            )
        ]

    @property
    def order_number(self) -> str:
        """What people call the order."""
        return order_number(self.order_id)

    @property
    def left(self) -> Money:
        return Money(self.amount_minor - self.used_minor, self.currency)
