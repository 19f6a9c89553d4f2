"""What carriers paid for claims, as it was passed on to sellers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.money import Money
from marketplace.orders.models import Order


class Recovery(models.Model):
    """The money of one paid claim: to the seller whose goods it was, or (no adjustment) kept by the platform, which had
    made the seller good before."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    claim_id = models.UUIDField(unique=True)
    claim_number = models.CharField(max_length=16)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="recoveries")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    adjustment_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("recovery")
        verbose_name_plural = _("recoveries")
        ordering = ("-at", "-id")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
