"""Categories, listings, their photos and stock, and the change feed the search index follows."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.database import CurrentTransactionId, TransactionId, append_only
from core.ids import new_id
from core.money import Money
from marketplace.catalog.states import ListingState
from marketplace.catalog.terms import handling_days_for, price_for, reduction_percent, tiers_of
from marketplace.contracts import PriceTier, ProductSafety
from marketplace.sellers.models import Seller

NOTHING = models.Value([], models.JSONField())


class Category(models.Model):
    """A node of the category tree. `attributes` is a list of {code, en, es, kind, choices, unit, required, low, high}; the kind
    is CHOICE, MULTI, NUMBER (from low to high) or TEXT. `needs_safety`: nothing is sold here without what the GPSR asks."""

    code = models.SlugField(primary_key=True, max_length=60)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    name_en = models.CharField(max_length=80)
    name_es = models.CharField(max_length=80)
    google_path = models.CharField(max_length=200)
    hs_code = models.CharField(_("HS code"), max_length=10, blank=True)
    needs_safety = models.BooleanField(_("maker and warnings are needed (GPSR)"), default=False)
    marks = models.JSONField(_("handling marks of new listings"), default=list, db_default=NOTHING, blank=True)
    attributes = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ("position",)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_es if (get_language() or "en").startswith("es") else self.name_en


MAX_TITLE = 140


class Product(models.Model):
    """What several listings of a seller are variants of; `options` are the attributes that tell them apart, in order."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    options = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["seller", "code"], name="product_code_of_seller"),)


class Listing(models.Model):
    """Something a seller offers. Price per unit in minor units; sizes of the packed unit in g and mm.

    `tiers`: [{from, minor, days}], cheaper by quantity; `prior_minor`: what a reduction that runs is measured from.
    `safety`: the fields of contracts.ProductSafety that are filled. `marks`: logistics' HandlingMarks, at first its category's.
    `publish_at`: when a listing that is not on sale goes on sale by itself.
    `variant`: the values of its product's options in words, "blue, M"; no two of a product say the same.
    """

    class Condition(models.TextChoices):
        NEW = "NEW", _("New")
        USED = "USED", _("Used")
        REFURBISHED = "REFURBISHED", _("Refurbished")

    class Unit(models.TextChoices):
        PIECE = "PIECE", _("Piece")
        PAIR = "PAIR", _("Pair")
        SET = "SET", _("Set")
        BOX = "BOX", _("Box")
        METRE = "METRE", _("Metre")
        KILOGRAM = "KILOGRAM", _("Kilogram")
        LITRE = "LITRE", _("Litre")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="listings")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="listings")
    title = models.CharField(_("title"), max_length=MAX_TITLE)
    description = models.TextField(_("description"), max_length=8000)
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    gtin = models.CharField(_("GTIN (EAN, UPC)"), max_length=14, blank=True)
    sku = models.CharField(_("own number (SKU)"), max_length=60, blank=True)
    product = models.ForeignKey(Product, null=True, on_delete=models.PROTECT, related_name="variants")
    variant = models.CharField(max_length=120, blank=True)
    condition = models.CharField(_("condition"), max_length=12, choices=Condition.choices, default=Condition.NEW)
    attributes = models.JSONField(default=dict, blank=True)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    prior_minor = models.BigIntegerField(null=True)
    min_quantity = models.PositiveSmallIntegerField(default=1)
    pack_size = models.PositiveSmallIntegerField(default=1)
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.PIECE)
    tiers = models.JSONField(default=list, blank=True)
    safety = models.JSONField(default=dict, blank=True)
    weight_grams = models.PositiveIntegerField(_("weight, packed (g)"))
    length_mm = models.PositiveIntegerField(_("length, packed (mm)"))
    width_mm = models.PositiveIntegerField(_("width, packed (mm)"))
    height_mm = models.PositiveIntegerField(_("height, packed (mm)"))
    marks = models.JSONField(default=list, db_default=NOTHING, blank=True)
    handling_days = models.PositiveSmallIntegerField(_("days to get it ready"), default=2)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value.title()) for s in ListingState], default=ListingState.DRAFT
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    publish_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=["seller", "state", "-created_at"], name="listing_of_seller"),
            models.Index(fields=["category", "state"], name="listing_of_category"),
            models.Index(fields=["publish_at"], name="listing_due", condition=Q(publish_at__isnull=False)),
            models.Index(fields=["gtin"], name="listing_gtin", condition=Q(state="PUBLISHED") & ~Q(gtin="")),
        )
        constraints = (
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="listing_price_positive"),
            models.CheckConstraint(condition=Q(weight_grams__gt=0), name="listing_weight_positive"),
            models.CheckConstraint(
                condition=Q(prior_minor__isnull=True) | Q(prior_minor__gt=F("price_minor")), name="listing_prior_above"
            ),
            models.CheckConstraint(
                condition=Q(min_quantity__gte=1, pack_size__gte=1), name="listing_sold_in_whole_packs"
            ),
            models.UniqueConstraint(fields=["seller", "sku"], condition=~Q(sku=""), name="listing_sku_of_seller"),
            models.UniqueConstraint(
                fields=["product", "variant"], condition=Q(product__isnull=False), name="listing_variant_once"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def full_title(self) -> str:
        """The title with what tells a variant apart: as it is put in a cart and sold; at most as long as a title."""
        if not self.variant:
            return self.title
        return f"{self.title[: MAX_TITLE - 3 - len(self.variant)]} ({self.variant})"

    @property
    def product_safety(self) -> ProductSafety:
        return ProductSafety(**self.safety)

    @property
    def prior_price(self) -> Money | None:
        """What a reduction that runs is measured from (terms.prior_price)."""
        return None if self.prior_minor is None else Money(self.prior_minor, self.currency)

    @property
    def reduced_percent(self) -> int:
        """Whole per cent below the prior price; 0 without a reduction."""
        if self.prior_minor is None:
            return 0
        return reduction_percent(prior_minor=self.prior_minor, price_minor=self.price_minor)

    @property
    def price_tiers(self) -> tuple[PriceTier, ...]:
        return tiers_of(self.tiers, self.currency)

    def price_of(self, quantity: int) -> Money:
        """What one costs when so many are bought."""
        return price_for(quantity=quantity, price=self.price, tiers=self.price_tiers) if self.tiers else self.price

    def days_to_ready(self, quantity: int) -> int:
        """Working days to get so many ready."""
        return handling_days_for(quantity=quantity, days=self.handling_days, tiers=self.price_tiers)

    @property
    def rating_stars(self) -> float:
        return self.signals.rating_hundredths / 100

    @property
    def is_published(self) -> bool:
        return self.state == ListingState.PUBLISHED


class Stock(models.Model):
    """Pieces on hand, how many of them are promised to buyers who have not paid yet, and how many lie elsewhere.

    `elsewhere`: at other places than the shop's own address; kept by a trigger, at most `on_hand` when a transaction ends.
    """

    listing = models.OneToOneField(Listing, primary_key=True, on_delete=models.PROTECT, related_name="stock")
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    elsewhere = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="stock_never_oversold"),
        )  # fmt: skip

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockAlert(models.Model):
    """At how many free pieces a seller wants to hear of it; told once, until there are more again."""

    listing = models.OneToOneField(Listing, primary_key=True, on_delete=models.PROTECT, related_name="stock_alert")
    at_most = models.PositiveIntegerField()
    told_at = models.DateTimeField(null=True)


class ListingPhoto(models.Model):
    """A picture of a listing in three widths; `name` is the file stem below MEDIA_ROOT/listings."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="photos")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(_("what the picture shows"), max_length=160, blank=True)

    class Meta:
        ordering = ("position", "id")


class ListingRevision(models.Model):
    """What changed in a listing, by whom; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    changes = models.JSONField()
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-version", "-at")
        triggers = append_only()


class PriceRecord(models.Model):
    """From when a listing was on sale at which price; written by a trigger, append-only."""

    id = models.BigAutoField(primary_key=True)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="price_records")
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        indexes = (models.Index(fields=["listing", "at"], name="price_of_listing"),)
        triggers = append_only()


class Reduction(models.Model):
    """A reduction a seller announced: measured from `prior_minor` as long as it runs, back to `regular_minor` afterwards."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="reductions")
    prior_minor = models.BigIntegerField()
    regular_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["listing"], condition=Q(ended_at__isnull=True), name="one_reduction_at_a_time"
            ),
        )
        indexes = (
            models.Index(fields=["ends_at"], name="reduction_running", condition=Q(ended_at__isnull=True)),
        )  # fmt: skip


class Signals(models.Model):
    """Behaviour and quality of a listing as analytics last computed it: a read model for ranking."""

    listing = models.OneToOneField(Listing, primary_key=True, on_delete=models.PROTECT, related_name="signals")
    rating_hundredths = models.PositiveSmallIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    units_sold_30d = models.PositiveIntegerField(default=0)
    views_30d = models.PositiveIntegerField(default=0)
    click_rate_bp = models.PositiveIntegerField(default=0)
    conversion_bp = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField(null=True)


class ListingChange(models.Model):
    """The ordered change feed: a row for every change that search must see, written by database triggers.

    Followers read up to the snapshot horizon of `xid`, so that a late committer is never skipped.
    """

    id = models.BigAutoField(primary_key=True)
    listing_id = models.UUIDField()
    xid = TransactionId(db_default=CurrentTransactionId(), editable=False)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["xid", "id"], name="listing_change_xid"),)


def attribute_schema(category: Category) -> list[dict[str, Any]]:
    """Typed attributes of a category."""
    return list(category.attributes)
