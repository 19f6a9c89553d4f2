"""Writes of webhooks: what owners do, and the events that become messages. Sending is in sending.py."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from core.actor import Actor, Role
from core.audit.services import record
from core.database import stable_horizon
from core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from core.events import Event
from core.events.codec import decode, encode
from core.identity.models import Organisation
from core.ids import new_id
from core.webhooks import selectors
from core.webhooks.audience import audience_of, deliverable_names
from core.webhooks.models import WebhookAttempt, WebhookCursor, WebhookMessage, WebhookState, WebhookSubscription
from core.webhooks.rules import (
    MAX_SUBSCRIPTIONS,
    OLD_SECRET_COUNTS,
    PING,
    WebhookDisabled,
    check_url,
    envelope,
    secret_of,
)

log = structlog.get_logger(__name__)
EventRow = tuple[int, int, UUID, str, Any, datetime]

WRITE_SCOPE = "webhooks:write"
READ_BATCH = 500
BY_OWNER, FAILING, GONE = "OWNER", "FAILING", "GONE"


def _manager_of(actor: Actor) -> UUID:
    """The organisation whose webhooks the actor may change: owners, managers, and tokens made for it."""
    if actor.organisation_id is None:
        raise NotFound()
    if actor.scopes is not None:
        if WRITE_SCOPE not in actor.scopes:
            raise NotAllowed()
    elif actor.role not in (Role.OWNER, Role.MANAGER):
        raise NotAllowed("Only an owner or a manager may do this.")
    return actor.organisation_id


def _checked_events(events: Sequence[str]) -> list[str]:
    chosen = sorted(set(events))
    unknown = [name for name in chosen if name not in deliverable_names()]
    if unknown:
        raise InvalidInput(f"There is no event {unknown[0]}.", field="events")
    if not chosen:
        raise InvalidInput("Choose at least one event.", field="events")
    return chosen


def create_webhook(
    *, url: str, description: str, events: Sequence[str], actor: Actor, now: datetime
) -> tuple[WebhookSubscription, str]:
    """Send the organisation's events to an address from now on; returns the webhook and its secret. Locks the organisation.

    Raises AddressRefused, InvalidInput (unknown or no events, too many webhooks), NotAllowed.
    """
    organisation_id = _manager_of(actor)
    address = check_url(url, public_only=not settings.LONJA["WEBHOOKS_TO_PRIVATE"])
    chosen = _checked_events(events)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(id=organisation_id)
        live = WebhookSubscription.objects.filter(organisation_id=organisation_id, deleted_at=None).count()
        if live >= MAX_SUBSCRIPTIONS:
            raise InvalidInput("Too many webhooks.", field="url", remedy="Delete one you no longer use.")
        made = WebhookSubscription.objects.create(
            organisation_id=organisation_id, url=address, description=description.strip()[:120], events=chosen,
            created_at=now,
        )  # fmt: skip
        _note(made, "webhook.created", actor=actor, now=now, url=address)
    return made, current_secret(made)


def change_webhook(
    *, subscription_id: UUID, url: str, description: str, events: Sequence[str], actor: Actor, now: datetime
) -> WebhookSubscription:
    """Another address, name or choice of events. Raises as create_webhook, and WebhookNotFound."""
    organisation_id = _manager_of(actor)
    address = check_url(url, public_only=not settings.LONJA["WEBHOOKS_TO_PRIVATE"])
    chosen = _checked_events(events)
    with transaction.atomic():
        found = selectors.lock_subscription_of(subscription_id=subscription_id, organisation_id=organisation_id)
        found.url, found.description, found.events = address, description.strip()[:120], chosen
        found.save(update_fields=["url", "description", "events"])
        _note(found, "webhook.changed", actor=actor, now=now, url=address)
    return found


def rotate_secret(*, subscription_id: UUID, actor: Actor, now: datetime) -> tuple[WebhookSubscription, str]:
    """A new secret; for a day messages carry a signature of the old one, too. Raises WebhookNotFound, NotAllowed."""
    organisation_id = _manager_of(actor)
    with transaction.atomic():
        found = selectors.lock_subscription_of(subscription_id=subscription_id, organisation_id=organisation_id)
        found.secret_version += 1
        found.previous_secret_until = now + OLD_SECRET_COUNTS
        found.save(update_fields=["secret_version", "previous_secret_until"])
        _note(found, "webhook.secret_rotated", actor=actor, now=now)
    return found, current_secret(found)


def disable_webhook(*, subscription_id: UUID, actor: Actor, now: datetime) -> WebhookSubscription:
    """Stop sending; what happens meanwhile is not sent later. Twice changes nothing. Raises WebhookNotFound."""
    organisation_id = _manager_of(actor)
    with transaction.atomic():
        found = selectors.lock_subscription_of(subscription_id=subscription_id, organisation_id=organisation_id)
        if found.disabled_at is None:
            switch_off(found, BY_OWNER, now=now)
            _note(found, "webhook.disabled", actor=actor, now=now)
    return found


def enable_webhook(*, subscription_id: UUID, actor: Actor, now: datetime) -> WebhookSubscription:
    """Send again from now on. Twice changes nothing. Raises WebhookNotFound."""
    organisation_id = _manager_of(actor)
    with transaction.atomic():
        found = selectors.lock_subscription_of(subscription_id=subscription_id, organisation_id=organisation_id)
        if found.disabled_at is not None:
            found.disabled_at, found.disabled_reason, found.failing_since = None, "", None
            found.save(update_fields=["disabled_at", "disabled_reason", "failing_since"])
            _note(found, "webhook.enabled", actor=actor, now=now)
    return found


def delete_webhook(*, subscription_id: UUID, actor: Actor, now: datetime) -> None:
    """Stop sending for good; its log goes with it. Raises WebhookNotFound."""
    organisation_id = _manager_of(actor)
    with transaction.atomic():
        found = selectors.lock_subscription_of(subscription_id=subscription_id, organisation_id=organisation_id)
        found.deleted_at = now
        found.save(update_fields=["deleted_at"])
        _park_waiting(found)
        _note(found, "webhook.deleted", actor=actor, now=now, url=found.url)


def send_ping(*, subscription_id: UUID, actor: Actor, now: datetime) -> WebhookMessage:
    """A test message to the address, signed and logged like any other. Raises WebhookNotFound, WebhookDisabled."""
    organisation_id = _manager_of(actor)
    with transaction.atomic():
        found = selectors.lock_subscription_of(subscription_id=subscription_id, organisation_id=organisation_id)
        if not found.is_active:
            raise WebhookDisabled()
        event_id = new_id()
        body = envelope(
            event_id=event_id, name=PING, occurred_at=now, organisation_id=organisation_id,
            data={"webhook_id": str(found.id)},
        )  # fmt: skip
        return WebhookMessage.objects.create(
            subscription=found, event_id=event_id, event_name=PING, body=body, due_at=now, created_at=now
        )


def send_again(*, subscription_id: UUID, message_id: UUID, actor: Actor, now: datetime) -> WebhookMessage:
    """Another round of attempts for a delivered or parked message, with the same id. Waiting already: nothing changes.

    Raises WebhookMessageNotFound, WebhookDisabled, NotAllowed.
    """
    organisation_id = _manager_of(actor)
    with transaction.atomic():
        found = selectors.lock_subscription_of(subscription_id=subscription_id, organisation_id=organisation_id)
        message = selectors.get_message_for(message_id=message_id, subscription_id=found.id, actor=actor)
        if not found.is_active:
            raise WebhookDisabled()
        if message.state != WebhookState.WAITING:
            message.state, message.attempts, message.due_at = WebhookState.WAITING.value, 0, now
            message.save(update_fields=["state", "attempts", "due_at"])
            _note(found, "webhook.sent_again", actor=actor, now=now, message_id=str(message_id))
    return message


def current_secret(subscription: WebhookSubscription) -> str:
    return secret_of(settings.WEBHOOK_SECRET, subscription.id, subscription.secret_version)


def switch_off(subscription: WebhookSubscription, reason: str, *, now: datetime) -> None:
    """Stop a locked webhook and park what waits: it would be stale when somebody switches it on again."""
    subscription.disabled_at, subscription.disabled_reason = now, reason
    subscription.save(update_fields=["disabled_at", "disabled_reason"])
    _park_waiting(subscription)


def _park_waiting(subscription: WebhookSubscription) -> None:
    waiting = WebhookMessage.objects.filter(subscription=subscription, state=WebhookState.WAITING.value)
    waiting.update(state=WebhookState.PARKED.value, due_at=None)


def _note(subscription: WebhookSubscription, action: str, *, actor: Actor, now: datetime, **detail: Any) -> None:
    record(actor=actor, action=action, subject_type="webhook", subject_id=subscription.id, now=now, **detail)


def follow_events(*, now: datetime, limit: int = READ_BATCH) -> int:
    """Turn what was published since into messages, in commit order; returns how many events were read.

    One process at a time (the cursor's row lock; others find nothing to do). Follows the log by transaction-id snapshot, so
    that a late committer is not skipped. Costs nothing on the way of a purchase: no handler, no row per event.
    """
    with transaction.atomic():
        cursor = WebhookCursor.objects.select_for_update(skip_locked=True).filter(id=1).first()
        if cursor is None:
            return 0
        horizon = stable_horizon()
        rows = []
        if selectors.is_anybody_listening():
            rows = selectors.read_events(after=(cursor.xid, cursor.event_number), horizon=horizon, limit=limit)
            _write_messages(rows, now=now)
        last = rows[-1][:2] if len(rows) == limit else (horizon, 0)
        WebhookCursor.objects.filter(id=1).update(xid=last[0], event_number=last[1])
    return len(rows)


def _heard_of(row: EventRow) -> Mapping[UUID, Event]:
    """Who hears of an event. One that this version cannot read, or whose subject is gone, is left out: it must not hold up
    all that come after it.
    """
    _xid, number, _event_id, name, payload, _occurred_at = row
    try:
        return audience_of(decode(name, json.loads(payload) if isinstance(payload, str) else payload))
    except (KeyError, TypeError, ValueError, DomainError):
        log.exception("webhook_event_unreadable", number=number, name=name)
        return {}


def _write_messages(rows: Sequence[EventRow], *, now: datetime) -> None:
    heard = [
        (row[0], row[2], row[5], organisation_id, own)
        for row in rows
        for organisation_id, own in _heard_of(row).items()
    ]
    listening = selectors.active_of({org for _x, _e, _o, org, _own in heard})
    WebhookMessage.objects.bulk_create(
        (
            WebhookMessage(
                id=new_id(), subscription=subscription, event_id=event_id, event_name=own.wire_name, due_at=now,
                created_at=now,
                body=envelope(
                    event_id=event_id, name=own.wire_name, occurred_at=occurred_at, organisation_id=org, data=encode(own)
                ),
            )
            for xid, event_id, occurred_at, org, own in heard
            for subscription in listening.get(org, ())
            if own.wire_name in subscription.events and xid >= subscription.since_xid
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def forget_old_messages(*, before: datetime, limit: int = 5_000) -> int:
    """Drop old messages with their attempts, those that still wait excepted; returns how many."""
    old = WebhookMessage.objects.filter(created_at__lt=before).exclude(state=WebhookState.WAITING.value)
    ids = list(old.order_by("created_at").values_list("id", flat=True)[:limit])
    with transaction.atomic():
        WebhookAttempt.objects.filter(message_id__in=ids).delete()
        return WebhookMessage.objects.filter(id__in=ids).delete()[0]
