"""Shape of cartons."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class CartonSerializer(serializers.Serializer[Any]):
    """Inner size in millimetres, weights in grams."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=40)
    length_mm = serializers.IntegerField(min_value=20, max_value=3_000)
    width_mm = serializers.IntegerField(min_value=20, max_value=3_000)
    height_mm = serializers.IntegerField(min_value=20, max_value=3_000)
    tare_grams = serializers.IntegerField(min_value=0, max_value=10_000)
    most_grams = serializers.IntegerField(min_value=100, max_value=100_000)
