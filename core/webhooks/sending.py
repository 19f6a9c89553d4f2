"""Sending messages: claim, call outside of any transaction, record. Safe in many processes at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.db import connection, transaction

from core.webhooks import proxy
from core.webhooks.letters import send_switched_off
from core.webhooks.models import WebhookAttempt, WebhookMessage, WebhookState, WebhookSubscription
from core.webhooks.proxy import Answer
from core.webhooks.rules import (
    DISABLED_AFTER,
    ID_HEADER,
    SIGNATURE_HEADER,
    TIME_HEADER,
    is_delivered,
    retry_at,
    secret_of,
    sign,
)
from core.webhooks.services import FAILING, GONE, switch_off

log = structlog.get_logger(__name__)
Transport = Callable[[str, str, dict[str, str]], Answer]

LEASE = timedelta(seconds=120)
BATCH = 40
PER_ADDRESS = 4  # of a batch: a slow address must not keep the others waiting
THREADS = 8
STATUS_GONE = 410


def send_due(*, now: datetime, transport: Transport | None = None, limit: int = BATCH) -> int:
    """Send what is due; returns how many were tried. A killed process's messages come back after LEASE."""
    messages = _claim(now=now, limit=limit)
    if not messages:
        return 0
    call = transport or partial(proxy.post, public_only=not settings.LONJA["WEBHOOKS_TO_PRIVATE"])
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(partial(_send, call, now), messages))
    for message, answer in zip(messages, answers, strict=True):
        _record(message, answer, now=now)
    return len(messages)


def _claim(*, now: datetime, limit: int) -> Sequence[WebhookMessage]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.id FROM core_webhooksubscription s CROSS JOIN LATERAL (SELECT m.id FROM core_webhookmessage m"
            "  WHERE m.subscription_id = s.id AND m.state = 'WAITING' AND m.due_at <= %s"
            "  ORDER BY m.due_at LIMIT %s FOR UPDATE SKIP LOCKED) d"
            " WHERE s.disabled_at IS NULL AND s.deleted_at IS NULL LIMIT %s",
            [now, PER_ADDRESS, limit],
        )
        ids = [row[0] for row in cursor.fetchall()]
        WebhookMessage.objects.filter(id__in=ids).update(due_at=now + LEASE)
    return list(WebhookMessage.objects.filter(id__in=ids).select_related("subscription").order_by("id"))


def headers_of(message: WebhookMessage, *, now: datetime) -> dict[str, str]:
    """Id, moment and signatures: of the current secret, and of the one before while it still counts."""
    subscription = message.subscription
    versions = [subscription.secret_version]
    if subscription.previous_secret_until is not None and now < subscription.previous_secret_until:
        versions.append(subscription.secret_version - 1)
    signatures = [
        sign(
            secret=secret_of(settings.WEBHOOK_SECRET, subscription.id, version), message_id=str(message.event_id), at=now,
            body=message.body,
        )
        for version in versions
    ]  # fmt: skip
    return {
        ID_HEADER: str(message.event_id), TIME_HEADER: str(int(now.timestamp())), SIGNATURE_HEADER: " ".join(signatures)
    }  # fmt: skip


def _send(call: Transport, now: datetime, message: WebhookMessage) -> Answer:
    return call(message.subscription.url, message.body, headers_of(message, now=now))


def _record(message: WebhookMessage, answer: Answer, *, now: datetime) -> None:
    """What came of a try, in one transaction. Locks the webhook, then the message."""
    with transaction.atomic():
        subscription = WebhookSubscription.objects.select_for_update().get(id=message.subscription_id)
        found = WebhookMessage.objects.select_for_update().get(id=message.id)
        WebhookAttempt.objects.create(
            message=found, at=now, status=answer.status, error=answer.error[:200], took_ms=answer.took_ms,
            answer=answer.text[:500],
        )  # fmt: skip
        found.attempts, found.last_status = found.attempts + 1, answer.status
        if is_delivered(answer.status):
            found.state, found.due_at, found.delivered_at = WebhookState.DELIVERED.value, None, now
            _set_failing(subscription, None)
        elif found.state == WebhookState.WAITING:  # else it was parked while it was on its way
            found.due_at = None if answer.status == STATUS_GONE else retry_at(found.attempts, now=now)
            found.state = (WebhookState.WAITING if found.due_at else WebhookState.PARKED).value
            _set_failing(subscription, subscription.failing_since or now)
        found.save(update_fields=["attempts", "last_status", "state", "due_at", "delivered_at"])
        _give_up_on(subscription, found, answer, now=now)


def _set_failing(subscription: WebhookSubscription, since: datetime | None) -> None:
    if subscription.failing_since != since:
        subscription.failing_since = since
        subscription.save(update_fields=["failing_since"])


def _give_up_on(subscription: WebhookSubscription, message: WebhookMessage, answer: Answer, *, now: datetime) -> None:
    """An address that says it is gone, or that has failed for days, is switched off and its owners are written to."""
    if not subscription.is_active or message.state != WebhookState.PARKED:
        return
    since = subscription.failing_since
    if answer.status == STATUS_GONE:
        switch_off(subscription, GONE, now=now)
    elif since is not None and now - since >= DISABLED_AFTER:
        switch_off(subscription, FAILING, now=now)
    else:
        return
    log.warning("webhook_switched_off", webhook=str(subscription.id), reason=subscription.disabled_reason)
    transaction.on_commit(partial(send_switched_off, subscription_id=subscription.id), robust=True)
