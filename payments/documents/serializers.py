"""Shapes of documents in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer


class DocumentSerializer(serializers.Serializer[Any]):
    """The PDF is at /documents/{id}/."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    number = serializers.CharField()
    order_id = serializers.UUIDField(allow_null=True)
    period = serializers.CharField()
    gross = MoneySerializer()
    tax = MoneySerializer()
    issued_at = serializers.DateTimeField()
    content = serializers.JSONField()
