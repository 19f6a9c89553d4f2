"""Shape of a scorecard in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ScorecardSerializer(serializers.Serializer[Any]):
    """Shares in basis points, ratings in hundredths; null where there are too few orders to say."""

    seller_id = serializers.UUIDField()
    policy_version = serializers.IntegerField()
    computed_at = serializers.DateTimeField()
    window_days = serializers.IntegerField()
    minimum_sample = serializers.IntegerField()
    rating_hundredths = serializers.IntegerField()
    rating_count = serializers.IntegerField()
    orders_count = serializers.IntegerField()
    promise_kept_bp = serializers.IntegerField(allow_null=True)
    on_time_bp = serializers.IntegerField(allow_null=True)
    dispute_rate_bp = serializers.IntegerField(allow_null=True)
    cancel_rate_bp = serializers.IntegerField(allow_null=True)
