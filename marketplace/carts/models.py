"""Carts and the address book."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.models import Organisation
from core.personal import personal
from marketplace.catalog.models import Listing
from marketplace.contracts import Place


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


class SavedAddress(models.Model):
    """An entry of a buyer's address book."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = personal(models.CharField(_("recipient"), max_length=120))
    street = personal(models.CharField(_("street and number"), max_length=160))
    city = personal(models.CharField(_("town"), max_length=80))
    postcode = models.CharField(_("postcode"), max_length=16)
    region = models.CharField(_("region"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = personal(models.CharField(_("telephone"), max_length=32, blank=True))
    used_at = models.DateTimeField()

    class Meta:
        ordering = ("-used_at", "id")

    @property
    def place(self) -> Place:
        return Place(
            name=self.name, street=self.street, city=self.city, postcode=self.postcode, country=self.country,
            region=self.region, phone=self.phone,
        )  # fmt: skip
