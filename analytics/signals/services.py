"""Writing signals: batches into the table, unreadable ones into quarantine, old ones out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from analytics.signals import queue
from analytics.signals.models import QuarantinedSignal, StoredSignal
from analytics.signals.rules import MAX_AGE, MAX_QUERY_TEXT, Envelope, Unreadable, decode, defect, encode
from core.ids import new_id
from core.signals import Signal

FLUSH_BATCH: Final = 2_000
MAX_BATCHES: Final = 50
FORGET_BATCH: Final = 20_000
_DRAIN_LOCK: Final = 0x4C4A5347
"""Key of the advisory lock that lets one process drain the queue at a time."""

_INSERT = """
INSERT INTO analytics_signal (event_id, name, occurred_at, received_at, anon_id, organisation_id, listing_id, seller_id,
                              query_id, query_text, position)
SELECT e, n, o, %s, a, g, l, s, q, t, p
  FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
              %s::text[], %s::int[]) AS rows(e, n, o, a, g, l, s, q, t, p)
ON CONFLICT (event_id) DO NOTHING
"""


def store_signals(*, signals: Sequence[Signal], now: datetime) -> int:
    """Store signals under new ids; returns how many were good. Others go to quarantine."""
    return store_envelopes(envelopes=[Envelope(new_id(), signal) for signal in signals], now=now)


def store_envelopes(*, envelopes: Sequence[Envelope], now: datetime) -> int:
    """Store envelopes, each id once however often it comes; returns how many rows were new. Refused ones go to
    quarantine with the reason."""
    good, refused = [], []
    for envelope in envelopes:
        reason = defect(envelope.signal, now=now)
        if reason:
            refused.append((encode(envelope), reason))
        else:
            good.append(envelope)
    with transaction.atomic():
        _quarantine(refused, now=now)
        return _insert(good, now=now)


def flush_queue(*, now: datetime) -> int:
    """Move what waits in Valkey into the table, in bounded batches; returns how many rows were new.

    Texts leave the queue only after their batch is committed; a crash in between repeats the batch, which changes
    nothing. One process drains at a time; a second one returns at once.
    """
    total = 0
    with _draining() as alone:
        for _ in range(MAX_BATCHES if alone else 0):
            texts = queue.peek(FLUSH_BATCH)
            if not texts:
                break
            total += _store_texts(texts, now=now)
            queue.forget(len(texts))
    return total


def forget_old_signals(*, now: datetime) -> int:
    """Delete a batch of raw signals and quarantined ones older than MAX_AGE; returns how many went."""
    total = 0
    for model in (StoredSignal, QuarantinedSignal):
        old = (
            model._default_manager.filter(received_at__lt=now - MAX_AGE)
            .order_by("id")
            .values_list("id", flat=True)[:FORGET_BATCH]
        )
        total += model._default_manager.filter(id__in=list(old)).delete()[0]
    return total


def _store_texts(texts: Sequence[str], *, now: datetime) -> int:
    envelopes: list[Envelope] = []
    unreadable: list[tuple[str, str]] = []
    for text in texts:
        try:
            envelopes.append(decode(text))
        except Unreadable as error:
            unreadable.append((text, str(error)))
    with transaction.atomic():
        _quarantine(unreadable, now=now)
        return store_envelopes(envelopes=envelopes, now=now)


def _insert(envelopes: Sequence[Envelope], *, now: datetime) -> int:
    if not envelopes:
        return 0
    rows = [
        (e.event_id, s.name, s.occurred_at, s.anon_id, s.organisation_id, s.listing_id, s.seller_id, s.query_id,
         s.query_text[:MAX_QUERY_TEXT], s.position)
        for e, s in ((envelope, envelope.signal) for envelope in envelopes)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [now, *(list(column) for column in zip(*rows, strict=True))])
        return int(cursor.rowcount)


def _quarantine(refused: Sequence[tuple[str, str]], *, now: datetime) -> None:
    QuarantinedSignal.objects.bulk_create([
        QuarantinedSignal(payload=text.replace("\\u0000", "").replace("\x00", "")[:4000], reason=reason, received_at=now)
        for text, reason in refused
    ])  # fmt: skip


@contextmanager
def _draining() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_DRAIN_LOCK])
        alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_DRAIN_LOCK])
