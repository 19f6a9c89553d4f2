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
    direction = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    def get_direction(self, factor: Any) -> str:
        return sign(factor)

    def get_reason(self, factor: Any) -> str:
        return reason(factor)


class HitSerializer(serializers.Serializer[Any]):
    listing_id = serializers.UUIDField()
    position = serializers.IntegerField()
    title = serializers.CharField()
    price = MoneySerializer()
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


class FacetValueSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    count = serializers.IntegerField()
    chosen = serializers.BooleanField()


class ResultsSerializer(serializers.Serializer[Any]):
    """A page of results. `relaxed` is empty, FUZZY (spelling) or ANY (not all words match)."""

    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    relaxed = serializers.CharField(allow_blank=True)
    model_version = serializers.CharField(allow_blank=True)
    hits = HitSerializer(many=True)
    facets = serializers.DictField(child=FacetValueSerializer(many=True))
