"""Reads of webhooks; strangers get WebhookNotFound."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from core.actor import Actor
from core.events import event_class
from core.events.codec import json_schema
from core.webhooks.audience import deliverable_names
from core.webhooks.models import WebhookAttempt, WebhookMessage, WebhookState, WebhookSubscription
from core.webhooks.rules import WebhookMessageNotFound, WebhookNotFound

MAX_TRIES_SHOWN = 50


def subscriptions_of(organisation_id: UUID) -> QuerySet[WebhookSubscription]:
    """An organisation's webhooks with what waits and what is parked, oldest first (at most MAX_SUBSCRIPTIONS live)."""
    found = WebhookSubscription.objects.filter(organisation_id=organisation_id, deleted_at=None)
    return found.annotate(
        waiting=Count("messages", filter=Q(messages__state=WebhookState.WAITING.value)),
        parked=Count("messages", filter=Q(messages__state=WebhookState.PARKED.value)),
    )


def get_subscription_for(*, subscription_id: UUID, actor: Actor) -> WebhookSubscription:
    """Raises WebhookNotFound for everybody but the organisation."""
    if actor.organisation_id is None:
        raise WebhookNotFound()
    found = subscriptions_of(actor.organisation_id).filter(id=subscription_id).first()
    if found is None:
        raise WebhookNotFound()
    return found


def lock_subscription_of(*, subscription_id: UUID, organisation_id: UUID) -> WebhookSubscription:
    """Raises WebhookNotFound."""
    found = WebhookSubscription.objects.select_for_update().filter(
        id=subscription_id, organisation_id=organisation_id, deleted_at=None
    )
    subscription = found.first()
    if subscription is None:
        raise WebhookNotFound()
    return subscription


def messages_of(subscription_id: UUID, *, state: str = "") -> QuerySet[WebhookMessage]:
    """The log of a webhook, newest first; page it."""
    found = WebhookMessage.objects.filter(subscription_id=subscription_id).defer("body")
    return found.filter(state=state) if state else found


def get_message_for(*, message_id: UUID, subscription_id: UUID, actor: Actor) -> WebhookMessage:
    """Raises WebhookMessageNotFound."""
    if actor.organisation_id is None:
        raise WebhookMessageNotFound()
    found = WebhookMessage.objects.filter(
        id=message_id, subscription_id=subscription_id, subscription__organisation_id=actor.organisation_id,
        subscription__deleted_at=None,
    ).select_related("subscription")  # fmt: skip
    message = found.first()
    if message is None:
        raise WebhookMessageNotFound()
    return message


def tries_of(message_id: UUID) -> list[WebhookAttempt]:
    """The latest attempts, newest first."""
    return list(WebhookAttempt.objects.filter(message_id=message_id)[:MAX_TRIES_SHOWN])


def active_of(organisation_ids: Iterable[UUID]) -> dict[UUID, list[WebhookSubscription]]:
    """Organisation -> its active webhooks."""
    found: dict[UUID, list[WebhookSubscription]] = {}
    rows = WebhookSubscription.objects.filter(
        organisation_id__any_of=list(organisation_ids), disabled_at=None, deleted_at=None
    )
    for row in rows:
        found.setdefault(row.organisation_id, []).append(row)
    return found


def is_anybody_listening() -> bool:
    return WebhookSubscription.objects.filter(disabled_at=None, deleted_at=None).exists()


def read_events(*, after: tuple[int, int], horizon: int, limit: int) -> list[tuple[int, int, UUID, str, Any, datetime]]:
    """(xid, number, id, name, payload, moment) of committed events after a position, in commit order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xid::text::bigint, id, event_id, name, payload, occurred_at FROM core_eventrecord"
            " WHERE (xid, id) > (%s::text::xid8, %s) AND xid < %s::text::xid8 AND name = ANY(%s)"
            " ORDER BY xid, id LIMIT %s",
            [str(after[0]), after[1], str(horizon), list(deliverable_names()), limit],
        )
        return list(cursor.fetchall())


def event_catalogue() -> list[dict[str, Any]]:
    """What can be subscribed to: name, what it says, and the JSON Schema of its `data`."""
    described = []
    for name in deliverable_names():
        schema = json_schema(event_class(name))
        described.append({"name": name, "description": schema["description"], "schema": schema})
    return described
