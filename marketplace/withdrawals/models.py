"""Statements of withdrawal: who withdrew from which contract, when, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.personal import personal
from marketplace.orders.models import Order, OrderLine
from marketplace.returns.models import Return


class Withdrawal(models.Model):
    """One statement as it was confirmed. `key` makes confirming idempotent per order."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="withdrawals")
    key = models.CharField(max_length=120)
    name = personal(models.CharField(max_length=120))
    email = personal(models.EmailField())
    stated_at = models.DateTimeField()
    opened = models.ForeignKey(Return, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ("-stated_at", "-id")
        constraints = (models.UniqueConstraint(fields=["order", "key"], name="withdrawn_once"),)
        indexes = (
            models.Index(fields=["stated_at"], name="withdrawal_open", condition=Q(settled_at__isnull=True)),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.number


class WithdrawalLine(models.Model):
    """Pieces of a line; `cancelled` of them had not been sent, so that their price went back at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    cancelled = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("withdrawal", "line")
        constraints = (
            models.UniqueConstraint(fields=["withdrawal", "line"], name="a_line_once_in_a_withdrawal"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, cancelled__lte=F("quantity")), name="withdrawn_pieces_fit"
            ),
        )  # fmt: skip

    @property
    def to_send_back(self) -> int:
        return self.quantity - self.cancelled
