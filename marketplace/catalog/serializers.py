"""Shapes of categories, listings and pictures in the API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from core.api.serializers import MoneySerializer
from logistics.contracts import HandlingMark
from marketplace.catalog import rules
from marketplace.catalog.models import Listing, ListingPhoto
from marketplace.catalog.photos import SIZES, photo_url
from marketplace.catalog.states import ListingState
from marketplace.catalog.terms import MAX_MINIMUM, UNITS
from marketplace.contracts import ListingInput, PriceTier, SellingTerms
from marketplace.sellers.serializers import ShopSummarySerializer

CONDITIONS = list(Listing.Condition.values)


class AttributeSerializer(serializers.Serializer[Any]):
    """A typed attribute of a category, with its name in English and Spanish."""

    code = serializers.CharField()
    en = serializers.CharField()
    es = serializers.CharField()
    attribute_kind = serializers.CharField(source="kind")
    choices = serializers.ListField(child=serializers.CharField())
    unit = serializers.CharField(allow_blank=True)
    low = serializers.SerializerMethodField()
    high = serializers.SerializerMethodField()
    is_required = serializers.SerializerMethodField()

    def get_low(self, attribute: dict[str, Any]) -> int | None:
        """The smallest number allowed."""
        return attribute.get("low")

    def get_high(self, attribute: dict[str, Any]) -> int | None:
        """The largest number allowed."""
        return attribute.get("high")

    def get_is_required(self, attribute: dict[str, Any]) -> bool:
        return bool(attribute.get("required"))


class HandlingSerializer(serializers.Serializer[Any]):
    """What the goods ask of whoever carries them."""

    marks = serializers.ListField(
        child=serializers.ChoiceField(choices=[mark.value for mark in HandlingMark]), max_length=4
    )


class CategorySerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    parent_code = serializers.CharField(source="parent_id", allow_null=True)
    name = serializers.CharField()
    google_path = serializers.CharField()
    hs_code = serializers.CharField()
    needs_safety = serializers.BooleanField()
    attributes = AttributeSerializer(many=True)


class PhotoSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    alt = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    urls = serializers.SerializerMethodField()

    def get_urls(self, photo: ListingPhoto) -> dict[str, str]:
        """By size: s, m, l (longest side 320, 640, 1280 px)."""
        return {size: photo_url(photo.name, size) for size in SIZES}


class TierSerializer(serializers.Serializer[Any]):
    """From so many on, one costs `price`; `handling_days` where that many take longer to get ready."""

    from_quantity = serializers.IntegerField(min_value=2, max_value=MAX_MINIMUM)
    price = MoneySerializer()
    handling_days = serializers.IntegerField(
        min_value=0, max_value=rules.MAX_HANDLING_DAYS, allow_null=True, default=None
    )


class TermsSerializer(serializers.Serializer[Any]):
    """How a listing is sold: at least so many, in whole packs, cheaper by quantity (steps rise in quantity, fall in price)."""

    min_quantity = serializers.IntegerField(min_value=1, max_value=MAX_MINIMUM, default=1)
    pack_size = serializers.IntegerField(min_value=1, max_value=MAX_MINIMUM, default=1)
    unit = serializers.ChoiceField(choices=UNITS, default="PIECE")
    tiers = TierSerializer(many=True, default=list)

    def terms(self) -> SellingTerms:
        values = dict(self.validated_data)
        tiers = tuple(PriceTier(**tier) for tier in values.pop("tiers"))
        return SellingTerms(tiers=tiers, **values)


class ReductionInputSerializer(serializers.Serializer[Any]):
    """A reduced price until a moment (at most 90 days from now)."""

    price = MoneySerializer()
    ends_at = serializers.DateTimeField()


class ReductionSerializer(serializers.Serializer[Any]):
    """A reduction that runs: measured from `prior_minor`, back to `regular_minor` at its end."""

    prior_minor = serializers.IntegerField()
    regular_minor = serializers.IntegerField()
    currency = serializers.CharField()
    started_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class SafetySerializer(serializers.Serializer[Any]):
    """Who made it and who answers for it in the Union (GPSR, art. 19). A maker outside the Union needs a person in it."""

    maker_name = serializers.CharField(max_length=1000, allow_blank=True, default="")
    maker_address = serializers.CharField(max_length=1000, allow_blank=True, default="")
    maker_email = serializers.CharField(max_length=1000, allow_blank=True, default="")
    maker_country = serializers.CharField(max_length=2, allow_blank=True, default="")
    person_name = serializers.CharField(max_length=1000, allow_blank=True, default="")
    person_address = serializers.CharField(max_length=1000, allow_blank=True, default="")
    person_email = serializers.CharField(max_length=1000, allow_blank=True, default="")
    warnings = serializers.CharField(max_length=1000, allow_blank=True, default="")


class ListingSerializer(serializers.Serializer[Any]):
    """A listing as buyers see it; one of several when it has a `product_id` (see variants/).

    Weights in grams, sizes in millimetres, of the packed piece.

    `prior_price`: the lowest price of the 30 days before the reduction that runs, which `reduced_percent` is measured from;
    null without a reduction. `tiers`: cheaper from so many on.
    """

    id = serializers.UUIDField()
    url = serializers.SerializerMethodField()
    seller = ShopSummarySerializer()
    category_code = serializers.CharField(source="category_id")
    title = serializers.CharField()
    description = serializers.CharField()
    brand = serializers.CharField()
    gtin = serializers.CharField()
    sku = serializers.CharField()
    product_id = serializers.UUIDField(allow_null=True)
    variant = serializers.CharField()
    condition = serializers.ChoiceField(choices=CONDITIONS)
    attributes = serializers.DictField()
    price = MoneySerializer()
    prior_price = MoneySerializer(allow_null=True)
    reduced_percent = serializers.IntegerField()
    min_quantity = serializers.IntegerField()
    pack_size = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=UNITS)
    tiers = TierSerializer(many=True, source="price_tiers")
    safety = SafetySerializer(source="product_safety")
    marks = serializers.ListField(child=serializers.CharField())
    available = serializers.IntegerField(source="stock.available")
    weight_grams = serializers.IntegerField()
    length_mm = serializers.IntegerField()
    width_mm = serializers.IntegerField()
    height_mm = serializers.IntegerField()
    handling_days = serializers.IntegerField()
    rating_hundredths = serializers.IntegerField(source="signals.rating_hundredths")
    rating_count = serializers.IntegerField(source="signals.rating_count")
    photos = PhotoSerializer(many=True, source="photos.all")
    published_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, listing: Listing) -> str:
        return reverse("listing", args=[listing.id])


class OwnListingSerializer(ListingSerializer):
    """The seller's own listing: with its state and both stock figures."""

    listing_state = serializers.ChoiceField(choices=[s.value for s in ListingState], source="state")
    on_hand = serializers.IntegerField(source="stock.on_hand")
    reserved = serializers.IntegerField(source="stock.reserved")
    version = serializers.IntegerField()


class ListingInputSerializer(serializers.Serializer[Any]):
    """A listing as written by its seller; attributes after the category's schema (see categories/)."""

    category_code = serializers.CharField(max_length=60)
    title = serializers.CharField(min_length=5, max_length=140)
    description = serializers.CharField(max_length=8000)
    price = MoneySerializer()
    stock = serializers.IntegerField(min_value=0, max_value=rules.MAX_STOCK)
    condition = serializers.ChoiceField(choices=CONDITIONS, default="NEW")
    weight_grams = serializers.IntegerField(min_value=1, max_value=rules.MAX_WEIGHT_GRAMS)
    length_mm = serializers.IntegerField(min_value=1, max_value=rules.MAX_SIDE_MM)
    width_mm = serializers.IntegerField(min_value=1, max_value=rules.MAX_SIDE_MM)
    height_mm = serializers.IntegerField(min_value=1, max_value=rules.MAX_SIDE_MM)
    handling_days = serializers.IntegerField(min_value=0, max_value=rules.MAX_HANDLING_DAYS, default=2)
    brand = serializers.CharField(max_length=80, allow_blank=True, default="")
    gtin = serializers.CharField(max_length=20, allow_blank=True, default="")
    sku = serializers.CharField(max_length=60, allow_blank=True, default="")
    attributes = serializers.DictField(child=serializers.JSONField(), default=dict)

    def listing_input(self) -> ListingInput:
        return ListingInput(**self.validated_data)


class VariantInputSerializer(serializers.Serializer[Any]):
    """A further variant of a listing: `attributes` tell it apart. `options` (codes of the category's attributes) are needed
    when the listing has no variants yet."""

    options = serializers.ListField(child=serializers.CharField(max_length=60), max_length=4, default=list)
    attributes = serializers.DictField(child=serializers.JSONField())
    price = MoneySerializer()
    stock = serializers.IntegerField(min_value=0, max_value=rules.MAX_STOCK)
    sku = serializers.CharField(max_length=60, allow_blank=True, default="")
    gtin = serializers.CharField(max_length=20, allow_blank=True, default="")


class VariantSerializer(serializers.Serializer[Any]):
    """One of the variants of a product."""

    listing_id = serializers.UUIDField(source="id")
    variant = serializers.CharField()
    attributes = serializers.DictField()
    price = MoneySerializer()
    available = serializers.IntegerField(source="stock.available")
    sku = serializers.CharField()
    gtin = serializers.CharField()


class PhotoUploadSerializer(serializers.Serializer[Any]):
    """One picture: JPEG, PNG or WebP, at most 8 MB, judged by content."""

    photo = serializers.FileField()
    alt = serializers.CharField(max_length=160, allow_blank=True, default="")
