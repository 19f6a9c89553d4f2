"""Manifests and what is on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.database import append_only
from core.ids import new_id
from logistics.carriers.models import Carrier
from logistics.manifests.states import ManifestState
from logistics.shipments.models import Shipment

STATES = [(state.value, state.value.title()) for state in ManifestState]


class Manifest(models.Model):
    """A seller's parcels of one carrier, listed for one hand-over. Totals are those of its lines."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    seller_id = models.UUIDField()
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=STATES, default=ManifestState.OPEN)
    shipments = models.PositiveIntegerField()
    parcels = models.PositiveIntegerField()
    weight_grams = models.PositiveBigIntegerField()
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at", "-id")
        indexes = (models.Index(fields=["seller_id", "-made_at"], name="manifest_of_seller"),)

    def __str__(self) -> str:
        return self.number


class ManifestLine(models.Model):
    """A shipment on a manifest, as it was when it was listed; on one manifest that counts only."""

    id = models.BigAutoField(primary_key=True)
    manifest = models.ForeignKey(Manifest, on_delete=models.PROTECT, related_name="lines")
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="manifest_lines")
    position = models.PositiveIntegerField()
    parcels = models.PositiveIntegerField()
    weight_grams = models.PositiveBigIntegerField()
    counts = models.BooleanField(default=True)

    class Meta:
        ordering = ("manifest", "position")
        constraints = (
            models.UniqueConstraint(fields=["shipment"], name="on_one_manifest", condition=Q(counts=True)),
            models.UniqueConstraint(fields=["manifest", "position"], name="one_line_at_a_position"),
        )


class ManifestTransition(models.Model):
    """A step of a manifest: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    manifest = models.ForeignKey(Manifest, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        triggers = append_only()
