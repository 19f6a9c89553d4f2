"""Purchases (one buyer, one payment) and their orders (one seller each)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.models import Organisation
from core.money import Money
from core.personal import personal
from marketplace.catalog.models import Listing
from marketplace.contracts import OrderState, Place
from marketplace.sellers.models import Seller

MAX_GIFT_NOTE, MAX_PO_NUMBER = 300, 40


class Purchase(models.Model):
    """What a buyer bought in one go. `key` makes placing idempotent per buyer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    charge_id = models.UUIDField()
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    ship_to = personal(models.JSONField())
    po_number = models.CharField(max_length=MAX_PO_NUMBER, blank=True, default="", db_default="")
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        ordering = ("-placed_at", "-id")
        constraints = (models.UniqueConstraint(fields=["buyer", "key"], name="purchase_placed_once"),)
        indexes = (
            models.Index(
                fields=["expires_at"], name="purchase_unpaid", condition=Q(paid_at__isnull=True, closed_at__isnull=True)
            ),
        )

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def address(self) -> Place:
        return Place(**self.ship_to)


class Order(models.Model):
    """One seller's part of a purchase: one parcel, one escrow, one state machine."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="orders")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=20, choices=[(s.value, s.value.replace("_", " ").title()) for s in OrderState])
    goods_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    delivery = models.JSONField()
    promised_latest = models.DateField()
    ship_by = models.DateTimeField()
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    seller_note = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=30, blank=True)
    contribution_minor = models.BigIntegerField(default=0, db_default=0)
    gift_note = personal(models.CharField(max_length=MAX_GIFT_NOTE, blank=True, default="", db_default=""))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ("-placed_at", "-id")
        indexes = (
            models.Index(fields=["buyer", "-placed_at"], name="order_of_buyer"),
            models.Index(fields=["seller", "state", "ship_by"], name="order_work_list"),
            models.Index(fields=["seller", "-placed_at"], name="order_of_seller"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(total_minor=F("goods_minor") + F("shipping_minor")), name="order_sums_up"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def contribution(self) -> Money:
        """What the platform adds to what the seller gets: the code is the platform's."""
        return Money(self.contribution_minor, self.currency)

    @property
    def goods(self) -> Money:
        return Money(self.goods_minor, self.currency)

    @property
    def shipping(self) -> Money:
        return Money(self.shipping_minor, self.currency)

    @property
    def received_at(self) -> datetime | None:
        """When the buyer had the goods: by the last parcel's scan, else when they said so."""
        return self.delivered_at or self.completed_at

    @property
    def promised_earliest(self) -> date:
        return date.fromisoformat(self.delivery["earliest"])


class OrderLine(models.Model):
    """What was sold, as it was sold."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=140)
    sku = models.CharField(max_length=60, blank=True)
    category_code = models.CharField(max_length=60)
    photo = models.CharField(max_length=120, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0, db_default=0)
    """Pieces that never came and were paid back."""
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("order", "id")
        constraints = (
            models.CheckConstraint(condition=Q(cancelled__lte=F("quantity")), name="no_more_cancelled_than_sold"),
        )

    @property
    def unit_price(self) -> Money:
        return Money(self.unit_price_minor, self.currency)

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity - self.discount

    @property
    def kept(self) -> int:
        """Pieces that were sold and not cancelled."""
        return self.quantity - self.cancelled

    def worth_of(self, quantity: int) -> Money:
        """What was paid for some of the pieces, rounded down."""
        return Money(self.total.minor * quantity // self.quantity, self.currency)

    @property
    def discount(self) -> Money:
        """What the seller's code took off."""
        return Money(self.discount_minor, self.currency)


class OrderParcel(models.Model):
    """A part of an order that travels on its own: `id` is what logistics carries. An order that goes out whole has none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels")
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=120, blank=True, default="", db_default="")
    """What makes packing it idempotent."""
    packed_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    kept_promise = models.BooleanField(null=True)

    class Meta:
        ordering = ("order", "number")
        constraints = (
            models.UniqueConstraint(fields=["order", "number"], name="parcels_of_an_order_are_numbered"),
            models.UniqueConstraint(fields=["order", "key"], name="a_parcel_packed_once", condition=~Q(key="")),
        )

    @property
    def is_live(self) -> bool:
        """It carries its pieces: neither called off nor lost."""
        return self.voided_at is None and self.lost_at is None


class ParcelLine(models.Model):
    """Pieces of a line in one parcel."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    parcel = models.ForeignKey(OrderParcel, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ("parcel", "line")
        constraints = (
            models.UniqueConstraint(fields=["parcel", "line"], name="a_line_once_in_a_parcel"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_parcel_holds_pieces"),
        )


class OrderTransition(models.Model):
    """A change of an order's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    action = models.CharField(max_length=20)
    actor = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    detail: Any = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
