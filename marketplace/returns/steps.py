"""Steps that all writes of returns share: locking, moving on, and what the way of the goods needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.events import marketplace as events
from core.outbox.services import publish
from core.states import next_state
from logistics import facade as logistics
from logistics.contracts import Address, ParcelSpec, ServiceQuote
from marketplace.carts.rules import combined_parcel
from marketplace.orders.selectors import lock_order
from marketplace.returns import selectors
from marketplace.returns.models import Return, ReturnLine, ReturnTransition
from marketplace.returns.rules import NotReturnable, ReturnNotFound
from marketplace.returns.states import TRANSITIONS, ReturnAction, ReturnState
from payments import facade as payments
from payments.contracts import EscrowState

S = ReturnState
SYSTEM = Actor.system("returns")


def lock_for(return_id: UUID, actor: Actor, *, side: str = "") -> Return:
    """The order's lock, then the return's. `side`: only that party (and the platform and its carriers) may go on."""
    order_id = selectors.find_order_id(return_id)
    if order_id is None:
        raise ReturnNotFound()
    order = lock_order(order_id)
    party = {"buyer": order.buyer_id, "seller": order.seller_id}.get(side)
    if actor.organisation_id is not None and party is not None and not actor.acts_for(party):
        raise ReturnNotFound()
    return selectors.lock_return(return_id)


def move(found: Return, action: ReturnAction, *, actor: Actor, now: datetime, reason: str = "", **columns: Any) -> None:
    """State, record, event and the columns that go with it; `due_at` ends with the state unless given."""
    before = S(found.state)
    found.state = next_state(TRANSITIONS, before, action)
    for name, value in {"due_at": None, **columns}.items():
        setattr(found, name, value)
    found.save(update_fields=["state", "due_at", *columns])
    tell(found, before, actor=actor, now=now, reason=reason)


def tell(found: Return, before: str, *, actor: Actor, now: datetime, reason: str) -> None:
    ReturnTransition.objects.create(
        of=found, from_state=before, to_state=found.state, actor=actor.reference, reason=reason[:500], at=now
    )
    lines = found.lines.select_related("line")
    publish(
        events.ReturnMoved(
            return_id=found.id, number=found.number, order_id=found.order_id, buyer_id=found.order.buyer_id,
            seller_id=found.order.seller_id, at=now, state=found.state, previous_state=before, refunded=found.refunded,
            lines=tuple(events.ReturnedLine(li.line.listing_id, li.quantity, li.reason) for li in lines),
        ),
        actor=actor, now=now,
    )  # fmt: skip


def run_on(found: Return, *, now: datetime) -> None:
    """The return is over: the release clock of the order runs on, if it stands still and no dispute stopped it too."""
    escrow = payments.get_escrow(found.order_id)
    if escrow.paused and escrow.state is EscrowState.DELIVERED:
        payments.resume_inspection(
            order_id=found.order_id, reason=f"Return {found.number} is over", actor=SYSTEM, now=now
        )


def parcel_of(lines: Sequence[ReturnLine]) -> ParcelSpec:
    return combined_parcel((part.quantity, part.line.listing) for part in lines)


def contents_of(lines: Sequence[ReturnLine]) -> str:
    return ", ".join(f"{part.quantity} x {part.line.title}" for part in lines)[:120]


def allocated(sender: Address, recipient: Address, parcel: ParcelSpec, *, currency: str, now: datetime) -> ServiceQuote:
    """The service that is cheapest once its broken promises are paid for. Raises NotReturnable when nobody carries it."""
    offers = logistics.quote(
        origin=sender, destination=recipient, parcel=parcel, handling_days=1, currency=currency, now=now
    )
    if not offers.quotes:
        raise NotReturnable("No carrier takes this parcel. Agree with the other side on another way.")
    return next(offer for offer in offers.quotes if offer.service_code == offers.recommended)
