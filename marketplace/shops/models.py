"""Shop pages: design, collections, old addresses, and who follows a shop."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.models import Organisation
from marketplace.catalog.models import Listing
from marketplace.sellers.models import Seller
from marketplace.shops.rules import Design


class ShopPage(models.Model):
    """How a shop presents itself. A shop without a row has the classic design."""

    seller = models.OneToOneField(Seller, primary_key=True, on_delete=models.PROTECT, related_name="page")
    design = models.CharField(
        max_length=10, choices=[(d.value, d.value.title()) for d in Design], default=Design.CLASSIC
    )
    tagline = models.CharField(_("one line about the shop"), max_length=120, blank=True)
    changed_at = models.DateTimeField()


class Collection(models.Model):
    """Goods a seller shows together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="collections")
    title = models.CharField(_("title"), max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (models.UniqueConstraint(fields=["seller", "title"], name="one_collection_a_title"),)


class CollectionItem(models.Model):
    """A listing in a collection."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="items")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=["collection", "listing"], name="once_in_a_collection"),)


class Follow(models.Model):
    """A buyer who wants to hear of a shop's new goods. `told_at`: what was put on sale later is news."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="followers")
    at = models.DateTimeField()
    told_at = models.DateTimeField()

    class Meta:
        ordering = ("-at", "-id")
        constraints = (models.UniqueConstraint(fields=["organisation", "seller"], name="followed_once"),)
        indexes = (models.Index(fields=["told_at"], name="follow_told"),)
