"""Shapes of orders in the API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.contracts import OrderState
from marketplace.orders.models import Order

ORDER_STATES = [s.value for s in OrderState]


class OrderLineSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    listing_id = serializers.UUIDField()
    title = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = MoneySerializer()
    discount = MoneySerializer()
    total = MoneySerializer()


class OrderSerializer(serializers.Serializer[Any]):
    """One seller's part of a purchase, with what was promised; `code`: the seller's code it was bought with."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    url = serializers.SerializerMethodField()
    purchase_id = serializers.UUIDField()
    buyer_id = serializers.UUIDField()
    buyer_name = serializers.CharField(source="buyer.name")
    seller_id = serializers.UUIDField()
    seller_name = serializers.CharField(source="seller.name")
    order_state = serializers.ChoiceField(choices=ORDER_STATES, source="state")
    goods = MoneySerializer()
    shipping = MoneySerializer()
    total = MoneySerializer()
    code = serializers.CharField(allow_blank=True)
    lines = OrderLineSerializer(many=True, source="lines.all")
    service_code = serializers.SerializerMethodField()
    promised_earliest = serializers.DateField()
    promised_latest = serializers.DateField()
    ship_by = serializers.DateTimeField()
    placed_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, order: Order) -> str:
        return reverse("order", args=[order.id])

    def get_service_code(self, order: Order) -> str:
        return str(order.delivery["service_code"])


class TransitionSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    action = serializers.CharField()
    from_state = serializers.CharField(allow_blank=True)
    to_state = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)


class OrderParcelSerializer(serializers.Serializer[Any]):
    """The order's shipment in short; the rest stands under shipping/shipments/."""

    shipment_id = serializers.UUIDField()
    tracking_number = serializers.CharField()
    carrier_name = serializers.CharField()
    service_name = serializers.CharField()
    tracking_status = serializers.CharField()
    label_ready = serializers.BooleanField()


class HoldSerializer(serializers.Serializer[Any]):
    """The order's escrow in short; the rest stands under payments/escrows/."""

    escrow_state = serializers.CharField(source="state")
    held = MoneySerializer()
    released = MoneySerializer()
    refunded = MoneySerializer()
    release_at = serializers.DateTimeField(allow_null=True)


class OrderDetailSerializer(OrderSerializer):
    """An order with its history, its parcel and its money."""

    ship_to = serializers.DictField(source="purchase.ship_to")
    history = TransitionSerializer(many=True, read_only=True)
    parcel = OrderParcelSerializer(allow_null=True, read_only=True)
    escrow = HoldSerializer(allow_null=True, read_only=True)


class LinesSerializer(serializers.Serializer[Any]):
    """Lines of the order's escrow, by their ref."""

    lines = serializers.ListField(child=serializers.CharField(max_length=60), max_length=200)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")
