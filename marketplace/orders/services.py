"""Writes of orders: paid, shipped, delivered, completed, cancelled, and what a dispute does to an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed, TransitionRefused
from core.events import marketplace as events
from core.money import Money
from core.outbox.services import publish, publish_all
from core.statements import insert, update
from core.states import next_state
from logistics import facade as logistics
from logistics.contracts import HandlingMark, PackedParcel, ParcelSpec, ShipmentState
from marketplace.addresses.rules import shipping_address
from marketplace.carts.rules import combined_parcel, pieces_of
from marketplace.catalog.services import give_back_reservation, sell_reserved
from marketplace.contracts import OrderNotFound, OrderState, PaymentUnderWay
from marketplace.orders.models import Order, OrderLine, OrderTransition, Purchase
from marketplace.orders.rules import SHIP_GRACE, is_shipped_on_time, quote_of, shifted_promise
from marketplace.orders.selectors import (
    event_lines,
    find_locked_order,
    get_order_for,
    line_balances,
    lines_by_order,
    live_parcels,
    lock_order,
    lock_orders_of,
    order_facts,
    order_to_ship,
    quantities_of,
    unsent_pieces,
)
from marketplace.orders.states import RELEASABLE, TRANSITIONS, UNSENT, OrderAction
from marketplace.promotions.services import give_back
from marketplace.stock.allocation import choose_places, put_back
from marketplace.stock.selectors import sender_of
from payments import facade as payments
from payments.contracts import ChargeAlreadyCaptured, DeliveryKind, EscrowState, EscrowView

# ------------------------------------------------------------------------------------------------ paying


def confirm_payment(*, purchase_id: UUID, actor: Actor, now: datetime) -> None:
    """The money is in escrow: orders become PAID, reserved pieces leave the stock, ship deadlines are armed.

    Goods at several places leave the one that is chosen now. Locks the orders in id order, then stock. Publishes
    OrderPaid per order. Saying it twice changes nothing.
    """
    with transaction.atomic():
        orders = [o for o in lock_orders_of(purchase_id) if o.state == OrderState.AWAITING_PAYMENT]
        if not orders:
            return
        lines = lines_by_order(orders)
        spread = sell_reserved(quantities=_pieces(lines))
        if spread:
            pieces = {order_id: _pieces({order_id: own}) for order_id, own in lines.items()}
            choose_places(orders=pieces, spread=spread, actor=actor, now=now)
        _shift_promises(orders, now=now)
        _move_all(orders, OrderAction.PAY, actor=actor, now=now, paid_at=now)
        payments.arm_ship_deadlines(due_at={order.id: order.ship_by + SHIP_GRACE for order in orders})
        update(Purchase(id=purchase_id, paid_at=now), columns=["paid_at"])
        paid = [
            events.OrderPaid(**order_facts(order, now), total=order.total, lines=event_lines(lines[order.id]))
            for order in orders
        ]
        publish_all(paid, actor=actor, now=now)


def _shift_promises(orders: list[Order], *, now: datetime) -> None:
    """A transfer that took days moves what was promised at checkout by as many whole days."""
    for order in orders:
        shifted = shifted_promise(
            delivery=order.delivery, ship_by=order.ship_by, promised_latest=order.promised_latest,
            days=(now - order.placed_at).days,
        )  # fmt: skip
        if shifted:
            Order.objects.filter(id=order.id).update(**shifted)
            for name, value in shifted.items():
                setattr(order, name, value)


def expire_purchase(*, purchase_id: UUID, now: datetime) -> None:
    """Close a purchase nobody paid in time: stock is free again; money that still arrives is sent back by payments.

    Changes nothing when the money came in the same moment.
    """
    _close_unpaid(
        purchase_id=purchase_id, by="SYSTEM", reason="not paid in time", actor=Actor.system("expiry"), now=now
    )


def _close_unpaid(*, purchase_id: UUID, by: str, reason: str, actor: Actor, now: datetime) -> bool:
    """True when it was closed now or before; False when it is paid or being paid in this moment."""
    with transaction.atomic():
        orders = lock_orders_of(purchase_id)
        if any(order.state != OrderState.AWAITING_PAYMENT for order in orders):
            return all(order.state == OrderState.CANCELLED for order in orders)
        purchase = Purchase.objects.get(id=purchase_id)
        try:
            payments.cancel_charge(charge_id=purchase.charge_id, actor=actor, now=now)
        except ChargeAlreadyCaptured:
            return False  # the money came in the same moment; confirm_payment follows
        give_back_reservation(quantities=quantities_of(orders))
        for order in orders:
            _cancel(order, by=by, reason=reason, was_paid=False, actor=actor, now=now)
        Purchase.objects.filter(id=purchase_id).update(closed_at=now)
    return True


# ------------------------------------------------------------------------------------------------ shipping


def book_shipment(*, order_id: UUID, actor: Actor, now: datetime, parcels: Sequence[ParcelSpec] = ()) -> UUID:
    """Buy the label the order was sold with (the seller). Returns the shipment's id; calls the carrier after commit.

    `parcels`: how the seller packed it; without them as proposed. What the buyer paid stays. Asking again returns the same
    shipment. Raises OrderNotFound, TransitionRefused (not to be shipped), InvalidParcel (more than the service takes).
    """
    with transaction.atomic():
        order = lock_own_sale(order_id=order_id, actor=actor)
        if order.state == OrderState.PARTLY_SHIPPED or live_parcels(order.id):
            raise TransitionRefused("This order goes out in parts.", remedy="Pack the rest into a parcel of its own.")
        next_state(TRANSITIONS, OrderState(order.state), OrderAction.SHIP)
        order, goods = order_to_ship(order_id)
        lines, recipient = [line for line in goods if line.kept], order.purchase.address
        listing_ids = {line.listing_id for line in lines}
        sender = sender_of(order_id=order.id, listing_ids=listing_ids, shop=order.seller.address)
        proposed = [packed.spec for packed in packing_of(order, lines)]
        first, *more = _marked(parcels, proposed) if parcels else proposed
        shipment = logistics.book_shipment(
            order_id=order.id, seller_id=order.seller_id, buyer_id=order.buyer_id,
            service_code=order.delivery["service_code"], sender=shipping_address(sender),
            recipient=shipping_address(recipient), parcel=first, more=more, quote=quote_of(order.delivery),
            reference=order.number, contents=", ".join(f"{li.kept} x {li.title}" for li in lines)[:120],
            actor=actor, now=now,
        )  # fmt: skip
    logistics.confirm_booking(shipment_id=shipment.shipment_id, now=now)
    return shipment.shipment_id


def hand_over(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The seller says that the carrier has the parcel. Raises InvalidInput when there is no label yet."""
    order = get_order_for(order_id=order_id, actor=actor)
    if not actor.acts_for(order.seller_id):
        raise OrderNotFound()
    shipment = logistics.find_shipment_for_order(order_id)
    if shipment is None:
        raise InvalidInput("There is no label yet.", field="shipment", remedy="Print the label first.")
    logistics.hand_over(shipment_id=shipment.shipment_id, actor=actor, now=now)


def void_label(*, subject_id: UUID, actor: Actor, reason: str, now: datetime) -> None:
    """The live label of an order or of one of its parcels, if there is one. Raises ShipmentAlreadyHandedOver."""
    shipment = logistics.find_shipment_for_order(subject_id)
    if shipment is not None and shipment.status is not ShipmentState.CANCELLED:
        logistics.cancel_shipment(shipment_id=shipment.shipment_id, actor=actor, reason=reason, now=now)


def mark_shipped(*, order_id: UUID, shipped_at: datetime, actor: Actor, now: datetime) -> None:
    """The carrier scanned the parcel. Saying it twice, or late, changes nothing."""
    with transaction.atomic():
        order = lock_order(order_id)
        if order.state not in UNSENT:
            return
        move_order(order=order, action=OrderAction.SHIP, actor=actor, now=now, shipped_at=shipped_at)
        payments.mark_shipped(order_id=order.id, actor=actor, now=now)
        on_time = is_shipped_on_time(ship_by=order.ship_by, shipped_at=shipped_at)
        publish(events.OrderShipped(**order_facts(order, now), on_time=on_time), actor=actor, now=now)


def mark_delivered(*, order_id: UUID, delivered_at: datetime, kept_promise: bool, actor: Actor, now: datetime) -> None:
    """The parcel arrived: the inspection runs. During a dispute only the date is noted. Twice changes nothing."""
    mark_shipped(order_id=order_id, shipped_at=delivered_at, actor=actor, now=now)  # the acceptance scan may be missing
    with transaction.atomic():
        order = lock_order(order_id)
        if order.delivered_at is not None:
            return
        order.delivered_at = delivered_at
        if order.state == OrderState.SHIPPED:
            move_order(order=order, action=OrderAction.DELIVER, actor=actor, now=now, delivered_at=delivered_at)
        else:
            order.save(update_fields=["delivered_at"])
        if order.state in {OrderState.DELIVERED, OrderState.DISPUTED}:
            kind = DeliveryKind(order.delivery["delivery_kind"])
            payments.mark_delivered(
                order_id=order.id, delivery_kind=kind, delivered_at=delivered_at, actor=actor, now=now
            )
            publish(events.OrderDelivered(**order_facts(order, now), kept_promise=kept_promise), actor=actor, now=now)


# ------------------------------------------------------------------------------------------------ the end


def confirm_receipt(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The buyer is content: the seller is paid. Raises OrderNotFound (not the buyer), TransitionRefused."""
    with transaction.atomic():
        order = _lock_own_purchase(order_id, actor)
        if order.state == OrderState.COMPLETED:
            return
        next_state(TRANSITIONS, OrderState(order.state), OrderAction.COMPLETE)
        payments.confirm_receipt(order_id=order.id, actor=actor, now=now)
        _complete(order, OrderAction.COMPLETE, actor=actor, now=now)


def complete_order(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The escrow was released (the inspection ended): the order is complete. Twice changes nothing."""
    with transaction.atomic():
        order = find_locked_order(order_id)
        if order is not None and order.state in {OrderState.SHIPPED, OrderState.DELIVERED}:
            _complete(order, OrderAction.COMPLETE, actor=actor, now=now)


def extend_inspection(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The buyer takes more time to look at the goods, once."""
    with transaction.atomic():
        order = _lock_own_purchase(order_id, actor)
        payments.extend_inspection(order_id=order.id, actor=actor, now=now)


def cancel_order(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Cancel before shipping (buyer, seller or operator): the money goes back, paid pieces return to the stock.

    An unpaid purchase is cancelled as a whole, by its buyer or the operator: it may hold goods of other sellers.
    Raises OrderNotFound, NotAllowed, PaymentUnderWay, TransitionRefused once shipped.
    """
    order = get_order_for(order_id=order_id, actor=actor)
    by = "OPERATOR" if actor.is_operator else "BUYER" if actor.acts_for(order.buyer_id) else "SELLER"
    if order.state == OrderState.AWAITING_PAYMENT:
        if by == "SELLER":
            raise NotAllowed("An unpaid order can be cancelled by its buyer only.")
        if not _close_unpaid(purchase_id=order.purchase_id, by=by, reason=reason, actor=actor, now=now):
            raise PaymentUnderWay()
        return
    with transaction.atomic():
        order = lock_order(order_id)
        if order.state == OrderState.CANCELLED:
            return
        next_state(TRANSITIONS, OrderState(order.state), OrderAction.CANCEL)
        # The label is the seller's; a buyer who cancels has it voided by the platform.
        voider = actor if actor.acts_for(order.seller_id) else Actor.system("cancellation")
        for subject_id in (order.id, *(parcel.id for parcel in live_parcels(order.id))):
            void_label(subject_id=subject_id, actor=voider, reason=reason, now=now)
        payments.refund_order(order_id=order.id, reason=reason, actor=actor, now=now)
        put_back(order_id=order.id, quantities=unsent_pieces(order.id), actor=actor, now=now)
        _cancel(order, by=by, reason=reason, was_paid=True, actor=actor, now=now)


def close_refunded(*, order_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The escrow was refunded: not shipped in time, given back by the seller, or taken by the buyer's bank.

    An order in dispute is closed by its dispute; one that is not of ours (a milestone) is left alone. Twice changes
    nothing.
    """
    with transaction.atomic():
        order = find_locked_order(order_id)
        if order is None:
            return
        if order.state == OrderState.PARTLY_SHIPPED:
            put_back(order_id=order.id, quantities=unsent_pieces(order.id), actor=actor, now=now)
        if order.state in {OrderState.PARTLY_SHIPPED, OrderState.SHIPPED, OrderState.DELIVERED}:
            move_order(order=order, action=OrderAction.REFUND, actor=actor, now=now, reason=reason, closed_at=now)
        if order.state != OrderState.PAID:
            return
        put_back(order_id=order.id, quantities=unsent_pieces(order.id), actor=actor, now=now)
        _cancel(order, by="SYSTEM", reason=reason, was_paid=True, actor=actor, now=now)


# ------------------------------------------------------------------------------------------------ disputes


def mark_disputed(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """A dispute was opened, in the caller's transaction. Raises TransitionRefused."""
    order = lock_order(order_id)
    move_order(order=order, action=OrderAction.DISPUTE, actor=actor, now=now)


def resume_after_dispute(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The dispute was withdrawn: the order goes on where the parcel is."""
    _resume(lock_order(order_id), actor=actor, now=now)


def settle_dispute(*, order_id: UUID, refund: Money, reason: str, actor: Actor, now: datetime) -> EscrowView:
    """Carry out a dispute's decision: the money moves, and the order follows the money. Joins the caller's transaction.

    Locks the order, then the escrow. Held money is left (only a part was disputed): the order goes on. Everything went
    back: refunded. Else it is complete. Raises TransitionRefused, and what payments.decide_escrow raises.
    """
    order = lock_order(order_id)
    next_state(TRANSITIONS, OrderState(order.state), OrderAction.SETTLE)
    escrow = payments.decide_escrow(order_id=order_id, refund=refund, reason=reason, actor=actor, now=now)
    if escrow.state is EscrowState.REFUNDED:
        move_order(order=order, action=OrderAction.REFUND, actor=actor, now=now, closed_at=now)
    elif escrow.held:
        _resume(order, actor=actor, now=now)
    else:
        _complete(order, OrderAction.SETTLE, actor=actor, now=now)
    return escrow


def _resume(order: Order, *, actor: Actor, now: datetime) -> None:
    action = OrderAction.RESUME if order.delivered_at else OrderAction.RESUME_ON_WAY
    if live_parcels(order.id) and any(one.to_ship for one in line_balances(order.id).values()):
        action = OrderAction.RESUME_IN_PART
    sent: dict[str, Any] = {} if order.shipped_at or action is OrderAction.RESUME_IN_PART else {"shipped_at": now}
    move_order(order=order, action=action, actor=actor, now=now, **sent)


# ------------------------------------------------------------------------------------------------ parts


def release_lines(*, order_id: UUID, lines: Sequence[str], actor: Actor, now: datetime) -> EscrowView:
    """The buyer is content with some lines: their money goes to the seller, the rest stays held. Cannot be undone.

    When nothing is left the order is complete. Raises OrderNotFound (not the buyer), UnknownLine (gone or frozen),
    InvalidInput (nothing chosen), TransitionRefused (not on its way yet, or over).
    """
    with transaction.atomic():
        order = _lock_own_purchase(order_id, actor)
        if not lines:
            raise InvalidInput("Choose at least one line.", field="lines")
        if order.state not in RELEASABLE:
            raise TransitionRefused("Money can be released while the goods are on their way or with you.")
        unsent = {str(one.line_id) for one in line_balances(order.id).values() if one.to_ship}
        if order.state == OrderState.PARTLY_SHIPPED and unsent & set(lines):
            raise TransitionRefused("Some pieces of this line were not sent yet.")
        escrow = payments.release_part(order_id=order.id, lines=lines, reason="", actor=actor, now=now)
        if not escrow.held and order.state != OrderState.DISPUTED:
            _complete(order, OrderAction.COMPLETE, actor=actor, now=now)
    return escrow


# ------------------------------------------------------------------------------------------------ shared steps


def _lock_own_purchase(order_id: UUID, actor: Actor) -> Order:
    order = lock_order(order_id)
    if not actor.acts_for(order.buyer_id):
        raise OrderNotFound()
    return order


def lock_own_sale(*, order_id: UUID, actor: Actor) -> Order:
    """The order, locked, for its seller. Raises OrderNotFound for everyone else."""
    order = lock_order(order_id)
    if not actor.acts_for(order.seller_id):
        raise OrderNotFound()
    return order


def move_order(
    *, order: Order, action: OrderAction, actor: Actor, now: datetime, reason: str = "",
    detail: Mapping[str, Any] | None = None, **columns: Any,
) -> None:  # fmt: skip
    """State, its transition record and the columns that go with it; the caller holds the row lock."""
    _move_all([order], action, actor=actor, now=now, reason=reason, detail=detail, **columns)


def _move_all(
    orders: list[Order], action: OrderAction, *, actor: Actor, now: datetime, reason: str = "",
    detail: Mapping[str, Any] | None = None, **columns: Any,
) -> None:  # fmt: skip
    """The same step for several locked orders, in two statements."""
    records = []
    for order in orders:
        before = OrderState(order.state)
        order.state = next_state(TRANSITIONS, before, action)
        for name, value in columns.items():
            setattr(order, name, value)
        records.append(
            OrderTransition(
                order=order, from_state=before, to_state=order.state, action=action, actor=actor.reference, reason=reason,
                at=now, detail=detail or {},
            )
        )  # fmt: skip
    for state in {order.state for order in orders}:
        update(*(o for o in orders if o.state == state), columns=["state", *columns])
    insert(*records)


def _complete(order: Order, action: OrderAction, *, actor: Actor, now: datetime) -> None:
    move_order(order=order, action=action, actor=actor, now=now, completed_at=now, closed_at=now)
    publish(events.OrderCompleted(**order_facts(order, now), total=order.total), actor=actor, now=now)


def _cancel(order: Order, *, by: str, reason: str, was_paid: bool, actor: Actor, now: datetime) -> None:
    move_order(order=order, action=OrderAction.CANCEL, actor=actor, now=now, reason=reason, closed_at=now)
    if order.code:
        give_back(purchase_id=order.purchase_id, order_id=order.id, seller_id=order.seller_id, now=now)
    event = events.OrderCancelled(**order_facts(order, now), by=by, reason=reason, was_paid=was_paid)
    publish(event, actor=actor, now=now)


def _pieces(lines: Mapping[UUID, list[OrderLine]]) -> dict[UUID, int]:
    totals: dict[UUID, int] = {}
    for group in lines.values():
        for line in group:
            totals[line.listing_id] = totals.get(line.listing_id, 0) + line.quantity
    return totals


def packing_of(order: Order, lines: Sequence[OrderLine]) -> tuple[PackedParcel, ...]:
    """How the lines (with their listings) would be packed; contents by the line's id."""
    return logistics.propose_parcels(
        pieces=pieces_of((str(line.id), line.kept, line.listing) for line in lines),
        stacked=combined_parcel((line.kept, line.listing) for line in lines), seller_id=order.seller_id,
    )  # fmt: skip


def _marked(parcels: Sequence[ParcelSpec], proposed: Sequence[ParcelSpec]) -> list[ParcelSpec]:
    """Parcels of the seller's own making need the care that any of the goods needs."""
    marks = frozenset[HandlingMark]().union(*(one.marks for one in proposed))
    return [replace(parcel, marks=marks) for parcel in parcels]
