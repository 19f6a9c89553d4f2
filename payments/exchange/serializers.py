"""Shapes of exchange in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer


class ExchangeRequestSerializer(serializers.Serializer[Any]):
    amount = MoneySerializer()
    target_currency = serializers.CharField(max_length=3)


class ExchangeQuoteSerializer(serializers.Serializer[Any]):
    """`rate`: units of the target for one of the source, spread included."""

    id = serializers.UUIDField()
    source_amount = MoneySerializer(source="source")
    target_amount = MoneySerializer(source="target")
    rate = serializers.DecimalField(max_digits=24, decimal_places=12)
    mid_rate = serializers.DecimalField(max_digits=24, decimal_places=12)
    expires_at = serializers.DateTimeField()
