"""Shapes of search results in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.search.reasons import reason, sign


class FactorSerializer(serializers.Serializer[Any]):
    """One reason for a place in the results; `direction` is up, down or level."""

    code = serializers.CharField()
    contribution = serializers.FloatField()
    value = serializers.IntegerField()
    direction = serializers.CharField()
    reason = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Written by hand, as facets are: there are two hundred of them in one answer."""
        return {
            "code": instance.code, "contribution": instance.contribution, "value": instance.value,
            "direction": sign(instance), "reason": reason(instance),
        }  # fmt: skip


class HitSerializer(serializers.Serializer[Any]):
    """`prior`: the lowest price of the 30 days before a reduction that runs; null without one."""

    listing_id = serializers.UUIDField()
    position = serializers.IntegerField()
    title = serializers.CharField()
    price = MoneySerializer()
    prior = MoneySerializer(allow_null=True)
    reduced_percent = serializers.IntegerField()
    variants = serializers.IntegerField()
    photo = serializers.CharField()
    alt = serializers.CharField()
    seller_id = serializers.UUIDField()
    seller_name = serializers.CharField()
    seller_slug = serializers.CharField()
    country = serializers.CharField()
    rating_hundredths = serializers.IntegerField()
    rating_count = serializers.IntegerField()
    promise_kept_bp = serializers.IntegerField(allow_null=True)
    handling_days = serializers.IntegerField()
    category_code = serializers.CharField()
    available = serializers.BooleanField()
    factors = FactorSerializer(many=True)


class SuggestionSerializer(serializers.Serializer[Any]):
    """`kind`: QUERY, CATEGORY or SHOP; `value`: the words, the category's code or the shop's address."""

    kind = serializers.CharField()
    text = serializers.CharField()
    value = serializers.CharField()


class FacetValueSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    count = serializers.IntegerField()
    chosen = serializers.BooleanField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"value": instance.value, "count": instance.count, "chosen": instance.chosen}


class PriceBarSerializer(serializers.Serializer[Any]):
    """How many results cost from `low` to below `high` (minor units; the last bar has no high)."""

    low = serializers.IntegerField()
    high = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField()


class ResultsSerializer(serializers.Serializer[Any]):
    """A page of results. `relaxed` is empty, FUZZY (spelling) or ANY (not all words match); `corrected`: pairs of a word as
    typed and the word searched as well; `price_from`, `price_to`: minor units, also when the words named them."""

    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    relaxed = serializers.CharField(allow_blank=True)
    model_version = serializers.CharField(allow_blank=True)
    hits = HitSerializer(many=True)
    facets = serializers.DictField(child=FacetValueSerializer(many=True))
    prices = PriceBarSerializer(many=True)
    corrected = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    price_from = serializers.IntegerField(allow_null=True)
    price_to = serializers.IntegerField(allow_null=True)


class WalkSerializer(serializers.Serializer[Any]):
    """`next_cursor` is empty at the end."""

    total = serializers.IntegerField()
    hits = HitSerializer(many=True)
    next_cursor = serializers.CharField(allow_blank=True)
