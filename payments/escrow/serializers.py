"""Shapes of escrow in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.contracts import EscrowState


class MovementSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    code = serializers.CharField()
    amount = MoneySerializer()
    origin = serializers.CharField(source="source")
    target = serializers.CharField()


class EscrowSerializer(serializers.Serializer[Any]):
    order_id = serializers.UUIDField()
    seller_id = serializers.UUIDField()
    buyer_id = serializers.UUIDField()
    escrow_state = serializers.ChoiceField(choices=[s.value for s in EscrowState], source="state")
    amount = MoneySerializer()
    held = MoneySerializer()
    released = MoneySerializer()
    refunded = MoneySerializer()
    fee = MoneySerializer()
    release_at = serializers.DateTimeField(allow_null=True)
    ship_by = serializers.DateTimeField(allow_null=True)
    can_extend = serializers.BooleanField()
    frozen = serializers.BooleanField()
    movements = MovementSerializer(many=True)
