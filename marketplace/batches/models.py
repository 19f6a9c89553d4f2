"""What a seller does to many orders at once, with a result for each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from marketplace.orders.models import Order
from marketplace.sellers.models import Seller


class OrderBatch(models.Model):
    """One action on chosen orders; a worker goes through its rows."""

    class Actions(models.TextChoices):
        LABELS = "LABELS", _("Get labels")
        HAND_OVER = "HAND_OVER", _("Mark as handed over")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=12, choices=Actions.choices)
    user_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=["created_at"], name="batch_waiting", condition=Q(finished_at__isnull=True)),)


class BatchRow(models.Model):
    """One order of a batch; `note` is the parcel's number, or why it did not work."""

    class Results(models.TextChoices):
        WAITING = "WAITING", _("Waiting")
        DONE = "DONE", _("Done")
        REFUSED = "REFUSED", _("Refused")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(OrderBatch, on_delete=models.PROTECT, related_name="rows")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=8, choices=Results.choices, default=Results.WAITING)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("batch", "id")
        constraints = (models.UniqueConstraint(fields=["batch", "order"], name="an_order_once_in_a_batch"),)
