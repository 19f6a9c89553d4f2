"""Shapes of reviews in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from trust.reviews.rules import MAX_TEXT, MAX_TITLE


class ReviewRequestSerializer(serializers.Serializer[Any]):
    order_id = serializers.UUIDField()
    line_id = serializers.UUIDField()
    rating = serializers.IntegerField(min_value=1, max_value=5)
    title = serializers.CharField(max_length=MAX_TITLE, required=False, allow_blank=True, default="")
    text = serializers.CharField(max_length=MAX_TEXT, required=False, allow_blank=True, default="")


class ReviewSerializer(serializers.Serializer[Any]):
    """A published review. Orders and buyers are not named to the public."""

    review_id = serializers.UUIDField()
    listing_id = serializers.UUIDField()
    rating = serializers.IntegerField()
    title = serializers.CharField()
    text = serializers.CharField()
    author = serializers.CharField()
    posted_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


class AnswerSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)
