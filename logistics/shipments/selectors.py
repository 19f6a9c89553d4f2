"""Reads of shipments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from core.actor import Actor
from core.money import Money
from core.statements import Prepared
from logistics.carriers.models import CarrierBooking
from logistics.carriers.ports import BookingOrder
from logistics.contracts import (
    Address,
    CustomsLine,
    HandlingMark,
    LabelNotReady,
    NoCustoms,
    ParcelSpec,
    PromiseRecord,
    ShipmentNotFound,
    ShipmentPurpose,
    ShipmentState,
    ShipmentView,
    TrackingStatus,
)  # fmt: skip
from logistics.rates.rules import ROUTE_SERVICE
from logistics.shipments.customs import Papers, render_papers
from logistics.shipments.label import LabelData
from logistics.shipments.label_output import render_pdf, render_zpl
from logistics.shipments.legs import legs_of
from logistics.shipments.models import Parcel, Shipment, ShipmentAddress, ShipmentLeg
from logistics.shipments.rules import crosses_customs, number_on_label

MAX_LISTED = 1_000
MAX_LABELS = 200


def _shipments() -> QuerySet[Shipment]:
    return Shipment.objects.select_related("carrier", "service", "promise")


_shipment = Prepared(lambda shipment_id: _shipments().filter(id=shipment_id)[:1], shipment_id=UUID)
_locked = Prepared(
    lambda shipment_id: Shipment.objects.select_for_update().filter(id=shipment_id)[:1], shipment_id=UUID
)
_of_orders = Prepared(lambda ids: _shipments().filter(order_id__any_of=ids).order_by("booked_at", "id"), ids=list)
_live = Prepared(
    lambda order_id: Shipment.objects.filter(order_id=order_id).exclude(state=ShipmentState.CANCELLED)[:1],
    order_id=UUID,
)
_first_parcel = Prepared(
    lambda shipment_id: Parcel.objects.filter(shipment_id=shipment_id, position=1)[:1], shipment_id=UUID
)
_addresses = Prepared(lambda shipment_id: ShipmentAddress.objects.filter(shipment_id=shipment_id), shipment_id=UUID)


def view_of(shipment: Shipment) -> ShipmentView:
    """The contract of a loaded shipment (carrier, service and promise joined)."""
    promise = shipment.promise
    return ShipmentView(
        shipment_id=shipment.id, order_id=shipment.order_id, seller_id=shipment.seller_id, buyer_id=shipment.buyer_id,
        carrier_code=shipment.carrier_id, carrier_name=shipment.carrier.name, service_code=shipment.service_id,
        service_name=shipment.service.name, tracking_number=shipment.waybill, carrier_number=shipment.carrier_number,
        status=ShipmentState(shipment.state), tracking_status=TrackingStatus(shipment.tracking_status),
        booked_at=shipment.booked_at, handover_declared_at=shipment.handover_declared_at,
        handed_over_at=shipment.handed_over_at, delivered_at=shipment.delivered_at,
        promised_earliest=promise.earliest_date, promised_latest=promise.latest_date, ship_by=promise.ship_by,
        kept_promise=shipment.kept_promise, label_ready=is_label_ready(shipment),
        purpose=ShipmentPurpose(shipment.purpose),
        crosses_customs=crosses_customs(shipment.origin_country, shipment.destination_country),
    )  # fmt: skip


def is_label_ready(shipment: Shipment) -> bool:
    """The carrier has confirmed and the shipment was not cancelled."""
    return shipment.state not in {ShipmentState.BOOKING, ShipmentState.CANCELLED}


def get_shipment_row(shipment_id: UUID) -> Shipment:
    """Raises ShipmentNotFound."""
    shipment = _shipment.first(shipment_id=shipment_id)
    if shipment is None:
        raise ShipmentNotFound()
    return shipment


def get_shipment(shipment_id: UUID) -> ShipmentView:
    """Raises ShipmentNotFound."""
    return view_of(get_shipment_row(shipment_id))


def get_shipment_for(shipment_id: UUID, *, actor: Actor, seller_only: bool = False) -> ShipmentView:
    """The shipment, for its seller, its buyer and operators. Raises ShipmentNotFound for everyone else."""
    view = get_shipment(shipment_id)
    parties = (view.seller_id,) if seller_only else (view.seller_id, view.buyer_id)
    if (actor.is_operator and not seller_only) or any(actor.acts_for(party) for party in parties):
        return view
    raise ShipmentNotFound()


def find_shipment_by_number(number: str) -> ShipmentView | None:
    """By the platform's waybill."""
    shipment = _shipments().filter(waybill=number).first()
    return view_of(shipment) if shipment else None


def find_own_shipment(text: str, *, sender_id: UUID) -> ShipmentView | None:
    """A sender's shipment by what stands on its label: the SSCC of a parcel, or the waybill."""
    number = number_on_label(text)
    same = {"parcels__sscc": number} if number.isdigit() else {"waybill": number}
    shipment = _shipments().filter(seller_id=sender_id, **same).first()
    return view_of(shipment) if shipment else None


def list_handed_over(sender_id: UUID, *, limit: int) -> list[Shipment]:
    """What a sender gave away last, newest first."""
    given = _shipments().filter(seller_id=sender_id, handover_declared_at__isnull=False)
    return list(given.order_by("-handover_declared_at", "id")[:limit])


def list_shipments_for_orders(order_ids: Iterable[UUID]) -> dict[UUID, ShipmentView]:
    """Order id -> its live shipment, else its last cancelled one; one query."""
    rows = _of_orders.all(ids=list(order_ids)[:MAX_LISTED])
    rows.sort(key=lambda row: row.state != ShipmentState.CANCELLED)  # the live one comes last and stays
    return {shipment.order_id: view_of(shipment) for shipment in rows}


def find_live_shipment_id(order_id: UUID) -> UUID | None:
    """The order's shipment that is not cancelled."""
    shipment = _live.first(order_id=order_id)
    return shipment.id if shipment else None


def addresses_of(shipment_id: UUID) -> tuple[Address, Address]:
    """(sender, recipient)."""
    rows = {row.kind: _address(row) for row in _addresses.all(shipment_id=shipment_id)}
    return rows["SENDER"], rows["RECIPIENT"]


def _address(row: ShipmentAddress) -> Address:
    return Address(
        name=row.name, street=row.street, city=row.city, postcode=row.postcode, country=row.country, region=row.region,
        phone=row.phone,
    )  # fmt: skip


def parcel_of(shipment_id: UUID) -> Parcel:
    """The shipment's first parcel."""
    parcel = _first_parcel.first(shipment_id=shipment_id)
    assert parcel is not None  # booked with its shipment
    return parcel


def booking_order(shipment: Shipment) -> BookingOrder:
    """What the carrier is asked; our id is the reference that makes the call idempotent."""
    sender, recipient = addresses_of(shipment.id)
    first, *more = (_spec(row) for row in Parcel.objects.filter(shipment=shipment).order_by("position"))
    return BookingOrder(
        reference=str(shipment.id), service_code=shipment.service_id, sender=sender, recipient=recipient, parcel=first,
        more=tuple(more),
    )  # fmt: skip


def _spec(row: Parcel) -> ParcelSpec:
    marks = frozenset(map(HandlingMark, row.marks))
    return ParcelSpec(row.weight_grams, row.length_mm, row.width_mm, row.height_mm, marks=marks)


def has_open_call(shipment: Shipment) -> bool:
    """True when the carrier still has to be told of a booking, a cancellation or a hand-over."""
    if shipment.state == ShipmentState.CANCELLED:
        return shipment.voided_at is None
    if shipment.state == ShipmentState.BOOKED:
        return shipment.handover_declared_at is not None and shipment.handover_announced_at is None
    return shipment.state == ShipmentState.BOOKING


def lock_shipment(shipment_id: UUID) -> Shipment:
    """The row, locked until the transaction ends. Raises ShipmentNotFound."""
    shipment = _locked.first(shipment_id=shipment_id)
    if shipment is None:
        raise ShipmentNotFound()
    return shipment


def shipments_by_carrier_number(carrier_code: str, numbers: Iterable[str]) -> dict[str, UUID]:
    """Carrier number -> shipment id, in one query; its last condition is a constant, so that the partial index serves it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT carrier_number, id FROM logistics_shipment"
            " WHERE carrier_id = %s AND carrier_number = ANY(%s) AND carrier_number <> ''",
            [carrier_code, list(set(numbers))],
        )
        return dict(cursor.fetchall())


def list_due_calls(*, now: datetime, limit: int, carrier_code: str = "") -> list[Shipment]:
    """Shipments that have something to tell their carrier (or this one): a booking, a hand-over or a cancellation."""
    due = _of_carrier(carrier_code).filter(call_due_at__lte=now).select_related("carrier")
    return list(due.order_by("call_due_at", "id")[:limit])


def list_due_polls(*, now: datetime, limit: int, carrier_code: str = "") -> Sequence[Shipment]:
    """Parcels whose carrier (or this one) is to be asked now, with their carriers."""
    due = _of_carrier(carrier_code).filter(poll_due_at__lte=now).select_related("carrier")
    return list(due.order_by("poll_due_at", "id")[:limit])


def list_silent(*, now: datetime, limit: int) -> list[UUID]:
    """Parcels that have been silent for too long, the longest first."""
    silent = Shipment.objects.filter(silent_at__lte=now, state=ShipmentState.HANDED_OVER)
    return list(silent.order_by("silent_at", "id").values_list("id", flat=True)[:limit])


def _of_carrier(code: str) -> QuerySet[Shipment]:
    return Shipment.objects.filter(carrier_id=code) if code else Shipment.objects.all()


_KEPT = Count("id", filter=Q(kept_promise=True))


def promise_records(seller_ids: Iterable[UUID]) -> dict[UUID, PromiseRecord]:
    """Seller -> kept and scored promises; one query."""
    rows = (
        Shipment.objects.filter(
            seller_id__in=list(seller_ids)[:MAX_LISTED], kept_promise__isnull=False, purpose=ShipmentPurpose.ORDER
        )
        .values_list("seller_id")
        .annotate(kept=_KEPT, total=Count("id"))
        .order_by()
    )
    return {seller: PromiseRecord(kept=kept, total=total) for seller, kept, total in rows}


def carrier_promise_records() -> dict[str, PromiseRecord]:
    """Carrier -> kept and scored promises; one query."""
    rows = (
        Shipment.objects.filter(kept_promise__isnull=False)
        .values_list("carrier_id")
        .annotate(kept=_KEPT, total=Count("id"))
        .order_by()
    )
    return {carrier: PromiseRecord(kept=kept, total=total) for carrier, kept, total in rows}


def label_pdf(shipment_id: UUID) -> bytes:
    """The label, drawn on request. Raises ShipmentNotFound, LabelNotReady."""
    return render_pdf([_label_of(shipment_id)])


def label_zpl(shipment_id: UUID) -> bytes:
    """`label_pdf` for label printers (ZPL II)."""
    return render_zpl([_label_of(shipment_id)])


def customs_papers(shipment_id: UUID, lines: Sequence[CustomsLine]) -> bytes:
    """CN 23 and commercial invoice of a parcel with these goods (PDF). Raises ShipmentNotFound, NoCustoms."""
    shipment = get_shipment_row(shipment_id)
    if not lines or not crosses_customs(shipment.origin_country, shipment.destination_country):
        raise NoCustoms()
    sender, recipient = addresses_of(shipment_id)
    grams = sum(Parcel.objects.filter(shipment_id=shipment_id).values_list("weight_grams", flat=True))
    return render_papers(Papers(
        waybill=shipment.waybill, reference=shipment.reference, made_on=shipment.booked_at.date(), sender=sender,
        recipient=recipient, lines=lines, gross_grams=grams, postage=Money(shipment.price_minor, shipment.currency),
    ))  # fmt: skip


def find_carrier_label(shipment_id: UUID) -> bytes | None:
    """The label a real carrier sold for the shipment (PDF); None where ours is the only one."""
    labels = CarrierBooking.objects.filter(reference=str(shipment_id)).values_list("label", flat=True)
    return bytes(labels[0]) or None if labels else None


def _label_of(shipment_id: UUID) -> LabelData:
    shipment = get_shipment_row(shipment_id)
    if not is_label_ready(shipment):
        raise LabelNotReady()
    return next(iter(_labels([shipment])))


def labels_for(shipment_ids: Sequence[UUID], *, actor: Actor) -> list[LabelData]:
    """The labels of a seller's own shipments, in this order, in three queries; at most MAX_LABELS.

    Raises ShipmentNotFound when one is not the actor's, LabelNotReady when one is not confirmed or cancelled.
    """
    wanted = list(dict.fromkeys(shipment_ids))[:MAX_LABELS]
    rows = {row.id: row for row in _shipments().filter(id__in=wanted)}
    if not wanted or any(key not in rows or not actor.acts_for(rows[key].seller_id) for key in wanted):
        raise ShipmentNotFound()
    if not all(is_label_ready(row) for row in rows.values()):
        raise LabelNotReady()
    return _labels([rows[key] for key in wanted])


def _labels(rows: Sequence[Shipment]) -> list[LabelData]:
    """One label for each parcel of these shipments."""
    ids = [row.id for row in rows]
    places: dict[tuple[UUID, str], Address] = {
        (row.shipment_id, row.kind): _address(row) for row in ShipmentAddress.objects.filter(shipment_id__in=ids)
    }
    parcels: dict[UUID, list[Parcel]] = {}
    for parcel in Parcel.objects.filter(shipment_id__in=ids).order_by("position"):
        parcels.setdefault(parcel.shipment_id, []).append(parcel)
    ways = legs_of(row.id for row in rows if row.service_id == ROUTE_SERVICE)
    return [
        LabelData(
            waybill=row.waybill, sscc=parcel.sscc, reference=row.reference, contents=row.contents,
            weight_grams=parcel.weight_grams, sender=places[row.id, "SENDER"], recipient=places[row.id, "RECIPIENT"],
            position=parcel.position, pieces=len(parcels[row.id]), marks=tuple(parcel.marks),
            **_first_carrier(row, ways.get(row.id, ())),
        )
        for row in rows
        for parcel in parcels[row.id]
    ]  # fmt: skip


def _first_carrier(row: Shipment, legs: Sequence[ShipmentLeg]) -> dict[str, str]:
    """Who gets the parcel from the sender, under which number, and to which hub of a route it goes first."""
    first = legs[0] if legs else None
    if first is None or first.end is None:
        return {
            "carrier_name": row.carrier.name, "service_name": row.service.name, "carrier_number": row.carrier_number
        }  # fmt: skip
    return {
        "carrier_name": first.carrier.name, "service_name": first.service.name,
        "carrier_number": first.carrier_number, "first_hub": f"{first.end.country}-{first.end.code}",
    }  # fmt: skip


def list_to_ship(seller_id: UUID) -> QuerySet[Shipment]:
    """A seller's confirmed shipments that were not handed over yet, the most urgent first; for a paged list."""
    waiting = _shipments().filter(seller_id=seller_id, state=ShipmentState.BOOKED, handover_declared_at=None)
    return waiting.prefetch_related("parcels").order_by("promise__ship_by", "id")
