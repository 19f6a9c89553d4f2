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


_kept: dict[type[Any], Any] = {}


def _shape(kind: type[Any]) -> Any:
    return _kept.get(kind) or _kept.setdefault(kind, kind())


def shown(kind: type[serializers.BaseSerializer[Any]], value: Any) -> Any:
    """`kind(value).data` of a serializer that needs no context.

    The framework copies every field of a serializer each time one is made, which costs a purchase more than its JSON; here one
    of each kind is kept.
    """
    return _shape(kind).to_representation(value)


def checked(kind: type[serializers.Serializer[Any]], data: Any) -> Any:
    """The validated data of a serializer that needs no context. Raises ValidationError, as `is_valid` can."""
    return _shape(kind).run_validation(data)
