"""REST: conversations of the caller's organisation. Strangers get 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.web import attachments
from marketplace.contracts import ReportReason, ThreadKind
from marketplace.messages import selectors, services
from marketplace.messages.models import Message
from marketplace.messages.serializers import (
    BeginThreadSerializer,
    MessageReportSerializer,
    QuickReplySerializer,
    SendSerializer,
    ThreadMessageSerializer,
    ThreadSerializer,
)


class ThreadPages(CursorPagination):
    ordering = ("-last_message_at", "-id")  # type: ignore[assignment]


class MessagePages(CursorPagination):
    ordering = ("-at", "-id")  # type: ignore[assignment]


class MessagesApiView(ApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"


class Threads(MessagesApiView):
    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(responses=ThreadSerializer(many=True), operation_id="threads_list", tags=["messages"])
    def get(self, request: Request) -> Response:
        """Conversations as buyer and as seller, the last written in first; `unread=1` only those with something new."""
        pages = ThreadPages()
        only_unread = request.query_params.get("unread") == "1"
        found = selectors.threads_of(self.actor.organisation_id, only_unread=only_unread)
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(ThreadSerializer(page, many=True).data)

    @extend_schema(
        request=BeginThreadSerializer, responses={201: ThreadMessageSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="threads_begin", tags=["messages"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Write about a listing, a shop, an order or a quote; one conversation each."""
        shape = BeginThreadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data

        def answer() -> Response:
            sent = services.begin_thread(
                kind=ThreadKind(data["about"]), subject_id=data["subject_id"], text=data["text"], uploads=data["files"],
                actor=self.actor, now=utc_now(),
            )  # fmt: skip
            return _said(sent)

        return idempotent(request, answer, now=utc_now())


class ThreadDetail(MessagesApiView):
    @extend_schema(responses=ThreadSerializer, operation_id="threads_retrieve", tags=["messages"])
    def get(self, request: Request, thread_id: UUID) -> Response:
        """A conversation, for its two sides."""
        return Response(ThreadSerializer(selectors.get_thread_for(thread_id=thread_id, actor=self.actor)).data)


class ThreadMessages(MessagesApiView):
    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(responses=ThreadMessageSerializer(many=True), operation_id="thread_messages_list", tags=["messages"])
    def get(self, request: Request, thread_id: UUID) -> Response:
        """What was said, newest first. Has an ETag: If-None-Match answers 304 while nothing changed. Reading is no mark."""
        found = selectors.get_thread_for(thread_id=thread_id, actor=self.actor)
        etag = f'"{found.id.hex}-{found.version}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        pages = MessagePages()
        page = pages.paginate_queryset(selectors.messages_of(found), request, view=self) or []
        response = pages.get_paginated_response(ThreadMessageSerializer(page, many=True).data)
        response["ETag"] = etag
        return response

    @extend_schema(
        request=SendSerializer, responses={201: ThreadMessageSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="thread_messages_send", tags=["messages"],
    )  # fmt: skip
    def post(self, request: Request, thread_id: UUID) -> Response:
        """Say something. `warnings` of the answer name what led away from the house; it was sent all the same."""
        selectors.get_thread_for(thread_id=thread_id, actor=self.actor)
        shape = SendSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data

        def answer() -> Response:
            return _said(services.post_message(
                thread_id=thread_id, text=data["text"], uploads=data["files"], actor=self.actor, now=utc_now()
            ))  # fmt: skip

        return idempotent(request, answer, now=utc_now())


class ThreadReading(MessagesApiView):
    @extend_schema(request=None, responses=ThreadSerializer, operation_id="thread_read", tags=["messages"])
    def post(self, request: Request, thread_id: UUID) -> Response:
        """Everything so far was read."""
        services.mark_read(thread_id=thread_id, actor=self.actor, now=utc_now())
        return Response(ThreadSerializer(selectors.get_thread_for(thread_id=thread_id, actor=self.actor)).data)


class ThreadBlock(MessagesApiView):
    @extend_schema(request=None, responses={204: None}, operation_id="thread_block", tags=["messages"])
    def put(self, request: Request, thread_id: UUID) -> Response:
        """No more messages between the two, except about orders."""
        services.block(thread_id=thread_id, actor=self.actor, now=utc_now())
        return Response(status=204)

    @extend_schema(responses={204: None}, operation_id="thread_unblock", tags=["messages"])
    def delete(self, request: Request, thread_id: UUID) -> Response:
        """Take one's own block back."""
        services.unblock(thread_id=thread_id, actor=self.actor, now=utc_now())
        return Response(status=204)


class ThreadFile(MessagesApiView):
    @extend_schema(
        operation_id="thread_file", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tags=["messages"],
    )  # fmt: skip
    def get(self, request: Request, thread_id: UUID, file_id: UUID) -> HttpResponseBase:
        """A file of a message."""
        found = selectors.get_file_for(thread_id=thread_id, file_id=file_id, actor=self.actor)
        kept = attachments.Attachment(found.name, found.stored_as, found.media_type, found.size)
        return attachments.download(services.FOLDER, kept)


class MessageReports(MessagesApiView):
    @extend_schema(
        request=MessageReportSerializer, responses={201: MessageReportSerializer}, operation_id="message_report",
        tags=["messages"],
    )  # fmt: skip
    def post(self, request: Request, thread_id: UUID, said_id: UUID) -> Response:
        """Show a message of the other side to the operator."""
        selectors.get_message_for(thread_id=thread_id, message_id=said_id, actor=self.actor)
        shape = MessageReportSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        made = services.report_message(
            thread_id=thread_id, message_id=said_id, reason=ReportReason(data["reason"]), note=data["note"],
            actor=self.actor, now=utc_now(),
        )  # fmt: skip
        return Response(MessageReportSerializer(made).data, status=201)


class QuickReplies(MessagesApiView):
    @extend_schema(responses=QuickReplySerializer(many=True), operation_id="quick_replies_list", tags=["messages"])
    def get(self, request: Request) -> Response:
        """Answers the caller's shop gives often (at most 30)."""
        organisation_id = self.actor.organisation_id
        found = selectors.quick_replies_of(organisation_id) if organisation_id else []
        return Response(QuickReplySerializer(found, many=True).data)

    @extend_schema(
        request=QuickReplySerializer, responses={201: QuickReplySerializer}, operation_id="quick_replies_create",
        tags=["messages"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Keep one more."""
        shape = QuickReplySerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        made = services.add_quick_reply(**shape.validated_data, actor=self.actor, now=utc_now())
        return Response(QuickReplySerializer(made).data, status=201)


class QuickReplyDetail(MessagesApiView):
    @extend_schema(responses={204: None}, operation_id="quick_replies_delete", tags=["messages"])
    def delete(self, request: Request, reply_id: UUID) -> Response:
        services.remove_quick_reply(reply_id=reply_id, actor=self.actor)
        return Response(status=204)


def _said(message: Message) -> Response:
    data: Any = ThreadMessageSerializer(message).data
    return Response(data, status=201)
