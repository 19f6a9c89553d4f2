"""Shape of a promise's outcome in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.remedies.states import RemedyState


class RemedySerializer(serializers.Serializer[Any]):
    """`share_bps` of the shipping price in basis points; `paid` is what was left of it to give back."""

    remedy_state = serializers.ChoiceField(choices=[s.value for s in RemedyState], source="state")
    days_late = serializers.IntegerField()
    share_bps = serializers.IntegerField()
    liable = serializers.CharField()
    amount = MoneySerializer()
    paid = MoneySerializer()
    refund_id = serializers.UUIDField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)


class OrderPromiseSerializer(serializers.Serializer[Any]):
    """What was promised, when it came, and what a broken promise gave back (null: nothing to give)."""

    promised_earliest = serializers.DateField(source="order.promised_earliest")
    promised_latest = serializers.DateField(source="order.promised_latest")
    delivered_at = serializers.DateTimeField(source="order.delivered_at", allow_null=True)
    remedy = RemedySerializer(allow_null=True)
