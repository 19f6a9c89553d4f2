"""Shapes of the notices API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from logistics.notices.rules import Side, Stage


class NoticeSerializer(serializers.Serializer[Any]):
    """A notice in the caller's language."""

    id = serializers.IntegerField()
    notice_side = serializers.ChoiceField(choices=[side.value for side in Side], source="side")
    stage = serializers.ChoiceField(choices=[stage.value for stage in Stage])
    shipment_id = serializers.UUIDField()
    tracking_number = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NoticeChoiceSerializer(serializers.Serializer[Any]):
    notice_side = serializers.ChoiceField(choices=[side.value for side in Side], source="side")
    stage = serializers.ChoiceField(choices=[stage.value for stage in Stage])
    by_mail = serializers.BooleanField()
    in_app = serializers.BooleanField()


class NoticeReadingSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField()
