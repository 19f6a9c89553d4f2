"""Payment methods that buyers keep."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.ids import new_id


class SavedMethod(models.Model):
    """A provider's token for a card of a buyer, kept with consent while paying `charge_id`.

    Forgetting blanks what names the card at once; the token goes when the provider has let go of it too.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    buyer_id = models.UUIDField()
    provider = models.CharField(max_length=20)
    token = models.CharField(max_length=200, blank=True)
    fingerprint = models.CharField(max_length=120, blank=True)
    brand = models.CharField(max_length=30, blank=True)
    last4 = models.CharField(max_length=4, blank=True)
    exp_month = models.PositiveSmallIntegerField(null=True)
    exp_year = models.PositiveSmallIntegerField(null=True)
    label = models.CharField(max_length=60, blank=True, default="")
    is_default = models.BooleanField(default=False)
    charge_id = models.UUIDField(unique=True)
    kept_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)
    forget_at = models.DateTimeField(null=True)
    forget_attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-is_default", "-kept_at")
        verbose_name = "saved payment method"
        indexes: ClassVar = [
            models.Index(fields=["buyer_id"], condition=Q(forgotten_at=None), name="saved_method_buyer"),
            models.Index(fields=["forget_at"], condition=Q(forget_at__isnull=False), name="saved_method_to_forget"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["buyer_id"], condition=Q(is_default=True, forgotten_at=None), name="one_default_method"
            ),
            models.UniqueConstraint(
                fields=["buyer_id", "provider", "fingerprint"], condition=Q(forgotten_at=None), name="one_saved_method"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.last4}"
