"""Shapes of balances and payouts in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.contracts import PayoutState
from payments.payouts.rules import mask_iban


class BalanceSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    held = MoneySerializer()
    available = MoneySerializer()
    on_its_way = MoneySerializer()
    paid_out = MoneySerializer()
    owed = MoneySerializer()
    reserve = MoneySerializer()
    disputed = MoneySerializer()


class PayoutSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    amount = MoneySerializer()
    payout_state = serializers.ChoiceField(choices=[s.value for s in PayoutState], source="state")
    destination = serializers.SerializerMethodField()
    requested_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)
    failure_code = serializers.CharField()

    def get_destination(self, payout: Any) -> str:
        return mask_iban(payout.iban)


class DestinationSerializer(serializers.Serializer[Any]):
    """The IBAN is written, never read back."""

    holder = serializers.CharField(max_length=120)
    iban = serializers.CharField(max_length=42, write_only=True)
    iban_masked = serializers.CharField(read_only=True)
    country = serializers.CharField(read_only=True)
    changed_at = serializers.DateTimeField(read_only=True)
