"""Shapes of moderation."""

from __future__ import annotations

from rest_framework import serializers

from marketplace.screening import CaseState


class ReviewRuleSerializer(serializers.Serializer):  # type: ignore[type-arg]
    title = serializers.CharField()
    remedy = serializers.CharField()


class ReviewDocumentSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sent_at = serializers.DateTimeField()


class ListingReviewSerializer(serializers.Serializer):  # type: ignore[type-arg]
    review_state = serializers.ChoiceField(choices=[s.value for s in CaseState], source="state")
    reason = serializers.CharField()
    opened_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    rules = ReviewRuleSerializer(many=True)
    documents = ReviewDocumentSerializer(many=True)


class ReviewUploadSerializer(serializers.Serializer):  # type: ignore[type-arg]
    file = serializers.FileField()
