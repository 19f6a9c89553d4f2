"""Orders that go out in parts: parcels of some pieces, and pieces that will not come.

An order goes out whole (services.book_shipment; logistics carries the order's id) or in parcels (logistics carries theirs).
The buyer's inspection runs from the last parcel's delivery on; single lines can be released earlier.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.events import marketplace as events
from core.ids import new_id
from core.money import Money
from core.outbox.services import publish
from core.states import next_state
from logistics import facade as logistics
from logistics.contracts import ShipmentAlreadyHandedOver
from marketplace.addresses.rules import shipping_address
from marketplace.carts.rules import combined_parcel
from marketplace.contracts import OrderNotFound, OrderState
from marketplace.orders.balances import checked_pieces
from marketplace.orders.models import Order, OrderLine, OrderParcel, ParcelLine
from marketplace.orders.rules import SHIP_GRACE, NothingUnsent, ParcelNotFound, quote_of, share_of
from marketplace.orders.selectors import (
    find_parcel_order,
    get_parcel,
    line_balances,
    live_parcels,
    lock_order,
    order_facts,
    overdue_rests,
    parcel_customs_lines,
    parcels_of,
)
from marketplace.orders.services import (
    cancel_order,
    lock_own_sale,
    mark_delivered,
    mark_shipped,
    move_order,
    void_label,
)
from marketplace.orders.states import TRANSITIONS, UNSENT, OrderAction
from marketplace.stock.allocation import put_back
from marketplace.stock.selectors import sender_of
from payments import facade as payments
from payments.contracts import RefundDuringDispute, RefundTooLarge

A, S = OrderAction, OrderState
MAX_PARCELS = 50
CLOCK = Actor.system("orders")

# ------------------------------------------------------------------------------------------------ packing


def pack_parcel(
    *, order_id: UUID, pieces: Mapping[UUID, int], actor: Actor, now: datetime, key: str = ""
) -> OrderParcel:
    """Buy a label for some pieces of an order (the seller); the rest follows later. Calls the carrier after the commit.

    `pieces` by line; the same `key` again returns the first parcel. A label for the whole order that was not used is
    voided. Locks the order. Raises OrderNotFound, TransitionRefused (not to be shipped), InvalidInput (nothing chosen, more
    than is left), ShipmentAlreadyHandedOver (the whole order is on its way).
    """
    with transaction.atomic():
        order = lock_own_sale(order_id=order_id, actor=actor)
        known = order.parcels.filter(key=key).first() if key else None
        if known is not None:
            return known
        next_state(TRANSITIONS, S(order.state), A.SHIP_PART)
        chosen = checked_pieces(pieces, line_balances(order.id))
        number = order.parcels.count() + 1
        if number > MAX_PARCELS:
            raise InvalidInput("That is too many parcels for one order.", field="lines")
        void_label(subject_id=order.id, actor=actor, reason="the order goes out in parts", now=now)
        parcel = OrderParcel.objects.create(order=order, number=number, key=key[:120], packed_at=now)
        ParcelLine.objects.bulk_create(
            ParcelLine(parcel=parcel, line_id=line_id, quantity=quantity)
            for line_id, quantity in sorted(chosen.items())
        )
        shipment_id = _book(order, parcel, chosen, actor=actor, now=now)
    logistics.confirm_booking(shipment_id=shipment_id, now=now)
    return parcel


def _book(order: Order, parcel: OrderParcel, pieces: Mapping[UUID, int], *, actor: Actor, now: datetime) -> UUID:
    lines = list(OrderLine.objects.filter(id__in=pieces).select_related("listing").order_by("id"))
    spec = combined_parcel((pieces[line.id], line.listing) for line in lines)
    listing_ids = {line.listing_id for line in lines}
    sender = sender_of(order_id=order.id, listing_ids=listing_ids, shop=order.seller.address)
    booked = logistics.book_shipment(
        order_id=parcel.id, seller_id=order.seller_id, buyer_id=order.buyer_id,
        service_code=order.delivery["service_code"], sender=shipping_address(sender),
        recipient=shipping_address(order.purchase.address), parcel=spec, quote=quote_of(order.delivery),
        reference=f"{order.number}-{parcel.number}",
        contents=", ".join(f"{pieces[li.id]} x {li.title}" for li in lines)[:120], actor=actor, now=now,
    )  # fmt: skip
    return booked.shipment_id


def void_parcel(*, order_id: UUID, parcel_id: UUID, actor: Actor, now: datetime) -> None:
    """Unpack a parcel that was not handed over: its label is void. Twice changes nothing.

    Raises ParcelNotFound, ShipmentAlreadyHandedOver.
    """
    with transaction.atomic():
        order = lock_own_sale(order_id=order_id, actor=actor)
        parcel = get_parcel(order_id=order.id, parcel_id=parcel_id)
        if parcel.is_live:
            _unpack(parcel, actor=actor, now=now)


def _unpack(parcel: OrderParcel, *, actor: Actor, now: datetime) -> None:
    void_label(subject_id=parcel.id, actor=actor, reason="the parcel was unpacked", now=now)
    parcel.voided_at = now
    parcel.save(update_fields=["voided_at"])


def hand_over_parcel(*, order_id: UUID, parcel_id: UUID, actor: Actor, now: datetime) -> None:
    """The carrier has this parcel. Outside of transactions. Raises OrderNotFound, ParcelNotFound, TransitionRefused."""
    parcel = get_parcel(order_id=order_id, parcel_id=parcel_id)
    if not actor.acts_for(parcel.order.seller_id):
        raise OrderNotFound()
    shipment = logistics.find_shipment_for_order(parcel.id)
    if shipment is None:
        raise ParcelNotFound()
    logistics.hand_over(shipment_id=shipment.shipment_id, actor=actor, now=now)


def customs_papers(*, order_id: UUID, parcel_id: UUID, actor: Actor) -> bytes:
    """CN 23 and commercial invoice of one parcel of an order, with its own pieces and their value (the seller), as PDF.

    Raises OrderNotFound, ParcelNotFound (also while it has no label), NoCustoms.
    """
    parcel = get_parcel(order_id=order_id, parcel_id=parcel_id)
    if not actor.acts_for(parcel.order.seller_id):
        raise OrderNotFound()
    shipment = logistics.find_shipment_for_order(parcel.id)
    if shipment is None or not parcel.is_live:
        raise ParcelNotFound()
    return logistics.customs_papers(shipment_id=shipment.shipment_id, lines=parcel_customs_lines(parcel.id))


def list_parcels(order_id: UUID) -> list[dict[str, Any]]:
    """The parcels of an order that were not unpacked, with pieces and shipment; three queries."""
    found = parcels_of(order_id)
    shipments = logistics.list_shipments_for_orders(parcel.id for parcel in found)
    return [
        {"parcel": parcel, "lines": list(parcel.lines.all()), "shipment": shipments.get(parcel.id)} for parcel in found
    ]


# ------------------------------------------------------------------------------------------------ on the way


def follow_hand_over(*, subject_id: UUID, shipped_at: datetime, actor: Actor, now: datetime) -> None:
    """The carrier scanned something of ours: a whole order, or one of its parcels. Twice, or late, changes nothing."""
    order_id = find_parcel_order(subject_id)
    if order_id is None:
        mark_shipped(order_id=subject_id, shipped_at=shipped_at, actor=actor, now=now)
        return
    with transaction.atomic():
        order = lock_order(order_id)
        parcel = get_parcel(order_id=order_id, parcel_id=subject_id)
        if parcel.shipped_at is None and parcel.is_live:
            parcel.shipped_at = shipped_at
            parcel.save(update_fields=["shipped_at"])
            _sent(order, at=shipped_at, actor=actor, now=now)


def follow_delivery(
    *, subject_id: UUID, delivered_at: datetime, kept_promise: bool, actor: Actor, now: datetime
) -> None:
    """Something of ours arrived: a whole order, or one of its parcels. Twice changes nothing."""
    order_id = find_parcel_order(subject_id)
    if order_id is None:
        mark_delivered(
            order_id=subject_id, delivered_at=delivered_at, kept_promise=kept_promise, actor=actor, now=now
        )  # fmt: skip
        return
    with transaction.atomic():
        follow_hand_over(subject_id=subject_id, shipped_at=delivered_at, actor=actor, now=now)
        order = lock_order(order_id)
        parcel = get_parcel(order_id=order_id, parcel_id=subject_id)
        if parcel.delivered_at is None and parcel.is_live:
            parcel.delivered_at, parcel.kept_promise = delivered_at, kept_promise
            parcel.save(update_fields=["delivered_at", "kept_promise"])
            _arrive(order, actor=actor, now=now)


def follow_loss(*, parcel_id: UUID, actor: Actor, now: datetime) -> None:
    """The carrier gave a parcel up: its pieces are paid back, and the order goes on with the others. Once.

    When nothing else is left everything is paid back.
    """
    with transaction.atomic():
        order_id = find_parcel_order(parcel_id)
        assert order_id is not None, "the caller looked"
        order = lock_order(order_id)
        parcel = get_parcel(order_id=order_id, parcel_id=parcel_id)
        if not parcel.is_live or parcel.delivered_at is not None:
            return
        parcel.lost_at = now
        parcel.save(update_fields=["lost_at"])
        pieces = dict(parcel.lines.values_list("line_id", "quantity"))
        try:
            with transaction.atomic():
                _pay_back(order, pieces, key=f"lost-{parcel.id}", reason="The carrier lost the parcel", now=now)
        except (RefundDuringDispute, RefundTooLarge):
            return  # the dispute's decision moves the money; or it is with the buyer already
        _arrive(order, actor=actor, now=now)


def _sent(order: Order, *, at: datetime, actor: Actor, now: datetime) -> None:
    """A parcel left: the order is on its way, wholly or in part. The caller holds the order's lock."""
    if order.state not in UNSENT:
        return  # in dispute: what was sent counts when it goes on
    payments.mark_shipped(order_id=order.id, actor=actor, now=now)
    if any(one.to_ship for one in line_balances(order.id).values()):
        move_order(order=order, action=A.SHIP_PART, actor=actor, now=now)
    else:
        mark_shipped(order_id=order.id, shipped_at=at, actor=actor, now=now)


def _arrive(order: Order, *, actor: Actor, now: datetime) -> None:
    """The inspection begins once every piece that is to come has come. The caller holds the order's lock."""
    parcels = live_parcels(order.id)
    if any(one.to_ship for one in line_balances(order.id).values()) or not parcels:
        return
    delivered = [parcel.delivered_at for parcel in parcels if parcel.delivered_at is not None]
    if len(delivered) == len(parcels):
        mark_delivered(
            order_id=order.id, delivered_at=max(delivered), actor=actor, now=now,
            kept_promise=all(parcel.kept_promise for parcel in parcels),
        )  # fmt: skip


# ------------------------------------------------------------------------------------------------ what will not come


def cancel_pieces(*, order_id: UUID, pieces: Mapping[UUID, int], reason: str, actor: Actor, now: datetime) -> None:
    """Some pieces that nobody packed will not come: their price goes back, they are on sale again, the rest goes on.

    For the buyer, the seller, operators and the system. All that was sold, with nothing sent: the order is cancelled with
    its delivery. Locks the order, then the escrow. Publishes OrderReduced. Raises OrderNotFound, NothingUnsent,
    InvalidInput (nothing chosen, more than is left), RefundDuringDispute, ShipmentAlreadyHandedOver.
    """
    with transaction.atomic():
        order = lock_order(order_id)
        is_party = actor.acts_for(order.buyer_id) or actor.acts_for(order.seller_id)
        if not (is_party or actor.is_operator or actor.is_system):
            raise OrderNotFound()
        if order.state not in UNSENT:
            raise NothingUnsent()
        left = line_balances(order.id)
        chosen = checked_pieces(pieces, left)
        if order.state == S.PAID and all(chosen.get(one.line_id, 0) == one.kept for one in left.values()):
            cancel_order(order_id=order.id, reason=reason, actor=actor, now=now)
            return
        void_label(subject_id=order.id, actor=CLOCK, reason="some pieces will not come", now=now)
        amount = _pay_back(order, chosen, key=f"less-{new_id()}", reason=reason, now=now)
        lines = OrderLine.objects.filter(id__in=chosen)
        back = {line.listing_id: chosen[line.id] for line in lines}
        put_back(order_id=order.id, quantities=back, actor=actor, now=now)
        _reduced(order, chosen, amount, reason=reason, actor=actor, now=now)


def _reduced(
    order: Order, pieces: Mapping[UUID, int], amount: Money, *, reason: str, actor: Actor, now: datetime
) -> None:
    detail = {str(line_id): quantity for line_id, quantity in pieces.items()}
    move_order(order=order, action=A.REDUCE, actor=actor, now=now, reason=reason, detail=detail)
    publish(
        events.OrderReduced(**order_facts(order, now), pieces=sum(pieces.values()), amount=amount, reason=reason),
        actor=actor, now=now,
    )  # fmt: skip
    left = line_balances(order.id).values()
    if any(one.to_ship for one in left) or not any(one.kept for one in left):
        return  # more is to come; or everything was paid back, and the money closes the order
    sent = [parcel.shipped_at for parcel in live_parcels(order.id) if parcel.shipped_at is not None]
    mark_shipped(order_id=order.id, shipped_at=max(sent), actor=CLOCK, now=now)
    _arrive(order, actor=CLOCK, now=now)


def _pay_back(order: Order, pieces: Mapping[UUID, int], *, key: str, reason: str, now: datetime) -> Money:
    """The price of pieces, on the running total of their line, so that no cent is lost; with the last piece everything.

    Of a line that was refunded already, what is left of it.
    """
    paid = {line.ref: line.amount - line.refunded for line in payments.list_escrow_lines(order.id)}
    parts: dict[str, Money | None] = {}
    total = Money.zero(order.currency)
    lines = list(OrderLine.objects.filter(order=order).order_by("id"))
    for line in lines:
        quantity = pieces.get(line.id, 0)
        share = share_of(line.total.minor, before=line.cancelled, pieces=quantity, of=line.quantity)
        part = Money(min(share, paid[str(line.id)].minor), order.currency)
        if part:
            parts[str(line.id)], total = part, total + part
        line.cancelled += quantity
    OrderLine.objects.bulk_update(lines, ["cancelled"])
    is_last = not any(line.kept for line in lines)
    if parts or is_last:
        payments.refund(
            order_id=order.id, lines=None if is_last else parts, reason=reason[:500], key=key,
            actor=CLOCK, now=now,
        )  # fmt: skip
    return total


def cancel_overdue_rests(*, now: datetime, limit: int = 100) -> int:
    """What was not sent some days after its deadline goes back to the buyer. Returns how many orders that was."""
    overdue = overdue_rests(before=now - SHIP_GRACE, limit=limit)
    for order_id in overdue:
        with suppress(ShipmentAlreadyHandedOver), transaction.atomic():  # handed over: its scan is waited for
            order = lock_order(order_id)
            for parcel in live_parcels(order_id):
                if parcel.shipped_at is None:
                    _unpack(parcel, actor=CLOCK, now=now)
            pieces = {one.line_id: one.free for one in line_balances(order_id).values()}
            if order.state == S.PARTLY_SHIPPED:
                cancel_pieces(order_id=order_id, pieces=pieces, reason="Not shipped in time", actor=CLOCK, now=now)
    return len(overdue)
