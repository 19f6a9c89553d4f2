"""Shapes of escrow in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.contracts import EscrowState, LineKind, MilestoneTrigger


class MovementSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    code = serializers.CharField()
    amount = MoneySerializer()
    origin = serializers.CharField(source="source")
    target = serializers.CharField()


class LineSerializer(serializers.Serializer[Any]):
    ref = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in LineKind])
    amount = MoneySerializer()
    held = MoneySerializer()
    released = MoneySerializer()
    refunded = MoneySerializer()
    frozen = MoneySerializer()


class ReasonSerializer(serializers.Serializer[Any]):
    """Why money is held, until when, by which rule, what would release it sooner (in the caller's language)."""

    code = serializers.CharField()
    amount = MoneySerializer()
    why = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    rule = serializers.CharField()
    sooner = serializers.CharField()


class PartReleaseSerializer(serializers.Serializer[Any]):
    """Lines, or an amount over all lines; nothing of these: all that is free."""

    lines = serializers.ListField(child=serializers.CharField(max_length=60), required=False, max_length=200)
    amount = MoneySerializer(required=False)


class MilestoneSerializer(serializers.Serializer[Any]):
    milestone_id = serializers.UUIDField()
    position = serializers.IntegerField()
    name = serializers.CharField()
    amount = MoneySerializer()
    trigger = serializers.ChoiceField(choices=[trigger.value for trigger in MilestoneTrigger])
    proof = serializers.CharField()
    proven_at = serializers.DateTimeField(allow_null=True)
    held = MoneySerializer()
    released = MoneySerializer()


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
    decide_by = serializers.DateTimeField(allow_null=True)
    can_extend = serializers.BooleanField()
    frozen = serializers.BooleanField()
    frozen_amount = MoneySerializer()
    paused = serializers.BooleanField()
    charged_back = serializers.BooleanField()
    lines = LineSerializer(many=True)
    reasons = ReasonSerializer(many=True)
    movements = MovementSerializer(many=True)
