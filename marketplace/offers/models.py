"""The same thing offered by several sellers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from marketplace.catalog.models import Listing
from marketplace.offers.states import MatchState


class SharedGood(models.Model):
    """A thing that several sellers offer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=140)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class Match(models.Model):
    """A listing is proposed to be a shared good; shown beside the others only when its seller or the operator agreed."""

    class Reason(models.TextChoices):
        GTIN = "GTIN", _("The same barcode number")
        TITLE = "TITLE", _("Almost the same title")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    good = models.ForeignKey(SharedGood, on_delete=models.PROTECT, related_name="matches")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="matches")
    reason = models.CharField(max_length=5, choices=Reason.choices)
    state = models.CharField(
        max_length=8, choices=[(s.value, s.value.title()) for s in MatchState], default=MatchState.PROPOSED
    )
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ("-proposed_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["listing"], name="one_match_per_listing"),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["good", "state"], name="match_of_good"),
            models.Index(fields=["state"], name="match_waiting", condition=Q(state="PROPOSED")),
        )
