"""Shapes of chargebacks in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.chargebacks.rules import MAX_STATEMENT
from payments.contracts import ChargebackState


class ChargebackSerializer(serializers.Serializer[Any]):
    """`amount` is the caller's part."""

    chargeback_id = serializers.UUIDField()
    purchase_id = serializers.UUIDField()
    order_ids = serializers.ListField(child=serializers.UUIDField())
    chargeback_state = serializers.ChoiceField(choices=[s.value for s in ChargebackState], source="state")
    reason = serializers.CharField()
    amount = MoneySerializer()
    opened_at = serializers.DateTimeField()
    due_by = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    statement = serializers.CharField()


class StatementSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_STATEMENT)
