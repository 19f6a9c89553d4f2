"""Quotes: rates locked until they expire."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.money import Money


class ExchangeQuote(models.Model):
    """What a seller gets for an amount until `expires_at`. Used at most once; the ledger's key is its id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField(db_index=True)
    source_minor = models.BigIntegerField()
    source_currency = models.CharField(max_length=3)
    target_minor = models.BigIntegerField()
    target_currency = models.CharField(max_length=3)
    mid_rate = models.DecimalField(max_digits=24, decimal_places=12)
    rate = models.DecimalField(max_digits=24, decimal_places=12)
    spread_basis_points = models.PositiveIntegerField()
    rate_source = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(source_minor__gt=0, target_minor__gt=0, rate__gt=Decimal(0)), name="quote_positive"
            )
        ]

    @property
    def source(self) -> Money:
        return Money(self.source_minor, self.source_currency)

    @property
    def target(self) -> Money:
        return Money(self.target_minor, self.target_currency)


class ExchangePolicy(models.Model):
    """What an exchange into a currency costs and how long a quote stands; the empty currency is the default."""

    currency = models.CharField(primary_key=True, max_length=3, blank=True, default="")
    spread_basis_points = models.PositiveIntegerField(default=100)
    quote_seconds = models.PositiveIntegerField(default=900)

    class Meta:
        verbose_name_plural = "exchange policies"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(spread_basis_points__lte=5_000), name="exchange_policy_sane")
        ]

    def __str__(self) -> str:
        return self.currency or "default"
