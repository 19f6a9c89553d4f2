"""The door of logistics: quotes, shipments, tracking, and the simulated carrier network. Ids and contracts only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.money import Money
from logistics.carriers import gateways
from logistics.claims import services as claims
from logistics.contracts import (
    Address,
    CustomsLine,
    HintRequest,
    PackedParcel,
    ParcelSpec,
    Piece,
    Place,
    PromiseRecord,
    QuoteRequest,
    QuoteSet,
    ServiceQuote,
    ShipmentPurpose,
    ShipmentView,
    SimulationStep,
    TimelineEntry,
)  # fmt: skip
from logistics.network import offers
from logistics.packing import services as packing
from logistics.rates import services as rates
from logistics.shipments import selectors as shipments_read
from logistics.shipments import services as shipments
from logistics.tracking import scorecards, simulation
from logistics.tracking import selectors as tracking_read
from logistics.tracking import services as tracking


def quote(
    *, origin: Address | Place, destination: Address | Place, parcel: ParcelSpec, handling_days: int, now: datetime,
    currency: str = "EUR", more: Sequence[ParcelSpec] = (),
) -> QuoteSet:  # fmt: skip
    """Offers of all carriers, cheapest first, and why the others were rejected; `more`: further parcels. Raises InvalidParcel."""
    request = QuoteRequest(_place(origin), _place(destination), parcel, handling_days, currency, tuple(more))
    (found,) = offers.quote_many(requests=[request], now=now)
    return found


def quote_many(*, requests: Sequence[QuoteRequest], now: datetime) -> tuple[QuoteSet, ...]:
    """One QuoteSet for each request, in order; the number of queries does not depend on the number of requests."""
    return offers.quote_many(requests=requests, now=now)


def promise_hint(
    *, origin_country: str, destination_country: str, weight_grams: int, handling_days: int, currency: str,
    now: datetime,
) -> ServiceQuote | None:  # fmt: skip
    """The cheapest offer between two countries, for a search card; None when nobody goes there."""
    hint = HintRequest(origin_country, destination_country, weight_grams, handling_days, currency)
    return rates.promise_hints(requests=[hint], now=now)[0]


def promise_hints(*, requests: Sequence[HintRequest], now: datetime) -> tuple[ServiceQuote | None, ...]:
    """`promise_hint` for many cards, with constant queries."""
    return rates.promise_hints(requests=requests, now=now)


def book_shipment(
    *, order_id: UUID, seller_id: UUID, buyer_id: UUID, service_code: str, sender: Address, recipient: Address,
    parcel: ParcelSpec, quote: ServiceQuote, reference: str, contents: str, actor: Actor, now: datetime,
    purpose: str = ShipmentPurpose.ORDER, more: Sequence[ParcelSpec] = (),
) -> ShipmentView:  # fmt: skip
    """Record the wish to ship an order (state BOOKING); call `confirm_booking` after the commit.

    An order has one live shipment: asking again returns it. `purpose` RETURN or REPLACEMENT: `order_id` is the return's (or
    the new goods') id, and the seller of the shipment is who sends it.
    `more`: further parcels. Raises UnknownService, InvalidParcel, ShipmentNotFound
    (the actor is not the seller).
    """
    return shipments.book_shipment(
        order_id=order_id, seller_id=seller_id, buyer_id=buyer_id, service_code=service_code, sender=sender,
        recipient=recipient, parcel=parcel, quote=quote, reference=reference, contents=contents, actor=actor, now=now,
        purpose=purpose, more=more,
    )  # fmt: skip


def propose_parcels(
    *, pieces: Sequence[Piece], stacked: ParcelSpec, seller_id: UUID | None
) -> tuple[PackedParcel, ...]:
    """How a seller's goods could be packed: as one parcel where they stack into an ordinary one (no query), else in cartons."""
    return packing.propose_parcels(pieces=pieces, stacked=stacked, seller_id=seller_id)


def confirm_booking(*, shipment_id: UUID, now: datetime) -> ShipmentView:
    """Book with the carrier, outside of any transaction, and store its number; repeating is harmless.

    When the carrier does not answer the shipment stays BOOKING and a task tries again; nothing is raised.
    """
    return shipments.confirm_booking(shipment_id=shipment_id, now=now)


def cancel_shipment(*, shipment_id: UUID, actor: Actor, reason: str, now: datetime) -> ShipmentView:
    """Void the label before hand-over. Raises ShipmentAlreadyHandedOver, ShipmentNotFound."""
    return shipments.cancel_shipment(shipment_id=shipment_id, actor=actor, reason=reason, now=now)


def hand_over(*, shipment_id: UUID, actor: Actor, now: datetime) -> ShipmentView:
    """The seller says that the carrier has the parcel; the carrier's acceptance scan follows. Outside of transactions.

    Repeating is harmless. Raises ShipmentNotFound, TransitionRefused (not booked, or cancelled).
    """
    return tracking.hand_over(shipment_id=shipment_id, actor=actor, now=now)


def get_shipment(shipment_id: UUID) -> ShipmentView:
    """Raises ShipmentNotFound. The caller checks who asks."""
    return shipments_read.get_shipment(shipment_id)


def find_shipment_for_order(order_id: UUID) -> ShipmentView | None:
    """The order's live shipment, else its last cancelled one, else None."""
    return shipments_read.list_shipments_for_orders([order_id]).get(order_id)


def list_shipments_for_orders(order_ids: Iterable[UUID]) -> dict[UUID, ShipmentView]:
    """Order id -> shipment (as `find_shipment_for_order`), in constant queries."""
    return shipments_read.list_shipments_for_orders(order_ids)


def label_pdf(shipment_id: UUID) -> bytes:
    """The label, 4 x 6 inches. Raises LabelNotReady, ShipmentNotFound."""
    return shipments_read.label_pdf(shipment_id)


def label_zpl(shipment_id: UUID) -> bytes:
    """The same label for label printers at 203 dpi. Raises LabelNotReady, ShipmentNotFound."""
    return shipments_read.label_zpl(shipment_id)


def customs_papers(*, shipment_id: UUID, lines: Sequence[CustomsLine]) -> bytes:
    """CN 23 and commercial invoice as one PDF. The caller checks who asks. Raises ShipmentNotFound, NoCustoms."""
    return shipments_read.customs_papers(shipment_id, lines)


def timeline(shipment_id: UUID) -> tuple[TimelineEntry, ...]:
    """The parcel's story in the active language, newest first; the first entry says what happens next."""
    return tracking_read.timeline(shipment_id)


def promise_record(seller_id: UUID) -> PromiseRecord:
    """Kept and scored promises of a seller."""
    return shipments_read.promise_records([seller_id]).get(seller_id, PromiseRecord(kept=0, total=0))


def promise_records(seller_ids: Iterable[UUID]) -> dict[UUID, PromiseRecord]:
    """`promise_record` for many sellers in one query; sellers without a scored promise are left out."""
    return shipments_read.promise_records(seller_ids)


def carrier_promise_records() -> dict[str, PromiseRecord]:
    """Carrier code -> kept and scored promises."""
    return shipments_read.carrier_promise_records()


def telling_carriers_later() -> AbstractContextManager[None]:
    """Within the block `hand_over` only declares; the next `simulate_sandbox` (or the task) tells carriers in bulk.

    For simulated worlds: a hand-over costs a few statements instead of two dozen.
    """
    return gateways.telling_later()


def simulate_sandbox(*, now: datetime, carrier_code: str = "") -> SimulationStep:
    """Advance the simulated carriers to `now` and take in all their events in this process (demo worlds, tests)."""
    return simulation.simulate(now=now, carrier_code=carrier_code)


def value_claim(*, claim_id: UUID, amount: Money, actor: Actor, now: datetime) -> None:
    """What the goods of a claimed parcel are worth, told by those who sold them. Raises ClaimNotFound, InvalidInput."""
    claims.value_claim(claim_id=claim_id, amount=amount, actor=actor, now=now)


def measure_lanes(*, now: datetime) -> int:
    """Take stock of the promises kept on each lane, as the scheduler does every hour (demo worlds)."""
    return scorecards.measure_lanes(now=now)


def review_claims(*, now: datetime) -> int:
    """Open what parcels' histories give reason to claim and watch the deadlines, as the scheduler does (demo worlds)."""
    return claims.review_parcels(now=now)


def _place(where: Address | Place) -> Place:
    return where.place if isinstance(where, Address) else where
