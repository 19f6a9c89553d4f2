"""Where a seller keeps goods, how many are at each place, and every movement between them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.personal import personal
from marketplace.catalog.models import Listing
from marketplace.contracts import Place
from marketplace.sellers.models import Seller


class StockLocation(models.Model):
    """A place besides the shop's own address. What is at the shop's address has no row: it is the rest of the stock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="locations")
    label = models.CharField(_("name of the place"), max_length=40)
    name = personal(models.CharField(_("recipient"), max_length=120))
    company = models.CharField(_("company"), max_length=120, blank=True)
    street = personal(models.CharField(_("street and number"), max_length=160))
    district = models.CharField(_("part of the town"), max_length=80, blank=True)
    city = models.CharField(_("town"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    region = models.CharField(_("region"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = personal(models.CharField(_("telephone"), max_length=32, blank=True))
    handling_days = models.PositiveSmallIntegerField(_("days to get an order ready there"), default=1)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("stock location")
        verbose_name_plural = _("stock locations")
        constraints = (
            models.UniqueConstraint(
                "seller", Lower("label"), condition=Q(closed_at__isnull=True), name="stock_location_once"
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def address(self) -> Place:
        """Where parcels are sent from."""
        return Place(**{name: getattr(self, name) for name in Place.__dataclass_fields__})


class LocationStock(models.Model):
    """Pieces of a listing at a place. A trigger keeps their sum in Stock.elsewhere; it never passes Stock.on_hand."""

    id = models.BigAutoField(primary_key=True)
    location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="stock")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="stock_elsewhere")
    on_hand = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["listing", "location"], name="stock_of_listing_at_location"),)

    def __str__(self) -> str:
        return f"{self.location}: {self.on_hand}"


class StockMovement(models.Model):
    """Pieces that came to a place or left it; append-only. No location: the shop's own address.

    Sales are written for listings that are at several places: their rows say where an order is sent from.
    """

    class Kind(models.TextChoices):
        ADJUSTMENT = "ADJUSTMENT", _("Adjustment")
        COUNT = "COUNT", _("Counted")
        TRANSFER = "TRANSFER", _("Transfer")
        SALE = "SALE", _("Sold")
        GIVEN_BACK = "GIVEN_BACK", _("Back from an order")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="stock_movements")
    location = models.ForeignKey(StockLocation, null=True, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    delta = models.IntegerField(_("pieces"))
    left = models.PositiveIntegerField(_("left there"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    order_id = models.UUIDField(null=True)
    actor = models.CharField(_("by"), max_length=120)
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ("-at", "-id")
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = (
            models.Index(fields=["listing", "-at", "-id"], name="movement_of_listing"),
            models.Index(fields=["order_id"], name="movement_of_order", condition=Q(order_id__isnull=False)),
        )
        constraints = (models.CheckConstraint(condition=~Q(delta=0), name="movement_moves"),)
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.delta:+} {self.kind}"
