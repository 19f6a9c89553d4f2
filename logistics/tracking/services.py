"""Writes of tracking: taking in what carriers tell, by webhook, poll or receipt; derived status; corrections."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput
from core.ids import new_id
from core.statements import insert, insert_each, insert_rows
from logistics.carriers.gateways import gateway_for, is_told_later
from logistics.carriers.mapper import manual_scan, read_scans
from logistics.carriers.models import Carrier
from logistics.carriers.ports import CarrierScan
from logistics.carriers.signatures import is_genuine
from logistics.contracts import (
    CarrierRefused,
    CarrierUnavailable,
    IncidentReason,
    ShipmentState,
    ShipmentView,
    TrackingStatus,
    WebhookRejected,
)  # fmt: skip
from logistics.custody import services as custody
from logistics.rates.rules import ROUTE_SERVICE
from logistics.shipments import selectors as shipments_read
from logistics.shipments import services as shipments_write
from logistics.shipments.following import Followed, Moving, follow_tracking, lock_moving, save_moving
from logistics.shipments.legs import legs_of, list_due_legs
from logistics.shipments.models import Shipment
from logistics.shipments.route import announce_legs, await_next_legs, note_silence
from logistics.tracking import selectors
from logistics.tracking.merging import merge
from logistics.tracking.models import CodeMapping, LaneGap, TrackingEvent, WebhookMessage
from logistics.tracking.onward import arrivals_of, match_legs, passage_of
from logistics.tracking.rules import Happening, Standing, derive, next_poll, silence_of

CALL_BATCH = 500
POLL_BATCH = 500
MESSAGE_BATCH = 200
SILENT_BATCH = 1_000
MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=30)
MAX_BODY_BYTES = 1_000_000
INGEST_CHUNK = 2_000
WEBHOOK = "WEBHOOK"
EVENT_FIELDS = (
    "shipment", "leg", "carrier_code", "carrier_event_id", "raw_code", "raw_text", "place", "status", "corrects",
    "reason_code", "source", "occurred_at", "received_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intake:
    """New events stored, and carrier numbers no shipment has."""

    new: int
    unmatched: frozenset[str]


def ingest_scans(*, scans: Sequence[CarrierScan], source: str, now: datetime) -> Intake:
    """Store scans (each once), derive where their parcels stand, and publish what changed, in one transaction.

    Locks the shipments in the order of their ids. Set-based: the number of queries grows with changes, not with scans.
    """
    shipment_of = _match(scans)
    legs = match_legs(scans, shipment_of)
    matched = [scan for scan in scans if (scan.carrier_code, scan.carrier_number) in shipment_of]
    unmatched = frozenset(
        scan.carrier_number for scan in scans if (scan.carrier_code, scan.carrier_number) not in shipment_of
    )
    if not matched:
        return Intake(0, unmatched)
    with transaction.atomic():
        if source == WEBHOOK:
            _need_not_wait_for_disk()
        _queue_unknown_codes(matched, now)
        rows = lock_moving(shipment_of.values())
        histories = selectors.happenings(row.id for row in rows)
        events = _new_events(matched, shipment_of, histories, legs, source=source, now=now)
        insert_rows(TrackingEvent, EVENT_FIELDS, events)
        touched = {event[0] for event in events}
        _follow([row for row in rows if row.id in touched], now=now, histories=histories)
    return Intake(len(events), unmatched)


def _need_not_wait_for_disk() -> None:
    """For this transaction: what a crash would take away is worked off again from the raw messages, which are on disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _match(scans: Sequence[CarrierScan]) -> dict[tuple[str, str], UUID]:
    found: dict[tuple[str, str], UUID] = {}
    for code, group in groupby(sorted(scans, key=lambda scan: scan.carrier_code), key=lambda scan: scan.carrier_code):
        numbers = {scan.carrier_number for scan in group}
        for number, shipment_id in shipments_read.shipments_by_carrier_number(code, numbers).items():
            found[code, number] = shipment_id
    return found


def _queue_unknown_codes(scans: Iterable[CarrierScan], now: datetime) -> None:
    unknown = {(scan.carrier_code, scan.code): scan.text for scan in scans if scan.status is TrackingStatus.UNKNOWN}
    insert(
        *(
            CodeMapping(carrier_code=carrier, raw_code=code, sample_text=text, first_seen_at=now)
            for (carrier, code), text in sorted(unknown.items())
        ),
        unless_there=True,
    )


def _new_events(
    scans: Sequence[CarrierScan], shipment_of: dict[tuple[str, str], UUID], histories: dict[UUID, list[Happening]],
    legs: dict[tuple[str, str], int], *, source: str, now: datetime,
) -> list[tuple[object, ...]]:  # fmt: skip
    """Rows of what is new (see EVENT_FIELDS), which is also added to the histories.

    Carriers of one parcel may count their events alike, so a leg's number stands before its ids.
    """
    known = {(shipment_id, event.event_id) for shipment_id, history in histories.items() for event in history}
    meanings = selectors.meanings_of(scans)
    fresh: list[tuple[object, ...]] = []
    for scan in scans:
        shipment_id = shipment_of[scan.carrier_code, scan.carrier_number]
        leg, event_id, corrects = 0, scan.event_id, scan.corrects
        if legs and (leg := legs.get((scan.carrier_code, scan.carrier_number), 0)):
            event_id, corrects = f"{leg}.{event_id}", f"{leg}.{corrects}" if corrects else ""
        if (shipment_id, event_id) in known:
            continue
        known.add((shipment_id, event_id))
        fresh.append((
            shipment_id, leg, scan.carrier_code, event_id, scan.code, scan.text, scan.place, scan.status, corrects,
            scan.reason, source, scan.occurred_at, now,
        ))  # fmt: skip
        meaning = meanings.get((scan.carrier_code, scan.code), scan.status)
        histories.setdefault(shipment_id, []).append(Happening(event_id, meaning, scan.occurred_at, corrects, leg))
    return fresh


def _follow(rows: Sequence[Moving], *, now: datetime, histories: dict[UUID, list[Happening]] | None = None) -> None:
    """Bring locked shipments to where their histories stand (read here if not given) and save them together."""
    if histories is None:
        histories = selectors.happenings(row.id for row in rows)
    followed, gaps, pushing = Followed(), selectors.lane_gaps(), selectors.pushing_carriers()
    ways = legs_of(row.id for row in rows if row.service_id == ROUTE_SERVICE)
    courses = {key: merge(histories.get(key, ()), len(way)) for key, way in ways.items()}
    actors = {code: Actor.carrier(code) for code in {row.carrier_id for row in rows}}
    for row in rows:
        course = courses.get(row.id)
        standing = derive(course.history if course else histories.get(row.id, ()))
        follow_tracking(
            shipment=row, status=standing.status, target=standing.state, accepted_at=standing.accepted_at,
            at=standing.at or now, actor=actors[row.carrier_id], now=now, followed=followed,
        )  # fmt: skip
        row.poll_due_at = _poll_due(row, standing, pushes=row.carrier_id in pushing, now=now)
        row.silent_at = silence_of(standing, gaps.get((row.service_id, row.destination_country)))
    followed.save(now=now)
    save_moving(rows)
    passages = {key: passage_of(ways[key], course) for key, course in courses.items()}
    await_next_legs(arrivals=arrivals_of(ways, courses))
    custody.follow_shipments(
        rows=[row for row in rows if row.id in followed.moved or row.id in passages], passages=passages, now=now
    )


def _poll_due(row: Moving, standing: Standing, *, pushes: bool, now: datetime) -> datetime | None:
    if row.state in {ShipmentState.CANCELLED, ShipmentState.BOOKING}:
        return None
    return next_poll(standing.status, pushes_webhooks=pushes, now=now)


# --- calls to carriers


def hand_over(*, shipment_id: UUID, actor: Actor, now: datetime) -> ShipmentView:
    """Declare the hand-over and tell the carrier at once; if it does not answer a task tells it later.

    Within `gateways.telling_later` only the declaration is made. Not inside a transaction. Raises ShipmentNotFound,
    TransitionRefused.
    """
    shipments_write.declare_hand_over(shipment_id=shipment_id, actor=actor, now=now)
    if not is_told_later():
        announce_hand_over(shipment_id=shipment_id, now=now)
    return shipments_read.get_shipment(shipment_id)


def announce_hand_over(*, shipment_id: UUID, now: datetime) -> None:
    """Tell the carrier of a declared hand-over and take in its receipt. Harmless when it already knows."""
    announce_hand_overs(shipments=[shipments_read.get_shipment_row(shipment_id)], now=now)


def announce_hand_overs(*, shipments: Iterable[Shipment], now: datetime) -> None:
    """`announce_hand_over` for many, one call to each carrier."""
    open_ones = [row for row in shipments if row.state == ShipmentState.BOOKED and shipments_read.has_open_call(row)]
    for _code, group in groupby(sorted(open_ones, key=lambda row: row.carrier_id), key=lambda row: row.carrier_id):
        _announce(list(group), now=now)


def _announce(rows: Sequence[Shipment], *, now: datetime) -> None:
    try:
        receipts = gateway_for(rows[0].carrier).announce_hand_over([row.carrier_number for row in rows], now=now)
    except (CarrierUnavailable, CarrierRefused) as error:
        for row in rows:
            shipments_write.record_failed_call(shipment_id=row.id, error=error, now=now)
        return
    ingest_scans(scans=receipts, source="RECEIPT", now=now)
    shipments_write.record_announcements(shipment_ids=[row.id for row in rows], now=now)


def call_carriers(*, now: datetime, carrier_code: str = "") -> int:
    """Make the calls that are due: bookings, hand-overs, cancellations. Returns how many were tried."""
    due = shipments_read.list_due_calls(now=now, limit=CALL_BATCH, carrier_code=carrier_code)
    for row in due:
        if row.state == ShipmentState.BOOKING:
            shipments_write.confirm_booking(shipment_id=row.id, now=now)
        elif row.state == ShipmentState.CANCELLED:
            shipments_write.void_at_carrier(shipment_id=row.id, now=now)
    announce_hand_overs(shipments=due, now=now)
    return len(due) + _hand_on(now=now, carrier_code=carrier_code)


def _hand_on(*, now: datetime, carrier_code: str) -> int:
    """Tell the next carriers of parcels that wait for them at hubs, and take in their receipts. Returns how many were told."""
    due = sorted(list_due_legs(now=now, limit=CALL_BATCH, carrier_code=carrier_code), key=lambda leg: leg.carrier_id)
    for _code, group in groupby(due, key=lambda leg: leg.carrier_id):
        legs = list(group)
        try:
            receipts = announce_legs(legs, now=now)
        except (CarrierUnavailable, CarrierRefused) as error:
            note_silence(legs=legs, error=error, now=now)
        else:
            ingest_scans(scans=receipts, source="RECEIPT", now=now)
    return len(due)


def poll_carriers(*, now: datetime, carrier_code: str = "") -> tuple[int, int]:
    """Ask carriers about parcels whose next event is expected. Returns (parcels asked about, new events)."""
    found = shipments_read.list_due_polls(now=now, limit=POLL_BATCH, carrier_code=carrier_code)
    due = sorted(found, key=lambda row: row.carrier_id)
    new = 0
    for _code, group in groupby(due, key=lambda row: row.carrier_id):
        rows = list(group)
        new += _poll_carrier(rows[0].carrier, rows, now=now)
    return len(due), new


def _poll_carrier(carrier: Carrier, rows: Sequence[Shipment], *, now: datetime) -> int:
    scans: tuple[CarrierScan, ...] = ()
    try:
        scans = gateway_for(carrier).track([row.carrier_number for row in rows], now=now)
    except (CarrierUnavailable, CarrierRefused):
        Shipment.objects.filter(id__in=[row.id for row in rows]).update(poll_due_at=now + timedelta(minutes=10))
        return 0
    by_due: dict[datetime | None, list[UUID]] = defaultdict(list)
    for row in rows:
        status = TrackingStatus(row.tracking_status)
        by_due[next_poll(status, pushes_webhooks=carrier.pushes_webhooks, now=now)].append(row.id)
    for due_at, ids in by_due.items():
        Shipment.objects.filter(id__in=ids).update(poll_due_at=due_at)
    return ingest_scans(scans=scans, source="POLL", now=now).new


# --- webhooks


def receive_webhook(*, carrier_code: str, body: bytes, timestamp: str, signature: str, now: datetime) -> int:
    """Take in a signed message: store it raw (once), then work it off. Returns the number of new events.

    Raises WebhookRejected on a wrong signature, an old timestamp, an unknown carrier or a body over 1 MB; nothing is
    stored then. The same body again is taken without effect.
    """
    known = Carrier.objects.filter(code=carrier_code, is_active=True).exists()
    if not known or len(body) > MAX_BODY_BYTES or not is_genuine(
        secret=settings.WEBHOOK_SECRET, carrier_code=carrier_code, timestamp=timestamp, body=body,
        signature=signature, now=now,
    ):  # fmt: skip
        raise WebhookRejected()
    return take_in(messages=[(carrier_code, body)], now=now)


def take_in(*, messages: Sequence[tuple[str, bytes]], now: datetime) -> int:
    """Store genuine messages raw and work them off; a crash in between leaves them for `work_off_messages`."""
    rows = {
        (code, digest): WebhookMessage(
            carrier_code=code, digest=digest, body=body.decode("utf-8", "replace"), received_at=now,
            due_at=now + FIRST_RETRY,
        )
        for code, body in messages
        for digest in [hashlib.sha256(body).hexdigest()]
    }  # fmt: skip
    carriers, digests = {code for code, _ in rows}, [digest for _, digest in rows]
    known = WebhookMessage.objects.filter(carrier_code__in=carriers, digest__in=digests)
    seen = set(known.values_list("carrier_code", "digest"))
    insert_each(*(row for key, row in rows.items() if key not in seen), unless_there=True)
    stored = known.filter(processed_at=None).order_by("id").values_list("carrier_code", "digest", "id")
    fresh = []
    for code, digest, message_id in stored:
        if (code, digest) not in seen:
            rows[code, digest].id = message_id
            fresh.append(rows[code, digest])
    return _work_off(fresh, now=now)


def work_off_messages(*, now: datetime) -> int:
    """Messages left by a crash, or that came before their shipment's number was stored. Returns new events."""
    return _work_off(selectors.list_due_messages(now=now, limit=MESSAGE_BATCH), now=now)


def _work_off(messages: Sequence[WebhookMessage], *, now: datetime) -> int:
    readable: list[tuple[WebhookMessage, tuple[CarrierScan, ...]]] = []
    for message in messages:
        message.attempts += 1
        try:
            readable.append((message, read_scans(message.carrier_code, json.loads(message.body))))
        except (ValueError, InvalidInput):
            message.processed_at, message.error = now, "The message cannot be read."
    new, unmatched = 0, set[str]()
    scans = [scan for _, found in readable for scan in found]
    for start in range(0, len(scans), INGEST_CHUNK):
        intake = ingest_scans(scans=scans[start : start + INGEST_CHUNK], source=WEBHOOK, now=now)
        new += intake.new
        unmatched |= intake.unmatched
    for message, found in readable:
        _settle(message, lost=bool(unmatched) and any(scan.carrier_number in unmatched for scan in found), now=now)
    _save_settled(messages, now=now)
    return new


def _save_settled(messages: Sequence[WebhookMessage], *, now: datetime) -> None:
    """The many that went well in one statement, the others one by one."""
    well = [message.id for message in messages if message.processed_at == now and not message.error]
    with transaction.atomic():
        _need_not_wait_for_disk()
        WebhookMessage.objects.filter(id__in=well).update(processed_at=now, error="", attempts=F("attempts") + 1)
    for message in messages:
        if message.processed_at != now or message.error:
            message.save(update_fields=["attempts", "processed_at", "error", "due_at"])


def _settle(message: WebhookMessage, *, lost: bool, now: datetime) -> None:
    message.error = "No shipment has this number." if lost else ""
    if lost and message.attempts < MAX_ATTEMPTS:
        message.due_at = now + FIRST_RETRY * 2**message.attempts
    else:
        message.processed_at = now


# --- the operator's hand


def map_code(*, mapping_id: int, status: TrackingStatus, actor: Actor, now: datetime) -> int:
    """Say what a carrier's unknown code means; parcels that have it in their history follow. Returns how many."""
    if status is TrackingStatus.UNKNOWN:
        raise InvalidInput("Choose what the code means.", field="status")
    with transaction.atomic():
        mapping = CodeMapping.objects.select_for_update().get(id=mapping_id)
        mapping.status, mapping.mapped_at, mapping.mapped_by = status, now, actor.reference
        mapping.save(update_fields=["status", "mapped_at", "mapped_by"])
        ids = selectors.shipments_with_code(mapping.carrier_code, mapping.raw_code)
        _follow(lock_moving(ids), now=now)
        record(
            actor=actor, action="logistics.code_mapped", subject_type="code", subject_id=mapping_id, now=now,
            carrier=mapping.carrier_code, code=mapping.raw_code, status=status.value,
        )  # fmt: skip
    return len(ids)


def correct_event(*, shipment_id: UUID, event_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take an event back by a correcting one (nothing is deleted); the shipment follows. Operators and the system."""
    if not (actor.is_operator or actor.is_system):
        raise InvalidInput("Only the operator corrects a parcel's history.")
    if not reason.strip():
        raise InvalidInput("A correction needs a reason.", field="reason")
    with transaction.atomic():
        row = lock_moving([shipment_id])
        if (shipment_id, event_id) not in selectors.known_event_ids([shipment_id]):
            raise InvalidInput("There is no such event.", field="event_id")
        TrackingEvent.objects.create(
            shipment_id=shipment_id, carrier_code=row[0].carrier_id, carrier_event_id=f"correction-{new_id()}",
            raw_text=reason[:120], status=TrackingStatus.UNKNOWN, corrects=event_id, source="OPERATOR",
            occurred_at=now, received_at=now,
        )  # fmt: skip
        _follow(row, now=now)
        record(
            actor=actor, action="logistics.event_corrected", subject_type="shipment", subject_id=shipment_id, now=now,
            event=event_id, reason=reason,
        )  # fmt: skip


def record_carrier_events(
    *, carrier_code: str, rows: Sequence[dict[str, object]], actor: Actor, now: datetime
) -> Intake:
    """Events of a contract carrier, typed by the operator or read from its file; the same again counts once.

    Raises InvalidInput (an unreadable row, too many, a carrier that speaks for itself, or not the operator).
    """
    if not (actor.is_operator or actor.is_system):
        raise InvalidInput("Only the operator enters events of a carrier.")
    if not Carrier.objects.filter(code=carrier_code, gateway="contract").exists():
        raise InvalidInput("This is no contract carrier.", field="carrier_code")
    if not 1 <= len(rows) <= INGEST_CHUNK:
        raise InvalidInput(f"1 to {INGEST_CHUNK} events at a time.", field="events")
    scans = [manual_scan(carrier_code, dict(row)) for row in rows]
    intake = ingest_scans(scans=scans, source="OPERATOR", now=now)
    record(
        actor=actor, action="logistics.events_entered", subject_type="carrier", subject_id=carrier_code, now=now,
        events=len(rows), new=intake.new,
    )  # fmt: skip
    return intake


# --- silence


def suspect_silent_parcels(*, now: datetime) -> int:
    """Parcels that have been silent for longer than their lane's longest usual gap are suspected lost. Returns how many.

    The suspicion is an event of the platform right after the last one; any later scan of the carrier ends it.
    """
    with transaction.atomic():
        rows = lock_moving(shipments_read.list_silent(now=now, limit=SILENT_BATCH))
        last = selectors.last_events(row.id for row in rows)
        insert_rows(TrackingEvent, EVENT_FIELDS, [
            (
                row.id, 0, row.carrier_id, f"silence-{last[row.id][0]}"[:60], "", "No news for longer than usual", "",
                TrackingStatus.SUSPECTED_LOST, "", IncidentReason.PARCEL_BEING_RESEARCHED, "PLATFORM",
                last[row.id][1] + timedelta(milliseconds=1), now,
            )
            for row in rows
            if row.id in last
        ])  # fmt: skip
        _follow(rows, now=now)
    return len(rows)


def learn_lane_gaps(*, now: datetime) -> int:
    """Measure how long parcels of each lane are usually silent between two events; returns the lanes known."""
    rows = [
        LaneGap(service_id=service, destination_country=country, hours=hours, gaps=count, measured_at=now)
        for service, country, hours, count in selectors.measure_lane_gaps(now=now)
    ]
    LaneGap.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["service_id", "destination_country"],
        update_fields=["hours", "gaps", "measured_at"],
    )  # fmt: skip
    return len(rows)
