"""Shapes of the quotes API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from core.money import CURRENCIES
from logistics.contracts import HandlingMark, ParcelSpec


class PlaceSerializer(serializers.Serializer[Any]):
    country = serializers.CharField(min_length=2, max_length=2)
    postcode = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)


class ParcelSerializer(serializers.Serializer[Any]):
    weight_grams = serializers.IntegerField(min_value=1)
    length_mm = serializers.IntegerField(min_value=0, required=False, default=0)
    width_mm = serializers.IntegerField(min_value=0, required=False, default=0)
    height_mm = serializers.IntegerField(min_value=0, required=False, default=0)
    marks = serializers.MultipleChoiceField(choices=[mark.value for mark in HandlingMark], required=False, default=set)


def parcel_of(values: dict[str, Any]) -> ParcelSpec:
    """The parcel of validated values."""
    return ParcelSpec(**{**values, "marks": frozenset(map(HandlingMark, values["marks"]))})


class QuoteRequestSerializer(serializers.Serializer[Any]):
    origin = PlaceSerializer()
    destination = PlaceSerializer()
    parcel = ParcelSerializer()
    handling_days = serializers.IntegerField(min_value=0, max_value=60, default=1)
    currency = serializers.ChoiceField(choices=sorted(CURRENCIES), default="EUR")


class QuotedLegSerializer(serializers.Serializer[Any]):
    """One carrier's part of a route; an empty hub is a door."""

    service_code = serializers.CharField()
    carrier_code = serializers.CharField()
    carrier_name = serializers.CharField()
    start = serializers.CharField()
    end = serializers.CharField()
    price = MoneySerializer()


class ServiceQuoteSerializer(serializers.Serializer[Any]):
    service_code = serializers.CharField()
    carrier_code = serializers.CharField()
    carrier_name = serializers.CharField()
    service_name = serializers.CharField()
    price = MoneySerializer()
    earliest = serializers.DateField()
    latest = serializers.DateField()
    ship_by = serializers.DateTimeField()
    delivery_kind = serializers.CharField()
    tracked = serializers.BooleanField()
    chargeable_grams = serializers.IntegerField()
    quantile_bps = serializers.IntegerField()
    model_version = serializers.CharField()
    on_time_percent = serializers.IntegerField(allow_null=True)
    on_time_parcels = serializers.IntegerField()
    on_time_of_lane = serializers.BooleanField()
    legs = QuotedLegSerializer(many=True)


class RejectionSerializer(serializers.Serializer[Any]):
    service_code = serializers.CharField()
    carrier_code = serializers.CharField()
    service_name = serializers.CharField()
    reason = serializers.CharField()
    explanation = serializers.CharField()


class QuoteSetSerializer(serializers.Serializer[Any]):
    quotes = ServiceQuoteSerializer(many=True)
    rejected = RejectionSerializer(many=True)
    recommended = serializers.CharField()
