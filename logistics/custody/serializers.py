"""Shapes of the custody API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from logistics.custody.rules import Side

PARTY = r"^(CARRIER|SELLER|BUYER):[A-Za-z0-9-]{1,50}$"


class CustodySerializer(serializers.Serializer[Any]):
    sscc = serializers.CharField()
    number = serializers.IntegerField()
    holder = serializers.CharField()
    basis = serializers.CharField()
    since = serializers.DateTimeField()


class ScanSerializer(serializers.Serializer[Any]):
    sscc = serializers.RegexField(r"^\d{18}$")
    side = serializers.ChoiceField(choices=[side.value for side in Side])
    party = serializers.RegexField(PARTY)
    other = serializers.RegexField(PARTY, required=False, default="", allow_blank=True)
    at = serializers.DateTimeField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["side"] == Side.GIVE and not attrs["other"]:
            raise serializers.ValidationError({"other": "Who gets it?"})
        return attrs


class BagSerializer(serializers.Serializer[Any]):
    sscc = serializers.RegexField(r"^\d{18}$")
    party = serializers.RegexField(PARTY)
    units = serializers.ListField(child=serializers.RegexField(r"^\d{18}$"), max_length=1_000, default=list)
