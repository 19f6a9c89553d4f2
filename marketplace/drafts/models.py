"""Listings in the making."""

from __future__ import annotations

from django.db import models

from core.ids import new_id
from marketplace.catalog.models import Category
from marketplace.sellers.models import Seller


class ListingDraft(models.Model):
    """What a seller has typed so far of a new listing: `values` as typed, `photos` as [{name, width, height, alt}].
    Gone when the listing is made."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField(default=dict, blank=True)
    photos = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("-updated_at", "-id")
        indexes = (models.Index(fields=["seller", "-updated_at"], name="draft_of_seller"),)
