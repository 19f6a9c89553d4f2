"""Pickups: booked, changed, confirmed by the carrier, called off, done, or missed; and standing bookings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import DomainError, InvalidInput
from core.events.logistics import PickupMoved
from core.ids import new_id, short_code
from core.outbox.services import publish
from core.states import next_state
from logistics.carriers.gateways import gateway_for, must_wait_for_commit
from logistics.carriers.ports import PickupOrder
from logistics.contracts import Address, CarrierRefused, CarrierUnavailable
from logistics.pickups import selectors
from logistics.pickups.models import Pickup, PickupParcel, PickupSchedule, PickupTerms, PickupTransition
from logistics.pickups.rules import (
    GRACE,
    LATEST_DAYS,
    MADE_AHEAD,
    CarrierDoesNotCollect,
    PickupNotFound,
    PickupThere,
    PickupTooLate,
    Window,
    collects_in,
    days_of,
    window_of,
)
from logistics.pickups.states import OPEN, TRANSITIONS, PickupAction, PickupState
from logistics.rates.rules import RateTable
from logistics.rates.selectors import current_table
from logistics.shipments.models import Shipment
from logistics.shipments.services import declare_hand_overs
from logistics.tracking.services import announce_hand_overs

A, S = PickupAction, PickupState
SYSTEM: Final = Actor.system("pickups")
BATCH: Final = 200
FIRST_RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a seller wants of a carrier: when, and where it rings."""

    carrier_code: str
    opens: time
    closes: time
    address: Address
    note: str = ""


# ------------------------------------------------------------------------------------------------ booking


def book_pickup(*, visit: Visit, day: date, actor: Actor, now: datetime) -> Pickup:
    """The carrier is wanted on one day. BOOKED; call `tell_carrier` after the commit. Publishes PickupMoved.

    Raises PickupNotFound (no seller), CarrierDoesNotCollect, PickupTooLate, PickupThere, InvalidInput.
    """
    seller_id = _seller(actor)
    table, terms, zone = _ground(visit, now=now)
    window = _checked_window(visit, terms, table, zone, day, now=now)
    try:
        with transaction.atomic():
            return _create(visit, seller_id, None, day, window, zone, actor=actor, now=now)
    except IntegrityError as error:
        raise PickupThere() from error


def first_day(*, visit: Visit, now: datetime) -> date | None:
    """From tomorrow on, the first day on which the visit could be booked; None within the days that can be."""
    table, terms, zone = _ground(visit, now=now)
    today = now.astimezone(ZoneInfo(zone)).date()
    for number in range(1, LATEST_DAYS + 1):
        day = today + timedelta(days=number)
        try:
            _checked_window(visit, terms, table, zone, day, now=now)
        except (InvalidInput, PickupTooLate):
            continue
        return day
    return None


def _seller(actor: Actor) -> UUID:
    if actor.organisation_id is None:
        raise PickupNotFound()
    return actor.organisation_id


def _ground(visit: Visit, *, now: datetime) -> tuple[RateTable, PickupTerms, str]:
    """The rate table, the carrier's terms and the clock of the place."""
    address = visit.address
    if not (address.name.strip() and address.street.strip() and address.city.strip()):
        raise InvalidInput("The address needs a name, a street and a city.", field="street")
    terms, (table, _spent) = selectors.get_terms(visit.carrier_code), current_table(now=now)
    if not collects_in(table, visit.carrier_code, address.country):
        raise CarrierDoesNotCollect()
    return table, terms, table.time_zones[address.country]


def _checked_window(
    visit: Visit, terms: PickupTerms, table: RateTable, zone: str, day: date, *, now: datetime
) -> Window:
    today = now.astimezone(ZoneInfo(zone)).date()
    if not today <= day <= today + timedelta(days=LATEST_DAYS):
        raise InvalidInput("Choose a day within the next 30 days.", field="day")
    if table.is_holiday(visit.address.country, day):
        raise InvalidInput("This day is a holiday there.", field="day")
    window = window_of(terms.terms, day=day, opens=visit.opens, closes=visit.closes, zone=zone)
    if now >= window.cutoff_at:
        raise PickupTooLate(field="day")
    return window


def _create(
    visit: Visit, seller_id: UUID, schedule: PickupSchedule | None, day: date, window: Window, zone: str, *,
    actor: Actor, now: datetime,
) -> Pickup:  # fmt: skip
    pickup_id = new_id()
    pickup = Pickup.objects.create(
        id=pickup_id, number=short_code(pickup_id, prefix="PK"), seller_id=seller_id, carrier_id=visit.carrier_code,
        schedule=schedule, day=day, time_zone=zone, booked_at=now, call_due_at=now, **asdict(window),
        **_door(visit),
    )  # fmt: skip
    _record(pickup, "", actor=actor, reason="", now=now)
    return pickup


def _door(visit: Visit) -> dict[str, str]:
    at = visit.address
    return {
        "name": at.name[:120], "street": at.street[:200], "city": at.city[:120], "postcode": at.postcode[:20],
        "region": at.region[:80], "country": at.country, "phone": at.phone[:40], "note": visit.note.strip()[:200],
    }  # fmt: skip


def change_pickup(*, pickup_id: UUID, day: date, opens: time, closes: time, actor: Actor, now: datetime) -> Pickup:
    """Another day or window, until the cut-off; the carrier confirms again. Publishes PickupMoved.

    Raises PickupNotFound, PickupTooLate, PickupThere, TransitionRefused, InvalidInput.
    """
    try:
        with transaction.atomic():
            pickup = _lock_own(pickup_id, actor)
            _require_before_cutoff(pickup, actor, now)
            visit = Visit(pickup.carrier_id, opens, closes, pickup.address, pickup.note)
            table, terms, zone = _ground(visit, now=now)
            window = _checked_window(visit, terms, table, zone, day, now=now)
            pickup.day, pickup.call_due_at, pickup.call_attempts, pickup.call_error = day, now, 0, ""
            pickup.opens_at, pickup.closes_at, pickup.cutoff_at = window.opens_at, window.closes_at, window.cutoff_at
            _move(pickup, A.CHANGE, actor=actor, now=now)
            return pickup
    except IntegrityError as error:
        raise PickupThere() from error


def cancel_pickup(*, pickup_id: UUID, actor: Actor, reason: str, now: datetime) -> Pickup:
    """The carrier need not come, until the cut-off (operators: later too). It is told by a task. Publishes PickupMoved.

    Raises PickupNotFound, PickupTooLate, TransitionRefused.
    """
    with transaction.atomic():
        pickup = _lock_own(pickup_id, actor)
        _require_before_cutoff(pickup, actor, now)
        _cancel(pickup, actor=actor, reason=reason, now=now)
    return pickup


def _cancel(pickup: Pickup, *, actor: Actor, reason: str, now: datetime) -> None:
    pickup.closed_at, pickup.call_attempts, pickup.call_error = now, 0, ""
    pickup.call_due_at = now if pickup.carrier_reference else None
    _move(pickup, A.CANCEL, actor=actor, reason=reason, now=now)


def _require_before_cutoff(pickup: Pickup, actor: Actor, now: datetime) -> None:
    if pickup.state in OPEN and now >= pickup.cutoff_at and not actor.is_operator:
        raise PickupTooLate("The cut-off is over: the carrier is on its way.")


def _lock_own(pickup_id: UUID, actor: Actor) -> Pickup:
    pickup = selectors.lock_pickup(pickup_id)
    if not (actor.is_operator or actor.is_system or actor.acts_for(pickup.seller_id)):
        raise PickupNotFound()
    return pickup


# ------------------------------------------------------------------------------------------------ the day itself


def finish_pickup(
    *, pickup_id: UUID, shipment_ids: Sequence[UUID] | None, actor: Actor, now: datetime
) -> tuple[Pickup, list[UUID]]:
    """The carrier was here and took these parcels (None: all that are ready); returns what it took. Publishes PickupMoved.

    They count as handed over by the seller; call `tracking.announce_hand_overs` after the commit, else a task does. Locks
    the pickup, then the parcels in the order of their ids. Raises PickupNotFound, InvalidInput (a parcel that is not on
    it, or too early), TransitionRefused.
    """
    with transaction.atomic():
        pickup = _lock_own(pickup_id, actor)
        if now.astimezone(ZoneInfo(pickup.time_zone)).date() < pickup.day:
            raise InvalidInput("The day of this pickup has not come yet.")
        ready = set(selectors.ready_of(pickup.seller_id, pickup.carrier_id).values_list("id", flat=True))
        taken = sorted(ready if shipment_ids is None else set(shipment_ids))[: selectors.MAX_PARCELS]
        if not ready.issuperset(taken):
            raise InvalidInput("A parcel is not on this pickup.", field="shipment_ids")
        given = declare_hand_overs(shipment_ids=taken, now=now)
        _finish(pickup, given, actor=actor, reason="", now=now)
    return pickup, given


def _finish(pickup: Pickup, shipment_ids: Sequence[UUID], *, actor: Actor, reason: str, now: datetime) -> None:
    PickupParcel.objects.bulk_create(
        (PickupParcel(pickup=pickup, shipment_id=key) for key in shipment_ids), ignore_conflicts=True
    )
    pickup.closed_at, pickup.call_due_at = now, None
    _move(pickup, A.FINISH, actor=actor, reason=reason, now=now)


def announce_parcels(*, shipment_ids: Sequence[UUID], now: datetime) -> None:
    """Tell the carrier what it took. Outside of transactions; harmless when it knows."""
    rows = Shipment.objects.filter(id__in=shipment_ids).select_related("carrier").order_by("id")
    announce_hand_overs(shipments=rows, now=now)


def miss_pickup(*, pickup_id: UUID, actor: Actor, reason: str, now: datetime) -> Pickup:
    """Nobody came. Publishes PickupMoved. Raises PickupNotFound, InvalidInput (the window is not over), TransitionRefused."""
    with transaction.atomic():
        pickup = _lock_own(pickup_id, actor)
        if now < pickup.closes_at:
            raise InvalidInput("The carrier still has time: the window is not over.")
        pickup.closed_at, pickup.call_due_at = now, None
        _move(pickup, A.MISS, actor=actor, reason=reason, now=now)
    return pickup


def settle_pickups(*, now: datetime) -> int:
    """Pickups over for GRACE that nobody reported on: DONE where parcels changed hands, MISSED where they still wait,
    else called off as there was nothing to collect. Returns how many.
    """
    due = selectors.list_over(before=now - GRACE, limit=BATCH)
    for pickup_id in due:
        with transaction.atomic():
            pickup = selectors.lock_pickup(pickup_id)
            if pickup.state in OPEN:
                _settle(pickup, now=now)
    return len(due)


def _settle(pickup: Pickup, *, now: datetime) -> None:
    given = selectors.given_away(pickup, now=now)
    if given:
        _finish(pickup, given, actor=SYSTEM, reason="The parcels were scanned.", now=now)
        return
    pickup.closed_at, pickup.call_due_at = now, None
    if selectors.ready_of(pickup.seller_id, pickup.carrier_id).filter(confirmed_at__lt=pickup.opens_at).exists():
        _move(pickup, A.MISS, actor=SYSTEM, reason="The parcels still wait.", now=now)
    else:
        _move(pickup, A.CANCEL, actor=SYSTEM, reason="There was nothing to collect.", now=now)


# ------------------------------------------------------------------------------------------------ the carrier


def tell_carrier(*, pickup_id: UUID, now: datetime) -> None:
    """Book, change or void the pickup at the carrier, outside of any transaction; repeated by a task until it answers.

    A refusal waits for the operator. Called inside a transaction it leaves the call to the task.
    """
    pickup = Pickup.objects.select_related("carrier").get(id=pickup_id)
    if pickup.call_due_at is None or must_wait_for_commit():
        return
    answer = _ask_carrier(pickup, now=now)
    with transaction.atomic():
        row = selectors.lock_pickup(pickup_id)
        if (row.state, row.opens_at, row.closes_at) != (pickup.state, pickup.opens_at, pickup.closes_at):
            return  # changed while the carrier thought; it is told of that too
        if isinstance(answer, str):
            _note_answer(row, answer, now=now)
        else:
            _note_failure(row, answer, now=now)


def _ask_carrier(pickup: Pickup, *, now: datetime) -> str | DomainError:
    """The carrier's number (empty when voided), or why not."""
    try:
        gateway = gateway_for(pickup.carrier)
        if pickup.state == S.BOOKED:
            return gateway.book_pickup(_order(pickup), now=now)
        gateway.cancel_pickup(str(pickup.id), now=now)
    except (CarrierUnavailable, CarrierRefused) as error:
        return error
    return ""


def _order(pickup: Pickup) -> PickupOrder:
    waiting = list(selectors.ready_of(pickup.seller_id, pickup.carrier_id)[: selectors.MAX_PARCELS])
    return PickupOrder(
        reference=str(pickup.id), address=pickup.address, opens_at=pickup.opens_at, closes_at=pickup.closes_at,
        parcels=len(waiting), weight_grams=selectors.weight_of(waiting), note=pickup.note,
    )  # fmt: skip


def _note_answer(pickup: Pickup, reference: str, *, now: datetime) -> None:
    pickup.call_due_at, pickup.call_attempts, pickup.call_error = None, 0, ""
    if pickup.state == S.BOOKED:
        pickup.carrier_reference = reference[:40]
        _move(pickup, A.CONFIRM, actor=Actor.carrier(pickup.carrier_id), now=now)
    else:
        pickup.save()


def _note_failure(pickup: Pickup, error: DomainError, *, now: datetime) -> None:
    delay = min(FIRST_RETRY * 2**pickup.call_attempts, LONGEST_RETRY)
    pickup.call_attempts = min(pickup.call_attempts + 1, 10)
    pickup.call_error = error.message[:200]
    pickup.call_due_at = None if isinstance(error, CarrierRefused) else now + delay
    pickup.save()


def retry_call(*, pickup_id: UUID, actor: Actor, now: datetime) -> None:
    """The operator has a refused call made again; others are left alone."""
    with transaction.atomic():
        pickup = selectors.lock_pickup(pickup_id)
        if pickup.call_error and pickup.state in (S.BOOKED, S.CANCELLED):
            pickup.call_due_at, pickup.call_attempts = now, 0
            pickup.save(update_fields=["call_due_at", "call_attempts"])
            record(actor=actor, action="logistics.pickup_retried", subject_type="pickup", subject_id=pickup_id, now=now)


def call_carriers(*, now: datetime) -> int:
    """Tell carriers of what is due. Returns how many pickups."""
    due = selectors.list_due_calls(now=now, limit=BATCH)
    for pickup_id in due:
        tell_carrier(pickup_id=pickup_id, now=now)
    return len(due)


# ------------------------------------------------------------------------------------------------ standing bookings


def start_schedule(*, visit: Visit, weekdays: str, actor: Actor, now: datetime) -> PickupSchedule:
    """The carrier comes every week on these days ("0" is Monday); the pickups of the next week are made at once.

    Raises PickupNotFound (no seller), CarrierDoesNotCollect, PickupThere (a standing booking exists), InvalidInput.
    """
    seller_id = _seller(actor)
    _table, terms, zone = _ground(visit, now=now)
    days = "".join(sorted(set(weekdays)))
    today = now.astimezone(ZoneInfo(zone)).date()
    if not days or not set(days) <= set(terms.weekdays):
        raise InvalidInput("Choose days of the week on which the carrier collects.", field="weekdays")
    sample = next(days_of(days, first=today, last=today + timedelta(days=6)))
    window_of(terms.terms, day=sample, opens=visit.opens, closes=visit.closes, zone=zone)
    try:
        with transaction.atomic():
            schedule = PickupSchedule.objects.create(
                seller_id=seller_id, carrier_id=visit.carrier_code, weekdays=days, opens=visit.opens,
                closes=visit.closes, started_at=now, made_until=today - timedelta(days=1), **_door(visit),
            )  # fmt: skip
            _make_ahead(schedule, actor=actor, now=now)
    except IntegrityError as error:
        raise PickupThere("This carrier comes every week already.", remedy="End that first.") from error
    return schedule


def end_schedule(*, schedule_id: UUID, actor: Actor, now: datetime) -> int:
    """The carrier comes no more by itself; its pickups that can still be called off are. Twice is harmless.

    Returns how many were called off. Raises PickupNotFound.
    """
    with transaction.atomic():
        schedule = selectors.lock_schedule(schedule_id)
        if not (actor.is_operator or actor.acts_for(schedule.seller_id)):
            raise PickupNotFound()
        if schedule.ended_at is not None:
            return 0
        schedule.ended_at = now
        schedule.save(update_fields=["ended_at"])
        coming = Pickup.objects.select_for_update().filter(schedule=schedule, state__in=OPEN, cutoff_at__gt=now)
        rows = list(coming.order_by("id"))
        for pickup in rows:
            _cancel(pickup, actor=actor, reason="The standing booking ended.", now=now)
    return len(rows)


def make_recurring(*, now: datetime) -> int:
    """Make the pickups of standing bookings for the week ahead; returns how many. Twice makes none."""
    made = 0
    for schedule_id in selectors.list_schedules_to_make(until=now.date() + MADE_AHEAD, limit=BATCH):
        with transaction.atomic():
            schedule = selectors.lock_schedule(schedule_id)
            if schedule.ended_at is None:
                made += _make_or_end(schedule, now=now)
    return made


def _make_or_end(schedule: PickupSchedule, *, now: datetime) -> int:
    """A carrier that collects no more there ends its standing bookings."""
    try:
        return _make_ahead(schedule, actor=SYSTEM, now=now)
    except CarrierDoesNotCollect:
        schedule.ended_at = now
        schedule.save(update_fields=["ended_at"])
        return 0


def _make_ahead(schedule: PickupSchedule, *, actor: Actor, now: datetime) -> int:
    """The schedule is locked. A day that cannot be (holiday, too late, booked already) is passed over."""
    visit = Visit(schedule.carrier_id, schedule.opens, schedule.closes, schedule.address, schedule.note)
    last, made = now.date() + MADE_AHEAD, 0
    days = list(days_of(schedule.weekdays, first=schedule.made_until + timedelta(days=1), last=last))
    taken = selectors.days_taken(schedule, days)
    table, terms, zone = _ground(visit, now=now)
    for day in days:
        try:
            window = _checked_window(visit, terms, table, zone, day, now=now)
        except (InvalidInput, PickupTooLate):
            continue
        if day not in taken:
            _create(visit, schedule.seller_id, schedule, day, window, zone, actor=actor, now=now)
            made += 1
    schedule.made_until = last
    schedule.save(update_fields=["made_until"])
    return made


# ------------------------------------------------------------------------------------------------ steps


def _move(pickup: Pickup, action: PickupAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before = pickup.state
    pickup.state = next_state(TRANSITIONS, PickupState(before), action)
    pickup.save()
    _record(pickup, before, actor=actor, reason=reason, now=now)


def _record(pickup: Pickup, before: str, *, actor: Actor, reason: str, now: datetime) -> None:
    PickupTransition.objects.create(
        pickup=pickup, from_state=before, to_state=pickup.state, actor=actor.reference, reason=reason[:200], at=now
    )
    publish(
        PickupMoved(
            pickup_id=pickup.id, seller_id=pickup.seller_id, carrier_code=pickup.carrier_id, number=pickup.number,
            state=str(pickup.state), opens_at=pickup.opens_at, closes_at=pickup.closes_at, at=now,
        ), actor=actor, now=now,
    )  # fmt: skip


def run_pickups(*, now: datetime) -> int:
    """What the scheduler does every minute; returns how many pickups were touched."""
    return make_recurring(now=now) + call_carriers(now=now) + settle_pickups(now=now)
