"""Publishing events and delivering them to their handlers, at least once, in order within a key."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from django.db import connection, transaction

from core.actor import Actor
from core.events import Event
from core.events.codec import decode, encode
from core.ids import new_id
from core.outbox.models import Consumption, Delivery

log = structlog.get_logger(__name__)

E = TypeVar("E", bound=Event)
Handler = Callable[..., None]

LEASE = timedelta(seconds=120)
FIRST_RETRY = timedelta(seconds=2)
MAX_ATTEMPTS = 8
BATCH = 50

_HANDLERS: dict[str, list[tuple[str, Handler]]] = {}


class OutsideTransaction(RuntimeError):
    """An event was published where its cause could still be rolled back without it, or the other way round."""


def publish(event: Event, *, actor: Actor, now: datetime) -> None:
    """Write `event` to the outbox inside the caller's transaction. Raises OutsideTransaction outside of one."""
    publish_all((event,), actor=actor, now=now)


def publish_all(events: Sequence[Event], *, actor: Actor, now: datetime) -> None:
    """`publish` for several events in one round trip; they keep their order."""
    if not connection.in_atomic_block:
        raise OutsideTransaction("Events must be published inside transaction.atomic()")
    if not events:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_publish(%s::jsonb, %s, %s)", [json.dumps(envelopes(events)), actor.reference, now])


def envelopes(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Events as the database call core_publish takes them, for calls that publish among other things."""
    return [{"id": str(new_id()), "name": e.wire_name, "key": e.key, "payload": encode(e)} for e in events]


def subscribe(event_class: type[E], handler: Callable[..., None]) -> None:
    """Have `handler(event, now=...)` called for every event of the class. Called from <module>/handlers.py."""
    name = f"{handler.__module__}.{handler.__name__}"
    handlers = _HANDLERS.setdefault(event_class.wire_name, [])
    if all(known != name for known, _ in handlers):
        handlers.append((name, handler))


def subscriptions() -> dict[str, list[str]]:
    """Wire name -> names of its handlers, for the subscriber table in docs/events."""
    return {wire: [name for name, _ in handlers] for wire, handlers in sorted(_HANDLERS.items())}


def relay_due(*, now: datetime, limit: int = BATCH) -> int:
    """Deliver up to `limit` due events; returns how many were tried. Safe to run in many processes at once.

    Rows are claimed with FOR UPDATE SKIP LOCKED and leased, so a killed relay's rows come back after LEASE. Within a
    key only the oldest undelivered event is due; a parked one no longer holds the others back.
    """
    claimed = _claim(now=now, limit=limit)
    done: list[int] = []
    for delivery_id, event_id, wire_name, payload, attempts in claimed:
        error = _deliver(event_id=event_id, wire_name=wire_name, payload=payload, now=now)
        if error:
            _postpone(delivery_id=delivery_id, attempts=attempts, error=error, now=now)
        else:
            done.append(delivery_id)
    if done:
        Delivery.objects.filter(event_id__in=done).delete()
    return len(claimed)


def drain(*, now: datetime, limit: int = 100_000) -> int:
    """Relay until nothing is due (tests, simulated worlds). Returns the number of deliveries tried."""
    total = 0
    while total < limit:
        done = relay_due(now=now)
        total += done
        if not done:
            break
    return total


def _claim(*, now: datetime, limit: int) -> list[tuple[int, Any, str, Any, int]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core_claim(%s, %s, %s)", [now, now + LEASE, limit])
        rows = cursor.fetchall()
    return [(r[0], r[1], r[2], json.loads(r[3]) if isinstance(r[3], str) else r[3], r[4]) for r in sorted(rows)]


def _deliver(*, event_id: Any, wire_name: str, payload: Any, now: datetime) -> str:
    """Run every handler that has not consumed the event yet; returns the first error, or an empty string."""
    first_error = ""
    handlers = _HANDLERS.get(wire_name, [])
    if not handlers:
        return ""
    try:
        event = decode(wire_name, payload)
    except Exception as error:  # a payload this version cannot read is parked, never dropped
        return f"{type(error).__name__}: {error}"
    for name, handler in handlers:
        try:
            with transaction.atomic():
                if _mark_consumed(event_id=event_id, handler=name, now=now):
                    handler(event, now=now)
        except Exception as error:
            log.exception("event_handler_failed", wire_name=wire_name, handler=name)
            first_error = first_error or f"{name}: {type(error).__name__}: {error}"
    return first_error


def _mark_consumed(*, event_id: Any, handler: str, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_consumption (event_id, handler, consumed_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [event_id, handler, now],
        )
        return bool(cursor.rowcount == 1)


def _postpone(*, delivery_id: int, attempts: int, error: str, now: datetime) -> None:
    """Try again later, with doubling delay; park after MAX_ATTEMPTS."""
    parked = attempts >= MAX_ATTEMPTS
    Delivery.objects.filter(event_id=delivery_id).update(
        due_at=now + FIRST_RETRY * 2 ** (attempts - 1), last_error=error[:2000], parked_at=now if parked else None
    )
    if parked:
        log.error("event_parked", delivery=delivery_id, error=error[:300])


def replay(*, delivery_id: int, actor: Actor, now: datetime) -> None:
    """Give a parked event another round of attempts; handlers that already consumed it are skipped."""
    with transaction.atomic():
        Delivery.objects.filter(event_id=delivery_id, parked_at__isnull=False).update(
            parked_at=None, attempts=0, due_at=now
        )


def forget_old_consumptions(*, before: datetime, limit: int = 10_000) -> int:
    """Drop proofs of events delivered long ago (their delivery row is gone, so they cannot come again)."""
    old = Consumption.objects.filter(consumed_at__lt=before).exclude(
        event_id__in=Delivery.objects.values("event__event_id")
    )
    return old.filter(id__in=list(old.values_list("id", flat=True)[:limit])).delete()[0]
