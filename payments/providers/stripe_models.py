"""What we know of Stripe's objects: which of theirs belongs to which of our keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class StripeObject(models.Model):
    """Stripe's id for something we asked for; their idempotency keys are forgotten after a day, this is not.

    `key` is our row id, or "to:<digest>" for the connected account of a bank account. `account`: where it lives.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=80, unique=True)
    object_id = models.CharField(max_length=120)
    account = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.object_id
