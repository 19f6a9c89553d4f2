"""Shapes of orders in the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers

from core.api.serializers import MoneySerializer
from logistics.contracts import ParcelSpec
from marketplace.contracts import OrderState
from marketplace.orders.models import Order

ORDER_STATES = [s.value for s in OrderState]


class OrderLineSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    listing_id = serializers.UUIDField()
    title = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    cancelled = serializers.IntegerField(help_text="Pieces that never came and were paid back.")
    unit_price = MoneySerializer()
    discount = MoneySerializer()
    total = MoneySerializer()


class OrderSerializer(serializers.Serializer[Any]):
    """One seller's part of a purchase, with what was promised; `code`: the code it was bought with; `contribution`:
    what the platform adds for the seller when it is the platform's."""

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
    contribution = MoneySerializer()
    gift_note = serializers.CharField(allow_blank=True)
    po_number = serializers.CharField(source="purchase.po_number", allow_blank=True)
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


class LinePiecesSerializer(serializers.Serializer[Any]):
    line_id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1)


class PiecesSerializer(serializers.Serializer[Any]):
    """Pieces of an order by its lines."""

    lines = serializers.ListField(child=LinePiecesSerializer(), max_length=200)

    def pieces(self) -> dict[UUID, int]:
        return {one["line_id"]: one["quantity"] for one in self.validated_data["lines"]}


class ReductionSerializer(PiecesSerializer):
    """Pieces that will not come, and why."""

    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class PartParcelSerializer(serializers.Serializer[Any]):
    """A part of an order that travels on its own. Its label stands under shipping/shipments/."""

    id = serializers.UUIDField(source="parcel.id")
    number = serializers.IntegerField(source="parcel.number")
    lines = LinePiecesSerializer(many=True)
    shipment_id = serializers.UUIDField(source="shipment.shipment_id", allow_null=True)
    tracking_number = serializers.CharField(source="shipment.tracking_number")
    packed_at = serializers.DateTimeField(source="parcel.packed_at")
    shipped_at = serializers.DateTimeField(source="parcel.shipped_at", allow_null=True)
    delivered_at = serializers.DateTimeField(source="parcel.delivered_at", allow_null=True)
    lost_at = serializers.DateTimeField(source="parcel.lost_at", allow_null=True)


class BoughtAgainSerializer(serializers.Serializer[Any]):
    """What came of a line: `added` pieces of it stand in the cart; `reason` is empty when that is all of them."""

    title = serializers.CharField()
    wanted = serializers.IntegerField()
    added = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class ParcelSizeSerializer(serializers.Serializer[Any]):
    """Grams and millimetres; 0 mm is not measured."""

    weight_grams = serializers.IntegerField(min_value=1)
    length_mm = serializers.IntegerField(min_value=0, default=0)
    width_mm = serializers.IntegerField(min_value=0, default=0)
    height_mm = serializers.IntegerField(min_value=0, default=0)


class PackedParcelsSerializer(serializers.Serializer[Any]):
    """How the seller packed an order; without parcels as proposed."""

    parcels = ParcelSizeSerializer(many=True, required=False, default=list)

    def parcels_of(self) -> list[ParcelSpec]:
        return [ParcelSpec(**one) for one in self.validated_data["parcels"]]


class ParcelContentSerializer(serializers.Serializer[Any]):
    line_id = serializers.UUIDField()
    title = serializers.CharField()
    quantity = serializers.IntegerField()


class ProposedParcelSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    carton = serializers.CharField()
    spec = ParcelSizeSerializer()
    contents = ParcelContentSerializer(many=True)
