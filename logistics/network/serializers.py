"""Shapes of the routes API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from core.money import CURRENCIES
from logistics.rates.serializers import ParcelSerializer, PlaceSerializer


class RouteRequestSerializer(serializers.Serializer[Any]):
    origin = PlaceSerializer()
    destination = PlaceSerializer()
    parcel = ParcelSerializer()
    currency = serializers.ChoiceField(choices=sorted(CURRENCIES), default="EUR")


class RouteLegSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    start = serializers.CharField()
    end = serializers.CharField()
    service_code = serializers.CharField()
    service_name = serializers.CharField()
    carrier_code = serializers.CharField()
    carrier_name = serializers.CharField()
    price = MoneySerializer()
    usual_days = serializers.IntegerField()
    latest_days = serializers.IntegerField()
    hours = serializers.IntegerField()
    on_time_percent = serializers.IntegerField(allow_null=True)
    on_time_parcels = serializers.IntegerField()


class RouteSerializer(serializers.Serializer[Any]):
    aim = serializers.CharField()
    price = MoneySerializer()
    usual_days = serializers.IntegerField()
    latest_days = serializers.IntegerField()
    on_time_percent = serializers.IntegerField()
    carriers = serializers.IntegerField()
    legs = RouteLegSerializer(many=True)
