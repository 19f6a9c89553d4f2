"""What buyers get back for promises that were broken."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.money import Money
from marketplace.orders.models import Order
from marketplace.remedies.states import RemedyState


class PromiseRemedy(models.Model):
    """A share of the shipping price, once for an order. `amount` is what the policy gives, `paid` what was left of it.

    `compensation_id`: the adjustment by which the platform makes the seller good when the delay was not theirs.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="promise_remedy")
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in RemedyState])
    days_late = models.PositiveIntegerField()
    share_bps = models.PositiveIntegerField()
    liable = models.CharField(max_length=16)
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    refund_id = models.UUIDField(null=True)
    compensation_id = models.UUIDField(null=True)
    broken_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("promise remedy")
        verbose_name_plural = _("promise remedies")
        ordering = ("-broken_at", "-id")
        indexes = (
            models.Index(fields=["due_at"], name="remedy_due", condition=models.Q(due_at__isnull=False)),
        )  # fmt: skip
        constraints = (
            models.CheckConstraint(
                condition=models.Q(paid_minor__gte=0, paid_minor__lte=models.F("amount_minor")), name="remedy_fits"
            ),
        )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def paid(self) -> Money:
        return Money(self.paid_minor, self.currency)

    @property
    def share(self) -> int:
        """Percent of the shipping price."""
        return self.share_bps // 100


class RemedyTransition(models.Model):
    """A step of a remedy: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    remedy = models.ForeignKey(PromiseRemedy, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        triggers = append_only()
