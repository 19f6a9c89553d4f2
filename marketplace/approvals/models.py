"""Purchases above a limit, which wait for a colleague."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from marketplace.approvals.states import ApprovalState
from marketplace.orders.models import Purchase


class PurchaseApproval(models.Model):
    """A purchase that was placed above its buyer's limit: nothing is paid before a colleague agrees."""

    purchase = models.OneToOneField(Purchase, primary_key=True, on_delete=models.PROTECT, related_name="approval")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value.title()) for s in ApprovalState], default=ApprovalState.WAITING
    )
    asked_by = models.UUIDField(null=True)
    asked_name = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField()
    decided_name = models.CharField(max_length=120, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("approval of a purchase")
        verbose_name_plural = _("approvals of purchases")
        ordering = ("-asked_at", "-purchase_id")
        indexes = (
            models.Index(fields=["asked_at"], name="approval_waiting", condition=models.Q(state="WAITING")),
        )  # fmt: skip


class ApprovalTransition(models.Model):
    """A change of an approval's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    approval = models.ForeignKey(PurchaseApproval, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=10)
    to_state = models.CharField(max_length=10)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
