"""Shapes of agreements in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.agreements.rules import MAX_STEPS, MAX_TEXT
from marketplace.contracts import AgreementState
from payments.contracts import EscrowState, MilestoneTrigger

STATES = [state.value for state in AgreementState]
TRIGGERS = [trigger.value for trigger in MilestoneTrigger]


class AgreementRequestSerializer(serializers.Serializer[Any]):
    listing_id = serializers.UUIDField()
    wish = serializers.CharField(max_length=MAX_TEXT)


class PlanStepSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    amount = MoneySerializer()
    trigger = serializers.ChoiceField(choices=TRIGGERS, default=MilestoneTrigger.ACCEPTANCE.value)


class PlanSerializer(serializers.Serializer[Any]):
    terms = serializers.CharField(max_length=MAX_TEXT)
    steps = serializers.ListField(child=PlanStepSerializer(), min_length=1, max_length=MAX_STEPS)


class TotalSerializer(serializers.Serializer[Any]):
    """The total that was seen: a plan that changed since is refused."""

    total = MoneySerializer()


class StepPaymentSerializer(serializers.Serializer[Any]):
    """Nothing: the provider's page; a token or a kept method pays at once."""

    method_token = serializers.CharField(max_length=120, required=False)
    saved_method_id = serializers.UUIDField(required=False)
    return_url = serializers.URLField(max_length=500)


class StepChargeSerializer(serializers.Serializer[Any]):
    charge_id = serializers.UUIDField()
    charge_state = serializers.CharField(source="state")
    redirect_url = serializers.CharField(allow_null=True)
    failure_code = serializers.CharField(allow_null=True)


class ProofSerializer(serializers.Serializer[Any]):
    proof = serializers.CharField(max_length=2000)


class AgreementStepSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    amount = MoneySerializer()
    trigger = serializers.ChoiceField(choices=TRIGGERS)
    escrow_state = serializers.ChoiceField(choices=[s.value for s in EscrowState], allow_null=True)
    held = MoneySerializer()
    released = MoneySerializer()
    proof = serializers.CharField()
    release_at = serializers.DateTimeField(allow_null=True)


class AgreementSummarySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    listing_id = serializers.UUIDField()
    buyer_id = serializers.UUIDField()
    seller_id = serializers.UUIDField()
    title = serializers.CharField()
    agreement_state = serializers.ChoiceField(choices=STATES, source="state")
    requested_at = serializers.DateTimeField()
    proposed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class AgreementSerializer(AgreementSummarySerializer):
    wish = serializers.CharField()
    terms = serializers.CharField()
    plan = AgreementStepSerializer(many=True, read_only=True)
