"""Shapes of carts and delivery options in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.addresses.serializers import AddressSerializer
from marketplace.carts.rules import MAX_QUANTITY


class AddressedSerializer(serializers.Serializer[Any]):
    address = AddressSerializer()


class QuantitySerializer(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=0, max_value=MAX_QUANTITY)


class CartLineSerializer(serializers.Serializer[Any]):
    """`unit_price` is the one for this quantity, `total` what is left after `discount`.

    `problem` is empty, UNAVAILABLE, AWAY (the shop is on holiday), NOT_ENOUGH, BELOW_MINIMUM or
    NOT_IN_PACKS."""

    listing_id = serializers.UUIDField(source="listing.id")
    title = serializers.CharField(source="listing.full_title")
    sku = serializers.CharField(source="listing.sku")
    unit_price = MoneySerializer()
    quantity = serializers.IntegerField()
    available = serializers.IntegerField(source="listing.stock.available")
    total = MoneySerializer()
    discount = MoneySerializer()
    problem = serializers.CharField(allow_blank=True)


class DiscountSerializer(serializers.Serializer[Any]):
    """What the cart's code does to this seller's part; `problem` says why it does nothing, `by_platform` who pays for it."""

    code = serializers.CharField()
    amount = MoneySerializer()
    is_free_shipping = serializers.BooleanField()
    by_platform = serializers.BooleanField()
    problem = serializers.CharField(allow_blank=True)


class CodeSerializer(serializers.Serializer[Any]):
    """A code of a seller or of the platform; empty takes it out."""

    code = serializers.CharField(max_length=30, allow_blank=True)


class CartGroupSerializer(serializers.Serializer[Any]):
    """The lines of one seller: they become one order and one parcel."""

    seller_id = serializers.UUIDField(source="seller.organisation_id")
    seller_name = serializers.CharField(source="seller.name")
    goods = MoneySerializer()
    discount = DiscountSerializer(allow_null=True)
    lines = CartLineSerializer(many=True)


class CartSerializer(serializers.Serializer[Any]):
    """`goods` is null while prices are in several currencies."""

    count = serializers.IntegerField()
    goods = MoneySerializer(allow_null=True)
    has_problems = serializers.BooleanField()
    code = serializers.CharField(allow_blank=True)
    code_problem = serializers.CharField(allow_blank=True)
    groups = CartGroupSerializer(many=True)


class DeliveryOptionSerializer(serializers.Serializer[Any]):
    """A price and a promise: delivered from `earliest` to `latest` if handed over by `ship_by`."""

    service_code = serializers.CharField()
    carrier_name = serializers.CharField()
    service_name = serializers.CharField()
    price = MoneySerializer()
    earliest = serializers.DateField()
    latest = serializers.DateField()
    ship_by = serializers.DateTimeField()
    tracked = serializers.BooleanField()


class SellerOptionsSerializer(serializers.Serializer[Any]):
    """One seller's parcel: what it costs by each service, cheapest first. `landed` is goods plus the cheapest one."""

    seller_id = serializers.UUIDField()
    goods = MoneySerializer()
    options = DeliveryOptionSerializer(many=True)
    has_free_shipping = serializers.BooleanField()
    landed = MoneySerializer(allow_null=True)


class CartQuotesSerializer(serializers.Serializer[Any]):
    """`landed_total` is what everything costs with the cheapest delivery of each seller; null if that cannot be."""

    sellers = SellerOptionsSerializer(many=True)
    landed_total = MoneySerializer(allow_null=True)
