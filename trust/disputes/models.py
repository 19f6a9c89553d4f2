"""Disputes, their messages, evidence and history."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.money import Money
from core.personal import personal
from trust.contracts import DisputeParty, DisputeReason, DisputeState, DisputeWish

PARTIES = [(p.value, p.value.title()) for p in DisputeParty]


class Dispute(models.Model):
    """The buyer's complaint about one order. While OPEN the order's escrow is frozen."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField(db_index=True)
    order_number = models.CharField(max_length=16)
    buyer_id = models.UUIDField(db_index=True)
    seller_id = models.UUIDField()
    state = models.CharField(max_length=12, choices=[(s.value, s.value.title()) for s in DisputeState])
    reason = models.CharField(max_length=20, choices=[(r.value, r.value.replace("_", " ").title())
                                                      for r in DisputeReason])  # fmt: skip
    wish = models.CharField(max_length=20, choices=[(w.value, w.value.replace("_", " ").title()) for w in DisputeWish])
    description = personal(models.TextField())
    amount_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    seller_at_fault = models.BooleanField(null=True)
    reasoning = models.TextField(blank=True)
    lines = models.JSONField(default=list, db_default=[])  # refs of the disputed lines; none: all that was held
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-opened_at", "-id")
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = (
            models.UniqueConstraint(
                fields=["order_id"], name="one_live_dispute", condition=Q(state=DisputeState.OPEN)
            ),
            models.CheckConstraint(
                name="refund_within_amount",
                condition=Q(refunded_minor__isnull=True) | Q(refunded_minor__gte=0, refunded_minor__lte=F("amount_minor")),
            ),
            models.CheckConstraint(
                name="decided_has_refund",
                condition=~Q(state=DisputeState.DECIDED) | Q(refunded_minor__isnull=False, closed_at__isnull=False),
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["seller_id", "state", "-opened_at"], name="dispute_of_seller"),)

    def __str__(self) -> str:
        return f"{self.order_number} {self.reason}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def refunded(self) -> Money | None:
        return None if self.refunded_minor is None else Money(self.refunded_minor, self.currency)


class DisputeMessage(models.Model):
    """What a party said; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="messages")
    party = models.CharField(max_length=10, choices=PARTIES)
    actor = models.CharField(max_length=120)
    text = personal(models.TextField())
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()


class Evidence(models.Model):
    """A file a party added; append-only. `stored_as` is a random name below MEDIA_ROOT/disputes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="evidence")
    party = models.CharField(max_length=10, choices=PARTIES)
    actor = models.CharField(max_length=120)
    name = personal(models.CharField(max_length=120))
    stored_as = models.CharField(max_length=60, unique=True)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        verbose_name_plural = _("evidence")
        triggers = append_only()


class DisputeTransition(models.Model):
    """A change of a dispute's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    action = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
