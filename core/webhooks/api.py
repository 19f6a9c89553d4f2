"""REST: webhooks of the caller's organisation. Strangers get 404."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from core.webhooks import selectors, services
from core.webhooks.serializers import (
    NewWebhookSerializer,
    WebhookChangeSerializer,
    WebhookEventSerializer,
    WebhookMessageDetailSerializer,
    WebhookMessageSerializer,
    WebhookSerializer,
)


class WebhookView(ApiView):
    read_scope = "webhooks:read"
    write_scope = services.WRITE_SCOPE

    def organisation_id(self) -> UUID:
        if self.actor.organisation_id is None:
            raise NotFound()
        return self.actor.organisation_id

    def shown(self, subscription_id: UUID) -> Response:
        found = selectors.get_subscription_for(subscription_id=subscription_id, actor=self.actor)
        return Response(WebhookSerializer(found).data)


class WebhookList(WebhookView):
    @extend_schema(responses=WebhookSerializer(many=True), operation_id="webhooks_list", tags=["webhooks"])
    def get(self, request: Request) -> Response:
        """Webhooks of the organisation (at most 20)."""
        return Response(WebhookSerializer(selectors.subscriptions_of(self.organisation_id()), many=True).data)

    @extend_schema(
        request=WebhookSerializer, responses={201: NewWebhookSerializer}, operation_id="webhooks_create",
        tags=["webhooks"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Have events sent to an address; the answer holds the signing secret."""
        self.organisation_id()
        shape = WebhookSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        made, secret = services.create_webhook(**shape.validated_data, actor=self.actor, now=utc_now())
        return Response({**WebhookSerializer(made).data, "secret": secret}, status=201)


class WebhookDetail(WebhookView):
    @extend_schema(responses=WebhookSerializer, operation_id="webhooks_retrieve", tags=["webhooks"])
    def get(self, request: Request, subscription_id: UUID) -> Response:
        return self.shown(subscription_id)

    @extend_schema(
        request=WebhookChangeSerializer, responses=WebhookSerializer, operation_id="webhooks_update", tags=["webhooks"]
    )
    def patch(self, request: Request, subscription_id: UUID) -> Response:
        """Change address, description, events, or switch it on and off."""
        found = selectors.get_subscription_for(subscription_id=subscription_id, actor=self.actor)
        shape = WebhookChangeSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data, now = dict(shape.validated_data), utc_now()
        active = data.pop("active", None)
        if data:
            kept = {"url": found.url, "description": found.description, "events": found.events}
            services.change_webhook(subscription_id=subscription_id, **(kept | data), actor=self.actor, now=now)
        if active is not None:
            switch = services.enable_webhook if active else services.disable_webhook
            switch(subscription_id=subscription_id, actor=self.actor, now=now)
        return self.shown(subscription_id)

    @extend_schema(responses={204: None}, operation_id="webhooks_destroy", tags=["webhooks"])
    def delete(self, request: Request, subscription_id: UUID) -> Response:
        """Nothing is sent there any more."""
        services.delete_webhook(subscription_id=subscription_id, actor=self.actor, now=utc_now())
        return Response(status=204)


class WebhookSecret(WebhookView):
    @extend_schema(
        request=None, responses=NewWebhookSerializer, operation_id="webhooks_secret_create", tags=["webhooks"]
    )
    def post(self, request: Request, subscription_id: UUID) -> Response:
        """A new secret; for a day messages are signed with the old one, too."""
        found, secret = services.rotate_secret(subscription_id=subscription_id, actor=self.actor, now=utc_now())
        return Response({**WebhookSerializer(found).data, "secret": secret})


class WebhookPing(WebhookView):
    @extend_schema(
        request=None, responses={202: WebhookMessageSerializer}, operation_id="webhooks_ping_create", tags=["webhooks"]
    )
    def post(self, request: Request, subscription_id: UUID) -> Response:
        """Send a test message."""
        message = services.send_ping(subscription_id=subscription_id, actor=self.actor, now=utc_now())
        return Response(WebhookMessageSerializer(message).data, status=202)


class WebhookMessages(WebhookView):
    @extend_schema(
        responses=WebhookMessageSerializer(many=True), operation_id="webhooks_messages_list", tags=["webhooks"]
    )
    def get(self, request: Request, subscription_id: UUID) -> Response:
        """What was sent and what waits, newest first, paged. Kept for 30 days."""
        found = selectors.get_subscription_for(subscription_id=subscription_id, actor=self.actor)
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.messages_of(found.id), request, view=self) or []
        return pages.get_paginated_response(WebhookMessageSerializer(page, many=True).data)


class WebhookMessageDetail(WebhookView):
    @extend_schema(
        responses=WebhookMessageDetailSerializer, operation_id="webhooks_messages_retrieve", tags=["webhooks"]
    )
    def get(self, request: Request, subscription_id: UUID, message_id: UUID) -> Response:
        """One delivery: its body and its attempts (the latest 50)."""
        message = selectors.get_message_for(
            message_id=message_id, subscription_id=subscription_id, actor=self.actor
        )  # fmt: skip
        data = {**WebhookMessageSerializer(message).data, "delivery_state": message.state}
        tries = WebhookMessageDetailSerializer().fields["tries"].to_representation(selectors.tries_of(message.id))
        return Response({**data, "body": message.body, "tries": tries})


class WebhookRedelivery(WebhookView):
    @extend_schema(
        request=None, responses={202: WebhookMessageSerializer}, operation_id="webhooks_redelivery_create",
        tags=["webhooks"],
    )  # fmt: skip
    def post(self, request: Request, subscription_id: UUID, message_id: UUID) -> Response:
        """Send it again, with the same id; asking twice changes nothing."""
        message = services.send_again(
            subscription_id=subscription_id, message_id=message_id, actor=self.actor, now=utc_now()
        )
        return Response(WebhookMessageSerializer(message).data, status=202)


class WebhookEvents(WebhookView):
    @extend_schema(responses=WebhookEventSerializer(many=True), operation_id="webhooks_events_list", tags=["webhooks"])
    def get(self, request: Request) -> Response:
        """The events there are, with the schema of each."""
        return Response(WebhookEventSerializer(selectors.event_catalogue(), many=True).data)
