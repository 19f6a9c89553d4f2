"""Shapes of the rounds API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class RoundAddressSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()


class RoundStopSerializer(serializers.Serializer[Any]):
    """Number 0: left out, for `reason`."""

    courier_number = serializers.IntegerField()
    number = serializers.IntegerField()
    pickup_id = serializers.UUIDField(allow_null=True)
    shipment_id = serializers.UUIDField(allow_null=True)
    arrives_at = serializers.DateTimeField(allow_null=True)
    leaves_at = serializers.DateTimeField(allow_null=True)
    metres = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    address = RoundAddressSerializer()


class RoundSerializer(serializers.Serializer[Any]):
    carrier_code = serializers.CharField()
    day = serializers.DateField()
    metres = serializers.IntegerField()
    planned_at = serializers.DateTimeField()
    stops = RoundStopSerializer(many=True)
