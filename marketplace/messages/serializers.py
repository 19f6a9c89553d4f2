"""Shapes of conversations in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.contracts import MessageSide, ReportReason, ThreadKind
from marketplace.messages.models import Message
from marketplace.messages.rules import MAX_FILES, MAX_TEXT, Caution
from marketplace.messages.selectors import is_taken_down


class ThreadSerializer(serializers.Serializer[Any]):
    """A conversation; `unread` counts for the caller's side."""

    id = serializers.UUIDField()
    about = serializers.ChoiceField(choices=[k.value for k in ThreadKind], source="kind")
    subject_id = serializers.UUIDField()
    title = serializers.CharField()
    buyer_id = serializers.UUIDField()
    buyer = serializers.CharField(source="buyer.name")
    seller_id = serializers.UUIDField()
    seller = serializers.CharField(source="seller.name")
    last_message_at = serializers.DateTimeField()
    last_words = serializers.CharField(source="snippet")
    buyer_unread = serializers.IntegerField()
    seller_unread = serializers.IntegerField()


class MessageFileSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()


class ThreadMessageSerializer(serializers.Serializer[Any]):
    """What one side said. Taken down by the operator: without text and files."""

    id = serializers.UUIDField()
    side = serializers.ChoiceField(choices=[s.value for s in MessageSide])
    text = serializers.SerializerMethodField()
    warnings = serializers.ListField(child=serializers.ChoiceField(choices=[c.value for c in Caution]))
    files = serializers.SerializerMethodField()
    is_taken_down = serializers.SerializerMethodField()
    at = serializers.DateTimeField()

    def get_text(self, message: Message) -> str:
        return "" if is_taken_down(message) else message.text

    @extend_schema_field(MessageFileSerializer(many=True))
    def get_files(self, message: Message) -> Any:
        return [] if is_taken_down(message) else MessageFileSerializer(message.files.all(), many=True).data

    def get_is_taken_down(self, message: Message) -> bool:
        return is_taken_down(message)


class SendSerializer(serializers.Serializer[Any]):
    """A text, files (multipart), or both."""

    text = serializers.CharField(max_length=MAX_TEXT, required=False, default="", allow_blank=True)
    files = serializers.ListField(
        child=serializers.FileField(), required=False, default=list, max_length=MAX_FILES, write_only=True
    )


class BeginThreadSerializer(SendSerializer):
    """`about` says what `subject_id` is: a listing, an order, a quote, or a shop (the seller's id)."""

    about = serializers.ChoiceField(choices=[k.value for k in ThreadKind])
    subject_id = serializers.UUIDField()


class MessageReportSerializer(serializers.Serializer[Any]):
    message_reason = serializers.ChoiceField(choices=[r.value for r in ReportReason], source="reason")
    note = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class QuickReplySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(max_length=60)
    text = serializers.CharField(max_length=2000)
