"""Shapes of adjustments in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.adjustments.models import Adjustment
from payments.adjustments.states import AdjustmentState


class AdjustmentSerializer(serializers.Serializer[Any]):
    """A negative amount was taken from the seller."""

    id = serializers.UUIDField()
    order_id = serializers.UUIDField(allow_null=True)
    adjustment_kind = serializers.ChoiceField(choices=Adjustment.Kind.choices, source="kind")
    amount = MoneySerializer()
    reason = serializers.CharField()
    adjustment_state = serializers.ChoiceField(choices=[s.value for s in AdjustmentState], source="state")
    requested_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class AdjustmentRequestSerializer(serializers.Serializer[Any]):
    seller_id = serializers.UUIDField()
    adjustment_kind = serializers.ChoiceField(choices=Adjustment.Kind.choices)
    amount = MoneySerializer()
    order_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=300)


class AdjustmentDecisionSerializer(serializers.Serializer[Any]):
    approved = serializers.BooleanField()
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
