"""REST of the kernel: who calls, and API tokens."""

from __future__ import annotations

from django.urls import path

from core.identity.api import MeView, TokenListView, TokenView
from core.webhooks import api as webhooks

WEBHOOK = "webhooks/<uuid:subscription_id>/"
MESSAGE = f"{WEBHOOK}messages/<uuid:message_id>/"

urlpatterns = [
    path("me/", MeView.as_view(), name="api_me"),
    path("tokens/", TokenListView.as_view(), name="api_tokens"),
    path("tokens/<uuid:token_id>/", TokenView.as_view(), name="api_token"),
    path("webhooks/", webhooks.WebhookList.as_view(), name="api_webhooks"),
    path("webhooks/events/", webhooks.WebhookEvents.as_view(), name="api_webhook_events"),
    path(WEBHOOK, webhooks.WebhookDetail.as_view(), name="api_webhook"),
    path(f"{WEBHOOK}secret/", webhooks.WebhookSecret.as_view(), name="api_webhook_secret"),
    path(f"{WEBHOOK}ping/", webhooks.WebhookPing.as_view(), name="api_webhook_ping"),
    path(f"{WEBHOOK}messages/", webhooks.WebhookMessages.as_view(), name="api_webhook_messages"),
    path(MESSAGE, webhooks.WebhookMessageDetail.as_view(), name="api_webhook_message"),
    path(f"{MESSAGE}redelivery/", webhooks.WebhookRedelivery.as_view(), name="api_webhook_redelivery"),
]
