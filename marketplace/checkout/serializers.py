"""Shapes of purchases and their payment in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.addresses.serializers import AddressSerializer
from marketplace.orders.models import MAX_GIFT_NOTE, MAX_PO_NUMBER
from marketplace.orders.serializers import OrderSerializer


class CheckoutSerializer(serializers.Serializer[Any]):
    """A checkout. `delivery`: seller id -> service code; `expected_total`: what the buyer saw, refused if it changed.

    `gift_notes`: seller id -> words printed on the packing slip."""

    address = AddressSerializer()
    delivery = serializers.DictField(child=serializers.CharField(max_length=60))
    po_number = serializers.CharField(max_length=MAX_PO_NUMBER, allow_blank=True, default="")
    gift_notes = serializers.DictField(
        child=serializers.CharField(max_length=MAX_GIFT_NOTE, allow_blank=True), default=dict
    )
    expected_total = MoneySerializer(required=False, allow_null=True, default=None)

    def validate_delivery(self, value: dict[str, str]) -> Any:
        field = serializers.UUIDField()
        return {field.run_validation(seller_id): code for seller_id, code in value.items()}

    def validate_gift_notes(self, value: dict[str, str]) -> Any:
        return self.validate_delivery(value)


class PurchaseSerializer(serializers.Serializer[Any]):
    """What was bought in one go: one payment, one order per seller."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    total = MoneySerializer()
    ship_to = serializers.DictField()
    po_number = serializers.CharField(allow_blank=True)
    placed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    charge_id = serializers.UUIDField()
    orders = OrderSerializer(many=True, source="orders.all")


class PaymentSerializer(serializers.Serializer[Any]):
    """How the payment stands. `redirect_url` is set while the buyer must act on the provider's page."""

    charge_id = serializers.UUIDField()
    charge_state = serializers.CharField(source="state")
    amount = MoneySerializer()
    redirect_url = serializers.CharField(allow_null=True)
    failure_code = serializers.CharField(allow_null=True)
    failure_message = serializers.CharField(allow_blank=True)


class PurchaseDetailSerializer(PurchaseSerializer):
    charge = PaymentSerializer()


class PayRequestSerializer(serializers.Serializer[Any]):
    """`method_token`: a token of the provider, or `saved_method_id`: a method of the caller's wallet; without both the
    answer names the provider's page (`redirect_url`).
    """

    method_token = serializers.CharField(max_length=200, required=False, allow_null=True, default=None)
    saved_method_id = serializers.UUIDField(required=False, allow_null=True, default=None)
