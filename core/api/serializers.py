"""Shapes shared by all modules' APIs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from core.money import CURRENCIES, Money, MoneyError


@extend_schema_serializer(component_name="Money")
class MoneySerializer(serializers.Serializer[Any]):
    """`minor` units (cents) and an ISO 4217 `currency`; never a float."""

    minor = serializers.IntegerField()
    currency = serializers.ChoiceField(choices=sorted(CURRENCIES))

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"minor": instance.minor, "currency": instance.currency}

    def validate(self, attrs: dict[str, Any]) -> Any:
        try:
            return Money(attrs["minor"], attrs["currency"])
        except MoneyError as error:
            raise serializers.ValidationError(str(error)) from error
