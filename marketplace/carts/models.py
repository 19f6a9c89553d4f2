"""Carts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import new_id
from core.models import Organisation
from marketplace.catalog.models import Listing


class Cart(models.Model):
    """What a buyer means to buy: of an organisation, or of a guest until they log in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.OneToOneField(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    guest_key = models.UUIDField(null=True, unique=True)
    code = models.CharField(max_length=30, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, guest_key__isnull=True)
                | Q(organisation__isnull=True, guest_key__isnull=False),
                name="cart_has_one_owner",
            ),
        )


class CartLine(models.Model):
    """A listing in a cart; prices are read when it is shown, and frozen when the order is placed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    cart = models.ForeignKey(Cart, on_delete=models.PROTECT, related_name="lines")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("added_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["cart", "listing"], name="one_line_per_listing"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="cart_quantity_positive"),
        )
