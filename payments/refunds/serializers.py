"""Shapes of refunds in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.contracts import RefundState


class RefundSerializer(serializers.Serializer[Any]):
    refund_id = serializers.UUIDField()
    order_id = serializers.UUIDField(allow_null=True)
    refund_state = serializers.ChoiceField(choices=[s.value for s in RefundState], source="state")
    amount = MoneySerializer()
    reason = serializers.CharField()
    from_escrow = MoneySerializer()
    from_seller = MoneySerializer()
    fee_returned = MoneySerializer()
    created_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)


class RefundLineRequestSerializer(serializers.Serializer[Any]):
    """Without an amount: all that is left of the line."""

    ref = serializers.CharField(max_length=60)
    amount = MoneySerializer(required=False)


class RefundRequestSerializer(serializers.Serializer[Any]):
    """Lines and shipping, or an amount over all lines, or nothing of these: everything that is left."""

    reason = serializers.CharField(max_length=500)
    lines = serializers.ListField(child=RefundLineRequestSerializer(), required=False, max_length=200)
    amount = MoneySerializer(required=False)
    shipping = serializers.BooleanField(default=False)
