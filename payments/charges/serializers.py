"""Shapes of charges in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.contracts import ChargeState


class ChargeSerializer(serializers.Serializer[Any]):
    charge_id = serializers.UUIDField()
    purchase_id = serializers.UUIDField()
    charge_state = serializers.ChoiceField(choices=[s.value for s in ChargeState], source="state")
    amount = MoneySerializer()
    redirect_url = serializers.CharField(allow_null=True)
    failure_code = serializers.CharField(allow_null=True)
    failure_message = serializers.CharField()
