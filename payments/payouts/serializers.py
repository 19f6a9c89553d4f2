"""Shapes of balances and payouts in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.contracts import PayoutFrequency, PayoutState
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
    returned_at = serializers.DateTimeField(allow_null=True)
    failure_code = serializers.CharField()
    instant = serializers.BooleanField()
    fee = MoneySerializer()
    taken = MoneySerializer()

    def get_destination(self, payout: Any) -> str:
        return mask_iban(payout.iban)


class DestinationSerializer(serializers.Serializer[Any]):
    """The IBAN is written, never read back."""

    holder = serializers.CharField(max_length=120)
    iban = serializers.CharField(max_length=42, write_only=True)
    iban_masked = serializers.CharField(read_only=True)
    country = serializers.CharField(read_only=True)
    changed_at = serializers.DateTimeField(read_only=True)


class PayoutRequestSerializer(serializers.Serializer[Any]):
    """`quote_id`: pay in the quote's currency at its locked rate."""

    currency = serializers.CharField(max_length=3)
    instant = serializers.BooleanField(default=False)
    quote_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class RequestedPayoutSerializer(serializers.Serializer[Any]):
    payout_id = serializers.UUIDField()
    amount = MoneySerializer()
    fee = MoneySerializer()
    taken = MoneySerializer()
    payout_state = serializers.ChoiceField(choices=[s.value for s in PayoutState], source="state")
    destination = serializers.CharField()
    requested_at = serializers.DateTimeField()


class StatementRowSerializer(serializers.Serializer[Any]):
    """Positive: money for the seller. `balance`: what was available afterwards."""

    at = serializers.DateTimeField()
    what = serializers.CharField()
    ref = serializers.CharField()
    amount = MoneySerializer()
    balance = MoneySerializer()


class SellerStatementSerializer(serializers.Serializer[Any]):
    month = serializers.DateTimeField()
    opening = MoneySerializer()
    closing = MoneySerializer()
    rows = StatementRowSerializer(many=True)


class ScheduleSerializer(serializers.Serializer[Any]):
    """`weekday` 0 is Monday; `currency` empty: money is sent as it came in."""

    frequency = serializers.ChoiceField(choices=[f.value for f in PayoutFrequency])
    weekday = serializers.IntegerField(min_value=0, max_value=6, default=0)
    month_day = serializers.IntegerField(min_value=1, max_value=28, default=1)
    currency = serializers.CharField(max_length=3, allow_blank=True, default="")


class PayoutHoldSerializer(serializers.Serializer[Any]):
    """`reason` null: the cool-off after a new bank account, which ends at `until`."""

    reason = serializers.CharField(allow_null=True)
    note = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class OnboardingRequestSerializer(serializers.Serializer[Any]):
    """Where the provider sends the seller back to; and the currency of the payouts."""

    return_url = serializers.URLField(max_length=500)
    currency = serializers.CharField(max_length=3, default="EUR")


class OnboardingSerializer(serializers.Serializer[Any]):
    recipient_state = serializers.ChoiceField(choices=["READY", "NEEDED", "IN_REVIEW"], source="state")
    url = serializers.CharField()
    missing = serializers.ListField(child=serializers.CharField())
