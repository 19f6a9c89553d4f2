"""What comes after delivery: goods that go back, a claim against a carrier, a promise that was broken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.actor import Actor
from logistics import facade as logistics
from logistics.claims.models import Claim
from marketplace.orders.models import Order
from marketplace.remedies import services as remedies
from marketplace.returns.models import Return
from tests.journeys.conftest import World
from tests.journeys.test_money import Scene, bought, log_in, scene
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "es")])
def test_after_delivery(house: World, visit, screen: str, language: str) -> None:
    one = scene(house)
    buyer = log_in(visit(screen=screen, language=language), one.buyer, "buyer")
    seller = log_in(visit(screen=screen, language=language), one.seller, "seller")
    order = bought(house, one)
    grant_more(seller)
    seller.go("/shipments/hand-over/", "hand-over")
    seller.fill(number="LA123456785XL")
    seller.press("Handed over", "hand-over-unknown")
    send_something_back(house, buyer, seller, order)
    claim_it(house, buyer)
    break_a_promise(house, buyer, seller, one)
    choose_a_carrier(buyer, seller)


def grant_more(seller: Visitor) -> None:
    """The shop's terms."""
    seller.go("/sell/returns/", "returns-empty")
    seller.go("/sell/returns/policies/", "return-policies")
    seller.fill(window_days="45")
    seller.press("Save", "return-policy-set")


def send_something_back(house: World, buyer: Visitor, seller: Visitor, order: Order) -> None:
    """A fault: asked, approved, labelled, dropped off, received, refunded."""
    line = order.lines.order_by("id").first()
    buyer.go(f"/orders/{order.id}/", "order-delivered")
    buyer.follow("Send something back", "return-form")
    buyer.fill(**{f"quantity_{line.id}": "1", f"reason_{line.id}": "DAMAGED", "note": "A crack."})
    buyer.press("Ask for the return", "return-asked")
    page = f"/returns/{Return.objects.get().id}/"
    seller.go("/sell/returns/", "returns")
    seller.go(page, "return-seller")
    seller.press("Approve", "return-approved")
    buyer.go(page, "return-buyer")
    buyer.press("Get the return label", "return-label")
    buyer.press("I dropped it off", "return-dropped")
    house.turn()
    buyer.go(page, "return-on-its-way")
    seller.go(page, "return-to-receive")
    seller.press("I have the goods", "return-received")
    seller.press("Done looking: refund what is accepted", "return-refunded", confirm=True)
    buyer.go("/returns/", "returns-buyer")
    assert Return.objects.get().state == "REFUNDED"


def claim_it(house: World, buyer: Visitor) -> None:
    """The parcel's sender (here the buyer, of the way back) claims; the carrier wants to know something."""
    shipment = logistics.find_shipment_for_order(Return.objects.get().id)
    buyer.go(f"/shipments/{shipment.shipment_id}/claims/", "claim-form")
    buyer.fill(claim_type="MISSING_CONTENTS", note="The box came open.")
    buyer.press("Claim it from the carrier", "claim")
    house.turn()
    buyer.go("/shipments/claims/", "claims")
    Claim.objects.update(state="NEEDS_ACTION", answer="How was it packed?")
    buyer.go(f"/shipments/claims/{Claim.objects.get().id}/", "claim-asked")
    buyer.fill(note="In two boxes.")
    buyer.press("Answer the carrier", "claim-answered")


def break_a_promise(house: World, buyer: Visitor, seller: Visitor, one: Scene) -> None:
    """A parcel came too late: what goes back, and what anybody may read about it."""
    order, now = bought(house, one), house.now()
    Order.objects.filter(id=order.id).update(promised_latest=now.date() - timedelta(days=3))
    remedies.remedy_promise(
        subject_id=order.id, days_late=3, share_bps=10_000, liable="CARRIER", broken_at=now,
        actor=Actor.system("promise"), now=now,
    )  # fmt: skip
    house.turn()
    buyer.go(f"/orders/{order.id}/", "order-late")
    buyer.go(f"/orders/{order.id}/promise/", "promise-buyer")
    seller.go(f"/orders/{order.id}/promise/", "promise-seller")
    buyer.go("/promises/", "promises")


def choose_a_carrier(buyer: Visitor, seller: Visitor) -> None:
    """All carriers side by side, a way over several of them, and the hubs a parcel was at."""
    seller.go("/carriers/", "carriers")
    seller.fill(weight_grams="900000")
    seller.press("Compare", "carriers-none")
    seller.go("/carriers/network/", "network")
    seller.fill(weight_grams="2000", aim="RELIABILITY")
    seller.press("Plan the way", "network-reliable")
    shipment = logistics.find_shipment_for_order(Return.objects.get().id)
    buyer.go(f"/track/{shipment.tracking_number}/", "track")
    buyer.go(f"/shipments/{shipment.shipment_id}/timeline/", "parcel")
