"""Shapes of codes in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.contracts import PromotionInput
from marketplace.promotions.rules import PromotionKind

KINDS = [kind.value for kind in PromotionKind]


class PromotionInputSerializer(serializers.Serializer[Any]):
    """A code as its seller makes it; limits of null are none."""

    code = serializers.CharField(max_length=30)
    promotion_kind = serializers.ChoiceField(choices=KINDS, source="kind")
    percent = serializers.IntegerField(min_value=0, max_value=100, default=0)
    amount = MoneySerializer(required=False, allow_null=True, default=None)
    min_basket = MoneySerializer(required=False, allow_null=True, default=None)
    limit_total = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    limit_per_buyer = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    starts_at = serializers.DateTimeField(allow_null=True, default=None)
    ends_at = serializers.DateTimeField(allow_null=True, default=None)

    def promotion(self) -> PromotionInput:
        return PromotionInput(**self.validated_data)


class PromotionSerializer(serializers.Serializer[Any]):
    """A code with how often it was used; paid by its seller."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    promotion_kind = serializers.ChoiceField(choices=KINDS, source="kind")
    percent = serializers.IntegerField()
    amount = MoneySerializer(allow_null=True)
    min_basket = MoneySerializer()
    limit_total = serializers.IntegerField(allow_null=True)
    limit_per_buyer = serializers.IntegerField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    used = serializers.IntegerField()
