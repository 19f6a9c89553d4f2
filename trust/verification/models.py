"""Verification cases and their append-only history."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from trust.contracts import CaseState


class VerificationCase(models.Model):
    """One submission of a business profile, to be approved or rejected by the operator."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField(db_index=True)
    seller_name = models.CharField(_("seller"), max_length=120)
    state = models.CharField(max_length=12, choices=[(s.value, s.value.title()) for s in CaseState])
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-submitted_at", "-id")
        verbose_name = _("verification case")
        verbose_name_plural = _("verification cases")
        constraints = (
            models.UniqueConstraint(fields=["seller_id"], name="one_open_case", condition=Q(state=CaseState.OPEN)),
        )

    def __str__(self) -> str:
        return f"{self.seller_name} {self.state}"


class CaseTransition(models.Model):
    """A change of a case's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(VerificationCase, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
