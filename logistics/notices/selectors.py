"""Reads of notices and of what people want to be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import Q, QuerySet

from core.actor import Actor
from core.events.logistics import ParcelHandedOver, TrackingUpdated
from logistics.claims.rules import ClaimType, Window
from logistics.claims.selectors import windows_for
from logistics.notices.models import Notice, NoticePreference
from logistics.notices.rules import MAILED, Side, Stage
from logistics.shipments.models import Shipment

FOLLOWED = (ParcelHandedOver.wire_name, TrackingUpdated.wire_name)
COUNT_LIFE_SECONDS = 60
MOST_COUNTED = 99


class EventRow(NamedTuple):
    """An event in the log, as far as notices need it."""

    xid: int
    number: int
    name: str
    payload: Any


def read_events(*, after: tuple[int, int], horizon: int, limit: int) -> list[EventRow]:
    """Committed events about parcels after a position, in commit order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xid::text::bigint, id, name, payload FROM core_eventrecord"
            " WHERE (xid, id) > (%s::text::xid8, %s) AND xid < %s::text::xid8 AND name = ANY(%s)"
            " ORDER BY xid, id LIMIT %s",
            [str(after[0]), after[1], str(horizon), list(FOLLOWED), limit],
        )
        return [EventRow(*row) for row in cursor.fetchall()]


def parties_of(shipment_ids: Iterable[UUID]) -> dict[UUID, dict[Side, UUID]]:
    """Shipment -> who sent it and who gets it; one query."""
    rows = Shipment.objects.filter(id__any_of=list(set(shipment_ids))).values_list("id", "seller_id", "buyer_id")
    return {key: {Side.SENDER: sender, Side.RECIPIENT: recipient} for key, sender, recipient in rows}


def list_overdue(*, now: datetime, limit: int) -> list[UUID]:
    """Parcels with the carrier whose last promised day is over by the recipient's calendar, and nobody was told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id FROM logistics_shipment s JOIN logistics_promise p ON p.shipment_id = s.id"
            " WHERE s.state = 'HANDED_OVER' AND p.latest_date < (%s AT TIME ZONE s.destination_time_zone)::date"
            " AND NOT EXISTS (SELECT 1 FROM logistics_notice n WHERE n.shipment_id = s.id AND n.stage = 'DELAYED')"
            " ORDER BY s.id LIMIT %s",
            [now, limit],
        )
        return [row[0] for row in cursor.fetchall()]


def list_notices(actor: Actor) -> QuerySet[Notice]:
    """What the actor's organisation was told and this person wants to see, newest first; page it."""
    if actor.organisation_id is None or actor.user_id is None:
        return Notice.objects.none()
    unwanted = Q()
    for side, stage in hidden_for(actor.user_id):
        unwanted |= Q(side=side, stage=stage)
    rows = Notice.objects.filter(organisation_id=actor.organisation_id).exclude(unwanted) if unwanted else (
        Notice.objects.filter(organisation_id=actor.organisation_id)
    )  # fmt: skip
    return rows.select_related("shipment__carrier", "shipment__promise")


def hidden_for(user_id: UUID) -> list[tuple[str, str]]:
    """(side, stage) this person does not want to see."""
    rows = NoticePreference.objects.filter(user_id=user_id, in_app=False)
    return list(rows.values_list("side", "stage"))


def loss_windows(notices: Iterable[Notice]) -> list[Window]:
    """When lost parcels may be claimed; asked for only where one of these notices needs it."""
    return windows_for(ClaimType.LOST) if any(one.stage == Stage.SUSPECTED_LOST for one in notices) else []


def wants_mail(user_ids: Iterable[UUID], *, side: Side, stage: Stage) -> set[UUID]:
    """Who of these gets a letter about the stage; one query."""
    ids = set(user_ids)
    rows = NoticePreference.objects.filter(user_id__in=ids, side=side, stage=stage)
    chosen = dict(rows.values_list("user_id", "by_mail"))
    return {key for key in ids if chosen.get(key, stage in MAILED[side])}


class Choice(NamedTuple):
    """What a person is told of one stage on one side, and how."""

    side: Side
    stage: Stage
    by_mail: bool
    in_app: bool


def list_choices(user_id: UUID) -> list[Choice]:
    """All of a person's choices, the house's where there is no own one."""
    rows = NoticePreference.objects.filter(user_id=user_id)
    known = {(row.side, row.stage): (row.by_mail, row.in_app) for row in rows}
    return [
        Choice(side, stage, *known.get((side.value, stage.value), (stage in MAILED[side], True)))
        for side in (Side.RECIPIENT, Side.SENDER)
        for stage in Stage
    ]


def count_key(organisation_id: UUID) -> str:
    return f"unread-notices:{organisation_id}"


def count_unread(organisation_id: UUID) -> int:
    """Notices nobody of the organisation has seen (at most 99); remembered for a minute, forgotten when it changes."""
    known = cache.get(count_key(organisation_id))
    if known is None:
        known = Notice.objects.filter(organisation_id=organisation_id, read_at=None)[:MOST_COUNTED].count()
        cache.set(count_key(organisation_id), known, COUNT_LIFE_SECONDS)
    return int(known)
