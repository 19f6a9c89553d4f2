"""Writes of shipments: booking, cancelling and handing over. What tracking says is followed in following.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.audit.services import record
from core.errors import DomainError, InvalidInput, TransitionRefused
from core.events.logistics import ShipmentBooked, ShipmentCancelled
from core.outbox.services import publish
from core.statements import insert, update
from core.states import next_state
from logistics.carriers.gateways import gateway_for, must_wait_for_commit
from logistics.contracts import (
    Address,
    CarrierRefused,
    CarrierUnavailable,
    InvalidParcel,
    ParcelSpec,
    ServiceQuote,
    ShipmentAlreadyHandedOver,
    ShipmentNotFound,
    ShipmentPurpose,
    ShipmentState,
    ShipmentView,
    TrackingStatus,
)  # fmt: skip
from logistics.rates.models import Service, Zone
from logistics.rates.rules import check_parcel
from logistics.rates.selectors import get_service
from logistics.shipments import selectors
from logistics.shipments.following import facts_of
from logistics.shipments.models import Parcel, Promise, Shipment, ShipmentAddress, ShipmentTransition
from logistics.shipments.route import create_legs
from logistics.shipments.rules import sscc, waybill_number
from logistics.shipments.states import TRANSITIONS, ShipmentAction

A, S = ShipmentAction, ShipmentState
FIRST_RETRY = timedelta(seconds=10)
LONGEST_RETRY = timedelta(hours=1)
MAX_CALL_ATTEMPTS = 20
MAX_PARCELS = 30
#: What the carrier's answer to a booking changes.
BOOKED_FIELDS = ("carrier_number", "call_attempts", "call_error", "confirmed_at", "call_due_at", "state")


def book_shipment(
    *, order_id: UUID, seller_id: UUID, buyer_id: UUID, service_code: str, sender: Address, recipient: Address,
    parcel: ParcelSpec, quote: ServiceQuote, reference: str, contents: str, actor: Actor, now: datetime,
    purpose: str = ShipmentPurpose.ORDER, more: Sequence[ParcelSpec] = (),
) -> ShipmentView:  # fmt: skip
    """Record the wish to ship, with the promise as sold. No event yet: the carrier has not confirmed.

    One live shipment for an order: the second call, also a concurrent one, returns the first's. Raises
    ShipmentNotFound (actor is not the seller), UnknownService, InvalidParcel, InvalidInput.
    """
    _require_seller(actor, seller_id)
    service = get_service(service_code)
    parcels = _checked_parcels([parcel, *more], service)
    _check_addresses(sender, recipient)
    with transaction.atomic():
        _lock_order(order_id)
        held = selectors.find_live_shipment_id(order_id)
        if held is not None:
            return selectors.get_shipment(held)
        shipment = _create(
            order_id=order_id, seller_id=seller_id, buyer_id=buyer_id, service=service, quote=quote, sender=sender,
            recipient=recipient, reference=reference, contents=contents, now=now, purpose=purpose,
        )  # fmt: skip
        create_legs(shipment=shipment, legs=quote.legs)
        _create_details(shipment=shipment, sender=sender, recipient=recipient, parcels=parcels, quote=quote, now=now)
    return selectors.view_of(shipment)


def _checked_parcels(parcels: Sequence[ParcelSpec], service: Service) -> Sequence[ParcelSpec]:
    """Raises InvalidParcel: too many, no parcel at all, or more than the service takes."""
    if len(parcels) > MAX_PARCELS:
        raise InvalidParcel("That is too many parcels.", remedy=_("At most %(n)s.") % {"n": MAX_PARCELS})
    for parcel in parcels:
        check_parcel(parcel)
        longest = max(parcel.length_mm, parcel.width_mm, parcel.height_mm)
        if parcel.weight_grams > service.max_weight_grams or longest > service.max_side_mm:
            raise InvalidParcel(
                "This service does not take so large or heavy a parcel.", remedy="Pack it into several parcels."
            )
    return parcels


def _lock_order(order_id: UUID) -> None:
    """Serialise the bookings of one order until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"shipment:{order_id}"])


def _check_addresses(sender: Address, recipient: Address) -> None:
    for name, address in (("sender", sender), ("recipient", recipient)):
        if not (address.name.strip() and address.street.strip() and address.city.strip()):
            raise InvalidInput("The address needs a name, a street and a city.", field=name)


def _create(
    *, order_id: UUID, seller_id: UUID, buyer_id: UUID, service: Service, quote: ServiceQuote, sender: Address,
    recipient: Address, reference: str, contents: str, now: datetime, purpose: str,
) -> Shipment:  # fmt: skip
    zone = Zone.objects.filter(country=recipient.country).first()
    shipment = Shipment(
        order_id=order_id, seller_id=seller_id, buyer_id=buyer_id, carrier_id=service.carrier_id, service=service,
        purpose=ShipmentPurpose(purpose),
        waybill=waybill_number(_next_number()), reference=reference[:40], contents=contents[:120],
        origin_country=sender.country, destination_country=recipient.country,
        destination_time_zone=zone.time_zone if zone else "UTC", price_minor=quote.price.minor,
        currency=quote.price.currency, booked_at=now, call_due_at=now,
    )  # fmt: skip
    insert(shipment)
    return shipment


def _create_details(
    *,
    shipment: Shipment,
    sender: Address,
    recipient: Address,
    parcels: Sequence[ParcelSpec],
    quote: ServiceQuote,
    now: datetime,
) -> None:
    insert(*(
        ShipmentAddress(
            shipment=shipment, kind=kind, name=at.name[:120], street=at.street[:200], city=at.city[:120],
            postcode=at.postcode[:20], region=at.region[:80], country=at.country, phone=at.phone[:40],
        )
        for kind, at in (("SENDER", sender), ("RECIPIENT", recipient))
    ))  # fmt: skip
    insert(*(
        Parcel(
            shipment=shipment, position=position, sscc=sscc(_next_number()), weight_grams=parcel.weight_grams,
            length_mm=parcel.length_mm, width_mm=parcel.width_mm, height_mm=parcel.height_mm, marks=sorted(parcel.marks),
        )
        for position, parcel in enumerate(parcels, start=1)
    ))  # fmt: skip
    insert(Promise(
        shipment=shipment, earliest_date=quote.earliest, latest_date=quote.latest, ship_by=quote.ship_by,
        quantile_bps=quote.quantile_bps, model_version=quote.model_version, made_at=now,
        inputs={
            "service": quote.service_code, "sheet_version": quote.sheet_version,
            "chargeable_grams": quote.chargeable_grams, "origin": sender.country, "destination": recipient.country,
            **({"legs": [leg.service_code for leg in quote.legs]} if quote.legs else {}),
        },
    ))  # fmt: skip


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('logistics_parcel_sequence')")
        return int(cursor.fetchone()[0])


def record_booking(*, shipment_id: UUID, carrier_number: str, actor: Actor, now: datetime) -> None:
    """Store the carrier's number: BOOKING -> BOOKED and ShipmentBooked, once. A cancelled one only keeps the number."""
    with transaction.atomic():
        shipment = selectors.lock_shipment(shipment_id)
        if shipment.carrier_number:
            return
        shipment.carrier_number = carrier_number
        shipment.call_attempts, shipment.call_error = 0, ""
        if shipment.state == S.BOOKING:
            shipment.confirmed_at, shipment.call_due_at = now, None
            _move(shipment, A.CONFIRM, actor=actor, now=now)
            publish(ShipmentBooked(**facts_of(shipment, now)), actor=actor, now=now)
        update(shipment, columns=BOOKED_FIELDS)


def confirm_booking(*, shipment_id: UUID, now: datetime) -> ShipmentView:
    """Book with the carrier, outside of any transaction, and record its number. Harmless when already confirmed.

    A carrier that does not answer, or refuses, raises nothing: the shipment stays BOOKING with the error noted, and
    silence is tried again later. Called inside a transaction it leaves the call to the task.
    """
    shipment = selectors.get_shipment_row(shipment_id)
    if shipment.state != S.BOOKING or must_wait_for_commit():
        return selectors.view_of(shipment)
    try:
        number = gateway_for(shipment.carrier).book(selectors.booking_order(shipment), now=now)
    except (CarrierUnavailable, CarrierRefused) as error:
        record_failed_call(shipment_id=shipment_id, error=error, now=now)
    else:
        record_booking(
            shipment_id=shipment_id, carrier_number=number, actor=Actor.carrier(shipment.carrier_id), now=now
        )
    return selectors.get_shipment(shipment_id)


def void_at_carrier(*, shipment_id: UUID, now: datetime) -> None:
    """Tell the carrier that a cancelled shipment will not come; repeated until it answers."""
    shipment = selectors.get_shipment_row(shipment_id)
    if shipment.state != S.CANCELLED or shipment.voided_at is not None:
        return
    try:
        gateway_for(shipment.carrier).cancel(str(shipment.id), now=now)
    except (CarrierUnavailable, CarrierRefused) as error:
        record_failed_call(shipment_id=shipment_id, error=error, now=now)
    else:
        Shipment.objects.filter(id=shipment_id).update(voided_at=now, call_due_at=None, call_error="")


def record_failed_call(*, shipment_id: UUID, error: DomainError, now: datetime) -> None:
    """Note that the carrier did not do it: silence is retried with doubling delay, a refusal waits for the operator."""
    with transaction.atomic():
        shipment = selectors.lock_shipment(shipment_id)
        shipment.call_attempts = min(shipment.call_attempts + 1, MAX_CALL_ATTEMPTS)
        shipment.call_error = error.message[:200]
        delay = min(FIRST_RETRY * 2 ** (shipment.call_attempts - 1), LONGEST_RETRY)
        shipment.call_due_at = None if isinstance(error, CarrierRefused) else now + delay
        shipment.save(update_fields=["call_attempts", "call_error", "call_due_at"])


def retry_call(*, shipment_id: UUID, actor: Actor, now: datetime) -> None:
    """The operator has a refused or waiting call made again at once."""
    with transaction.atomic():
        shipment = selectors.lock_shipment(shipment_id)
        if not selectors.has_open_call(shipment):
            raise TransitionRefused("There is nothing to tell the carrier.")
        shipment.call_due_at, shipment.call_attempts = now, 0
        shipment.save(update_fields=["call_due_at", "call_attempts"])
        record(actor=actor, action="logistics.call_retried", subject_type="shipment", subject_id=shipment_id, now=now)


def record_announcements(*, shipment_ids: Sequence[UUID], now: datetime) -> None:
    """The carrier knows of these hand-overs."""
    Shipment.objects.filter(id__in=shipment_ids, handover_announced_at=None).update(
        handover_announced_at=now, call_due_at=None, call_error=""
    )


def cancel_shipment(*, shipment_id: UUID, actor: Actor, reason: str, now: datetime) -> ShipmentView:
    """Void the label: -> CANCELLED and ShipmentCancelled; the carrier is told afterwards by a task. Twice is harmless.

    Raises ShipmentAlreadyHandedOver once the seller declared the hand-over, ShipmentNotFound.
    """
    with transaction.atomic():
        shipment = selectors.lock_shipment(shipment_id)
        _require_seller(actor, shipment.seller_id)
        if shipment.state != S.CANCELLED:
            if shipment.handover_declared_at is not None or (S(shipment.state), A.CANCEL) not in TRANSITIONS:
                raise ShipmentAlreadyHandedOver()
            _move(shipment, A.CANCEL, actor=actor, reason=reason, now=now)
            shipment.cancelled_at = shipment.call_due_at = now
            shipment.call_attempts = 0
            shipment.tracking_status, shipment.poll_due_at = TrackingStatus.CANCELLED, None
            shipment.save()
            publish(ShipmentCancelled(**facts_of(shipment, now)), actor=actor, now=now)
    return selectors.get_shipment(shipment_id)


def declare_hand_over(*, shipment_id: UUID, actor: Actor, now: datetime) -> None:
    """Record that the seller gave the parcel away; the carrier is told afterwards. Twice is harmless.

    Raises ShipmentNotFound, TransitionRefused when the shipment is not booked.
    """
    with transaction.atomic():
        shipment = selectors.lock_shipment(shipment_id)
        _require_seller(actor, shipment.seller_id)
        if shipment.state in {S.BOOKING, S.CANCELLED}:
            raise TransitionRefused("Only a booked shipment can be handed over.")
        if shipment.handover_declared_at is None:
            shipment.handover_declared_at = now
            if shipment.state == S.BOOKED:
                shipment.call_due_at, shipment.call_attempts = now, 0
            update(shipment, columns=["handover_declared_at", "call_due_at", "call_attempts"])


def _move(shipment: Shipment, action: ShipmentAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before = S(shipment.state)
    shipment.state = next_state(TRANSITIONS, before, action)
    insert(ShipmentTransition(
        shipment=shipment, from_state=before, to_state=shipment.state, action=action, actor=actor.reference,
        reason=reason[:200], at=now,
    ))  # fmt: skip


def _require_seller(actor: Actor, seller_id: UUID) -> None:
    if not (actor.acts_for(seller_id) or actor.is_system or actor.is_operator):
        raise ShipmentNotFound()
