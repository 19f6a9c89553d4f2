"""Shapes of the shipments API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


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
