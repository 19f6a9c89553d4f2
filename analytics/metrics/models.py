"""Daily figures, and how far the roll-up has followed the signals."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.database import TransactionId


class Scope(models.TextChoices):
    LISTING = "LISTING"
    SELLER = "SELLER"


class BehaviourDay(models.Model):
    """What visitors did with a listing, or with all listings of a seller, on a business day."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    subject_id = models.UUIDField()
    seller_id = models.UUIDField()
    day = models.DateField()
    impressions = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)
    cart_adds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["scope", "subject_id", "day"], name="behaviour_once_a_day"),)
        indexes = (models.Index(fields=["seller_id", "scope", "day"], name="behaviour_of_seller"),)


class SalesDay(models.Model):
    """What was paid for, less what was cancelled, on the business day of the payment. Only events write it."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    subject_id = models.UUIDField()
    seller_id = models.UUIDField()
    day = models.DateField()
    currency = models.CharField(max_length=3)
    orders = models.IntegerField(default=0)
    units = models.IntegerField(default=0)
    revenue_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["scope", "subject_id", "day", "currency"], name="sales_once_a_day"),
            models.CheckConstraint(condition=Q(orders__gte=0, units__gte=0), name="sales_not_negative"),
        )
        indexes = (
            models.Index(fields=["seller_id", "scope", "day"], name="sales_of_seller"),
            models.Index(fields=["scope", "day"], name="sales_of_day"),
        )


class OrderFact(models.Model):
    """A paid order as its event told it, kept so that a cancellation takes off exactly what was added.

    `lines` is a list of [listing id, pieces, minor units]. A cancellation that comes first leaves a row without lines.
    """

    order_id = models.UUIDField(primary_key=True)
    seller_id = models.UUIDField()
    day = models.DateField()
    currency = models.CharField(max_length=3, blank=True)
    total_minor = models.BigIntegerField(default=0)
    lines = models.JSONField(default=list)
    is_cancelled = models.BooleanField(default=False)


class RollUpPosition(models.Model):
    """The last signal rolled up, in (xid, id) order. One row."""

    name = models.CharField(primary_key=True, max_length=20)
    last_xid = TransactionId()
    last_id = models.BigIntegerField(default=0)
    rolled_up_at = models.DateTimeField(null=True)


class DirtyListing(models.Model):
    """A listing whose figures changed since they last went to the marketplace."""

    listing_id = models.UUIDField(primary_key=True)
