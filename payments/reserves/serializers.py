"""Shapes of reserves in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer


class ReserveHoldSerializer(serializers.Serializer[Any]):
    """`amount` is what is left of it after claims."""

    id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    amount = MoneySerializer(source="left")
    release_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
