"""Shapes of approvals in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.approvals.states import ApprovalState


class ApprovalSerializer(serializers.Serializer[Any]):
    """A purchase above its buyer's limit and what a colleague said."""

    purchase_id = serializers.UUIDField()
    number = serializers.CharField(source="purchase.number")
    total = MoneySerializer(source="purchase.total")
    approval_state = serializers.ChoiceField(choices=[s.value for s in ApprovalState], source="state")
    asked_name = serializers.CharField()
    asked_at = serializers.DateTimeField()
    decided_name = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class ApprovalDecisionSerializer(serializers.Serializer[Any]):
    """A refusal needs its reason."""

    approved = serializers.BooleanField()
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")
