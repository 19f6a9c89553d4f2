"""Imports of listings: the file as sent, what is wrong in it, how far it has come, and which listings it made."""

from __future__ import annotations

from django.db import models

from core.database import append_only
from core.ids import new_id
from marketplace.catalog.models import Listing
from marketplace.imports.states import ImportState
from marketplace.sellers.models import Seller


class ListingImport(models.Model):
    """One file of a seller. `errors`: the first of {row, column, message, remedy}; `rows_done` counts rows looked at."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=120)
    content = models.BinaryField()
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value.title()) for s in ImportState], default=ImportState.UPLOADED
    )
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    listings_made = models.PositiveIntegerField(default=0)
    errors_total = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)
    actor = models.CharField(max_length=120)
    user_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=["seller", "-created_at"], name="import_of_seller"),
            models.Index(
                fields=["created_at"], name="import_waiting", condition=models.Q(state__in=["UPLOADED", "RUNNING"])
            ),
        )

    @property
    def share_done(self) -> int:
        """Per cent of the rows."""
        return round(100 * self.rows_done / self.rows_total) if self.rows_total else 0


class ImportedListing(models.Model):
    """A listing and the import that made it."""

    listing = models.OneToOneField(Listing, primary_key=True, on_delete=models.PROTECT, related_name="imported_by")
    listing_import = models.ForeignKey(ListingImport, on_delete=models.PROTECT, related_name="listings")


class ImportTransition(models.Model):
    """A change of an import's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    listing_import = models.ForeignKey(ListingImport, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
