"""Shapes of saved methods in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from payments.wallet.rules import MAX_LABEL


class SavedMethodSerializer(serializers.Serializer[Any]):
    """A kept payment method; its token is never shown."""

    method_id = serializers.UUIDField()
    brand = serializers.CharField()
    last4 = serializers.CharField()
    exp_month = serializers.IntegerField(allow_null=True)
    exp_year = serializers.IntegerField(allow_null=True)
    label = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    is_default = serializers.BooleanField()
    expired = serializers.BooleanField()
    kept_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class SavedMethodChangeSerializer(serializers.Serializer[Any]):
    """`is_default` true offers it first; another one takes the place, so false says nothing."""

    label = serializers.CharField(max_length=MAX_LABEL, allow_blank=True, required=False)  # type: ignore[assignment]
    is_default = serializers.BooleanField(required=False, default=False)
