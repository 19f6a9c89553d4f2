"""What the house knows about an order, for a bank that decides a chargeback (payments.contracts.EvidenceSource)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from logistics import facade as logistics
from marketplace import facade as marketplace
from marketplace.contracts import OrderNotFound
from payments.contracts import EvidenceParcel, OrderEvidence
from trust import facade as trust


class HouseEvidence:
    """The order and its conversation from marketplace, its parcel from logistics, its dispute from trust."""

    def collect(self, order_id: UUID) -> OrderEvidence | None:
        """None when the marketplace does not know the order."""
        try:
            order = marketplace.get_order(order_id)
        except OrderNotFound:
            return None
        return OrderEvidence(
            order_id=order_id, number=order.number, seller_name=order.seller_name, buyer_name=order.buyer_name,
            placed_at=order.placed_at, paid_at=order.paid_at, total=order.total,
            lines=tuple((line.title, line.quantity, line.unit_price * line.quantity) for line in order.lines),
            delivery_address=_address(order_id),
            parcels=_parcels(order_id),
            messages=_messages(order_id),
        )  # fmt: skip


def _messages(order_id: UUID) -> tuple[tuple[datetime, str, str], ...]:
    """What was written about the order, in its conversation and in a dispute, in the order it was said."""
    said = [(message.at, message.side.value, message.text) for message in marketplace.order_messages(order_id)]
    dispute = trust.get_dispute_for_order(order_id)
    said += [(message.at, message.party.value, message.text) for message in dispute.messages] if dispute else []
    return tuple(sorted(said))


def _address(order_id: UUID) -> str:
    """Where it went; a step of an agreement has no address of its own."""
    try:
        place = marketplace.delivery_place(order_id)
    except OrderNotFound:
        return ""
    return f"{place.name}, {place.street}, {place.postcode} {place.city}, {place.country}"


def _parcels(order_id: UUID) -> tuple[EvidenceParcel, ...]:
    shipment = logistics.find_shipment_for_order(order_id)
    if shipment is None:
        return ()
    story = sorted(logistics.timeline(shipment.shipment_id), key=lambda entry: entry.at)
    return (
        EvidenceParcel(
            carrier=shipment.carrier_name, tracking_number=shipment.carrier_number or shipment.tracking_number,
            delivered_at=shipment.delivered_at,
            events=tuple((entry.at, f"{entry.title} {entry.place}".strip()) for entry in story),
        ),
    )  # fmt: skip
