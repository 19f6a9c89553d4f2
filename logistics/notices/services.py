"""Notices: written from events, in order and once; read; mailed while they are true; chosen by each person."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import connection, transaction

from core.database import stable_horizon
from core.events.codec import decode
from core.events.logistics import ParcelHandedOver, TrackingUpdated
from logistics.contracts import TrackingStatus
from logistics.notices import selectors
from logistics.notices.models import Notice, NoticeCursor, NoticePreference
from logistics.notices.rules import MAIL_WITHIN, STAGES, Stage, is_still_true
from logistics.notices.selectors import Choice, EventRow

log = structlog.get_logger(__name__)
READ_BATCH: Final = 2_000
DELAY_BATCH: Final = 1_000
MAIL_BATCH: Final = 50
LEASE: Final = timedelta(minutes=5)
MAX_ATTEMPTS: Final = 6
KEPT: Final = timedelta(days=400)
News = tuple[UUID, Stage, datetime]


def follow_events(*, now: datetime, limit: int = READ_BATCH) -> int:
    """Turn what happened to parcels since into notices, in commit order; returns how many events were read.

    One process at a time (the cursor's row lock; others find nothing to do). Follows the log by transaction-id snapshot, so
    that a late committer is not skipped. Costs nothing on the way of a scan: no handler, no row per event.
    """
    with transaction.atomic():
        cursor = NoticeCursor.objects.select_for_update(skip_locked=True).filter(id=1).first()
        if cursor is None:
            return 0
        horizon = stable_horizon()
        rows = selectors.read_events(after=(cursor.xid, cursor.event_number), horizon=horizon, limit=limit)
        write_notices(news=[news for row in rows if (news := _news_of(row)) is not None], now=now)
        last = (rows[-1].xid, rows[-1].number) if len(rows) == limit else (horizon, 0)
        NoticeCursor.objects.filter(id=1).update(xid=last[0], event_number=last[1])
    return len(rows)


def _news_of(row: EventRow) -> News | None:
    """What an event tells; None for statuses nobody is told of. One this version cannot read is left out, not in the way."""
    try:
        event = decode(row.name, json.loads(row.payload) if isinstance(row.payload, str) else row.payload)
    except (KeyError, TypeError, ValueError):
        log.exception("notice_event_unreadable", number=row.number)
        return None
    if isinstance(event, ParcelHandedOver):
        return event.shipment_id, Stage.SHIPPED, event.at
    if isinstance(event, TrackingUpdated):
        stage = STAGES.get(TrackingStatus(event.status))
        return (event.shipment_id, stage, event.at) if stage else None
    return None


def write_notices(*, news: Sequence[News], now: datetime) -> None:
    """Both sides are told, each once for a stage, however often and in whatever order it is heard of."""
    parties = selectors.parties_of(shipment_id for shipment_id, _stage, _at in news)
    rows = [
        Notice(
            organisation_id=organisation_id, side=side, stage=stage, shipment_id=shipment_id, at=at, made_at=now,
            mail_due_at=now if now - at <= MAIL_WITHIN else None,
        )
        for shipment_id, stage, at in news
        for side, organisation_id in parties.get(shipment_id, {}).items()
    ]  # fmt: skip
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
    _forget_counts({row.organisation_id for row in rows})


def tell_delays(*, now: datetime) -> int:
    """Parcels that are still on their way after the last promised day; returns how many."""
    with transaction.atomic():
        late = selectors.list_overdue(now=now, limit=DELAY_BATCH)
        write_notices(news=[(shipment_id, Stage.DELAYED, now) for shipment_id in late], now=now)
    return len(late)


def mark_read(*, notices: Iterable[Notice], now: datetime) -> None:
    """These were seen."""
    rows = [row for row in notices if row.read_at is None]
    if rows:
        Notice.objects.filter(id__in=[row.id for row in rows], read_at=None).update(read_at=now)
        _forget_counts({row.organisation_id for row in rows})


def mark_all_read(*, organisation_id: UUID, now: datetime) -> int:
    """Everything was seen; returns how many were new."""
    count = Notice.objects.filter(organisation_id=organisation_id, read_at=None).update(read_at=now)
    _forget_counts({organisation_id})
    return count


def _forget_counts(organisations: set[UUID]) -> None:
    keys = [selectors.count_key(key) for key in organisations]
    if keys:
        transaction.on_commit(lambda: cache.delete_many(keys))


def choose(*, user_id: UUID, choices: Iterable[Choice]) -> None:
    """What a person wants to be told of, and how."""
    rows = [
        NoticePreference(user_id=user_id, side=one.side, stage=one.stage, by_mail=one.by_mail, in_app=one.in_app)
        for one in choices
    ]
    NoticePreference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user_id", "side", "stage"], update_fields=["by_mail", "in_app"]
    )


def mail_due(*, send: Callable[[Notice], None], now: datetime) -> int:
    """Have `send` write the letters that are due, outside of transactions; returns how many were tried.

    A letter about something that is no longer so is dropped. A killed process's letters come back after LEASE; after
    MAX_ATTEMPTS failures a letter is given up, the notice stays.
    """
    claimed = _claim(now=now)
    for notice in claimed:
        if is_still_true(Stage(notice.stage), TrackingStatus(notice.shipment.tracking_status)):
            try:
                send(notice)
            except Exception:  # one letter that cannot be sent must not keep back the others
                log.exception("notice_letter_failed", notice=notice.id)
                continue
        Notice.objects.filter(id=notice.id).update(mail_due_at=None, mailed_at=now)
    return len(claimed)


def _claim(*, now: datetime) -> list[Notice]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE logistics_notice SET mail_attempts = mail_attempts + 1,"
            "  mail_due_at = CASE WHEN mail_attempts + 1 >= %s THEN NULL ELSE %s END"
            " WHERE id IN (SELECT id FROM logistics_notice WHERE mail_due_at <= %s ORDER BY mail_due_at, id LIMIT %s"
            "  FOR UPDATE SKIP LOCKED) RETURNING id",
            [MAX_ATTEMPTS, now + LEASE, now, MAIL_BATCH],
        )
        ids = [row[0] for row in cursor.fetchall()]
    rows = Notice.objects.filter(id__in=ids).select_related("shipment__carrier", "shipment__promise")
    return list(rows.order_by("id"))


def forget_old_notices(*, now: datetime, limit: int = 20_000) -> int:
    """Drop what was told long ago; returns how many."""
    old = Notice.objects.filter(made_at__lt=now - KEPT).order_by("made_at").values_list("id", flat=True)[:limit]
    return Notice.objects.filter(id__in=list(old)).delete()[0]
