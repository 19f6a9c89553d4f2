"""Shapes of buyer profiles in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer


class BuyerProfileSerializer(serializers.Serializer[Any]):
    """A limit of null is none. Limits are in the organisation's currency."""

    vat_number = serializers.CharField(max_length=20, allow_blank=True, default="")
    staff_limit = MoneySerializer(allow_null=True, default=None)
    manager_limit = MoneySerializer(allow_null=True, default=None)
