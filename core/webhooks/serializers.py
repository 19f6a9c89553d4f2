"""Shapes of webhooks in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.webhooks.models import WebhookState

STATES = [state.value for state in WebhookState]


class WebhookSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    url = serializers.CharField(max_length=500)
    description = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    events = serializers.ListField(child=serializers.CharField(max_length=80), max_length=200)
    active = serializers.BooleanField(source="is_active", read_only=True)
    disabled_reason = serializers.CharField(read_only=True)
    failing_since = serializers.DateTimeField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)


class WebhookChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays; `active` switches it on or off."""

    url = serializers.CharField(max_length=500, required=False)
    description = serializers.CharField(max_length=120, required=False, allow_blank=True)
    events = serializers.ListField(child=serializers.CharField(max_length=80), max_length=200, required=False)
    active = serializers.BooleanField(required=False)


class NewWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(read_only=True, help_text="Shown this once.")


class WebhookAttemptSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    took_ms = serializers.IntegerField()
    answer = serializers.CharField()


class WebhookMessageSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    event_id = serializers.UUIDField()
    event_name = serializers.CharField()
    delivery_state = serializers.ChoiceField(choices=STATES, source="state")
    attempts = serializers.IntegerField()
    last_status = serializers.IntegerField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)


class WebhookMessageDetailSerializer(WebhookMessageSerializer):
    body = serializers.CharField()
    tries = WebhookAttemptSerializer(many=True)


class WebhookEventSerializer(serializers.Serializer[Any]):
    """An event that can be subscribed to; `schema` is the JSON Schema of the message's `data`."""

    name = serializers.CharField()
    description = serializers.CharField()
    schema = serializers.JSONField()
