"""Shapes of claims in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from logistics.claims.rules import ClaimType
from logistics.claims.states import ClaimState
from logistics.claims.words import BY_HAND


class ClaimSerializer(serializers.Serializer[Any]):
    """A claim against a carrier. `amount` is null until the goods' value is known; it may be sent in from `opens_at`
    until `deadline_at`."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    shipment_id = serializers.UUIDField()
    tracking_number = serializers.CharField(source="shipment.waybill")
    carrier_code = serializers.CharField(source="carrier.code")
    claim_type = serializers.ChoiceField(choices=[kind.value for kind in ClaimType])
    claim_state = serializers.ChoiceField(choices=[state.value for state in ClaimState], source="state")
    amount = MoneySerializer(allow_null=True)
    approved = MoneySerializer()
    note = serializers.CharField()
    answer = serializers.CharField()
    carrier_reference = serializers.CharField()
    pack_digest = serializers.CharField()
    opened_at = serializers.DateTimeField()
    opens_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class ClaimRequestSerializer(serializers.Serializer[Any]):
    claim_type = serializers.ChoiceField(choices=[kind.value for kind in BY_HAND])
    note = serializers.CharField(max_length=1000)


class ClaimAnswerSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=900)


class ClaimSubmissionSerializer(serializers.Serializer[Any]):
    carrier_reference = serializers.CharField(max_length=60, allow_blank=True, default="")


class ClaimDecisionSerializer(serializers.Serializer[Any]):
    """What the carrier grants: all that was claimed, a part, or nothing. Less than all needs a reason."""

    approved = MoneySerializer()
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class ClaimPhotoUploadSerializer(serializers.Serializer[Any]):
    photo = serializers.FileField()


class ClaimPhotoSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    sha256 = serializers.CharField(source="digest")
    at = serializers.DateTimeField()
