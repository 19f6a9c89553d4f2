"""Shapes of disputes in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from trust.contracts import DisputeParty, DisputeReason, DisputeState, DisputeWish
from trust.disputes.rules import MAX_TEXT


class MessageSerializer(serializers.Serializer[Any]):
    message_id = serializers.UUIDField(read_only=True)
    party = serializers.ChoiceField(choices=[p.value for p in DisputeParty], read_only=True)
    text = serializers.CharField(max_length=MAX_TEXT)
    at = serializers.DateTimeField(read_only=True)


class EvidenceSerializer(serializers.Serializer[Any]):
    evidence_id = serializers.UUIDField()
    party = serializers.ChoiceField(choices=[p.value for p in DisputeParty])
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    at = serializers.DateTimeField()


class EvidenceUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class DisputeRequestSerializer(serializers.Serializer[Any]):
    order_id = serializers.UUIDField()
    dispute_reason = serializers.ChoiceField(choices=[r.value for r in DisputeReason])
    dispute_wish = serializers.ChoiceField(choices=[w.value for w in DisputeWish])
    description = serializers.CharField(max_length=MAX_TEXT)
    lines = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=200, allow_empty=False,
        help_text="Refs of lines of the order's escrow; left out: the whole order.",
    )  # fmt: skip


class DisputeSummarySerializer(serializers.Serializer[Any]):
    dispute_id = serializers.UUIDField()
    order_id = serializers.UUIDField()
    buyer_id = serializers.UUIDField()
    seller_id = serializers.UUIDField()
    dispute_state = serializers.ChoiceField(choices=[s.value for s in DisputeState], source="state")
    dispute_reason = serializers.ChoiceField(choices=[r.value for r in DisputeReason], source="reason")
    dispute_wish = serializers.ChoiceField(choices=[w.value for w in DisputeWish], source="wish")
    description = serializers.CharField()
    amount = MoneySerializer()
    lines = serializers.ListField(child=serializers.CharField())
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    refunded = MoneySerializer(allow_null=True)
    seller_at_fault = serializers.BooleanField(allow_null=True)
    reasoning = serializers.CharField()


class DisputeSerializer(DisputeSummarySerializer):
    messages = MessageSerializer(many=True)
    evidence = EvidenceSerializer(many=True)
