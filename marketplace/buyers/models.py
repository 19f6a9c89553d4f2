"""How an organisation buys: its VAT number, and up to which amount its people buy on their own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import Organisation
from core.money import Money


class BuyerProfile(models.Model):
    """An empty limit is none. Owners have none in any case; purchases in another currency are not limited."""

    organisation = models.OneToOneField(Organisation, primary_key=True, on_delete=models.PROTECT, related_name="+")
    vat_number = models.CharField(max_length=20, blank=True)
    staff_limit_minor = models.BigIntegerField(null=True)
    manager_limit_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=(Q(staff_limit_minor__isnull=True) | Q(staff_limit_minor__gte=0))
                & (Q(manager_limit_minor__isnull=True) | Q(manager_limit_minor__gte=0)),
                name="buying_limits_not_negative",
            ),
        )

    @property
    def staff_limit(self) -> Money | None:
        return None if self.staff_limit_minor is None else Money(self.staff_limit_minor, self.currency)

    @property
    def manager_limit(self) -> Money | None:
        return None if self.manager_limit_minor is None else Money(self.manager_limit_minor, self.currency)
