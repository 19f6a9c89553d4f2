"""Shapes of stock by place in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.addresses.serializers import AddressSerializer
from marketplace.catalog.rules import MAX_HANDLING_DAYS, MAX_STOCK
from marketplace.stock.models import StockMovement
from marketplace.stock.rules import MAX_REASON


class StockLocationSerializer(serializers.Serializer[Any]):
    """A place besides the shop's own address, in the shop's country."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=40, source="label")
    handling_days = serializers.IntegerField(min_value=0, max_value=MAX_HANDLING_DAYS, default=1)
    address = AddressSerializer()


class StockShelfSerializer(serializers.Serializer[Any]):
    """Pieces at one place; null: the shop's own address."""

    location = serializers.UUIDField(source="location.id", allow_null=True, default=None)
    name = serializers.CharField(source="location.label", allow_null=True, default=None)
    pieces = serializers.IntegerField()


class StockSerializer(serializers.Serializer[Any]):
    """A listing's stock: `on_hand` is the sum of its places; `available` can be sold."""

    listing = serializers.UUIDField(source="listing.id")
    title = serializers.CharField(source="listing.full_title")
    sku = serializers.CharField(source="listing.sku")
    on_hand = serializers.IntegerField(source="listing.stock.on_hand")
    reserved = serializers.IntegerField(source="listing.stock.reserved")
    available = serializers.IntegerField(source="listing.stock.available")
    places = StockShelfSerializer(source="shelves", many=True)


class StockAdjustmentSerializer(serializers.Serializer[Any]):
    """Pieces more or less (negative) at a place; no location: the shop's own address."""

    location = serializers.UUIDField(allow_null=True, default=None, source="location_id")
    delta = serializers.IntegerField(min_value=-MAX_STOCK, max_value=MAX_STOCK)
    reason = serializers.CharField(max_length=MAX_REASON)


class StockTransferSerializer(serializers.Serializer[Any]):
    """Pieces from one place to another; null: the shop's own address."""

    from_location = serializers.UUIDField(allow_null=True, default=None, source="from_id")
    to_location = serializers.UUIDField(allow_null=True, default=None, source="to_id")
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_STOCK)
    reason = serializers.CharField(max_length=MAX_REASON, allow_blank=True, default="")


class StockMovementSerializer(serializers.Serializer[Any]):
    """What came to a place or left it; `left`: pieces there afterwards."""

    id = serializers.UUIDField()
    location = serializers.UUIDField(source="location_id", allow_null=True)
    movement_kind = serializers.ChoiceField(choices=StockMovement.Kind.choices, source="kind")
    delta = serializers.IntegerField()
    left = serializers.IntegerField()
    reason = serializers.CharField()
    order = serializers.UUIDField(source="order_id", allow_null=True)
    at = serializers.DateTimeField()
