"""Shapes of the shipments API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import MoneySerializer
from logistics.tracking.selectors import LegView


class ShipmentSerializer(serializers.Serializer[Any]):
    shipment_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    carrier_code = serializers.CharField()
    carrier_name = serializers.CharField()
    service_code = serializers.CharField()
    service_name = serializers.CharField()
    tracking_number = serializers.CharField()
    status = serializers.CharField()
    tracking_status = serializers.CharField()
    booked_at = serializers.DateTimeField()
    handover_declared_at = serializers.DateTimeField(allow_null=True)
    handed_over_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    promised_earliest = serializers.DateField()
    promised_latest = serializers.DateField()
    ship_by = serializers.DateTimeField()
    kept_promise = serializers.BooleanField(allow_null=True)
    label_ready = serializers.BooleanField()


class LegSerializer(serializers.Serializer[Any]):
    """A carrier's part of the way. An empty place is a door; `state`: BOOKING, BOOKED, UNDER_WAY, DONE, REPLACED."""

    number = serializers.IntegerField()
    carrier_code = serializers.CharField()
    carrier_name = serializers.CharField()
    service_name = serializers.CharField()
    start = serializers.CharField()
    end = serializers.CharField()
    state = serializers.CharField()
    carrier_number = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    price = serializers.SerializerMethodField()

    def get_carrier_number(self, leg: LegView) -> str:
        return leg.carrier_number if self.context["is_seller"] else ""

    def get_note(self, leg: LegView) -> str:
        return leg.note if self.context["is_seller"] else ""

    @extend_schema_field(MoneySerializer(allow_null=True))
    def get_price(self, leg: LegView) -> Any:
        return MoneySerializer(leg.price).data if self.context["is_seller"] else None


class TimelineEntrySerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    title = serializers.CharField()
    note = serializers.CharField()
    place = serializers.CharField()
    status = serializers.CharField()


class TrackingSerializer(serializers.Serializer[Any]):
    tracking_number = serializers.CharField()
    status = serializers.CharField()
    entries = TimelineEntrySerializer(many=True)


class CarrierEventSerializer(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=40)
    status = serializers.CharField(max_length=20)
    at = serializers.CharField(max_length=40)
    place = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    text = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    reason = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)


class CarrierEventsSerializer(serializers.Serializer[Any]):
    carrier_code = serializers.CharField(max_length=30)
    events = serializers.ListField(child=CarrierEventSerializer(), min_length=1, max_length=2_000)


class IntakeSerializer(serializers.Serializer[Any]):
    new = serializers.IntegerField()
    unmatched = serializers.ListField(child=serializers.CharField())


class CarrierScorecardSerializer(serializers.Serializer[Any]):
    carrier_code = serializers.CharField()
    carrier_name = serializers.CharField()
    service_code = serializers.CharField()
    service_name = serializers.CharField()
    ended = serializers.IntegerField()
    delivered = serializers.IntegerField()
    scored = serializers.IntegerField()
    kept = serializers.IntegerField()
    lost = serializers.IntegerField()
    damaged = serializers.IntegerField()
    incidents = serializers.DictField(child=serializers.IntegerField())
    reliability = serializers.IntegerField(allow_null=True)
