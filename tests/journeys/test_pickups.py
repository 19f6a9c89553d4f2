"""How a parcel leaves a seller: a pickup, a manifest, the hand-over; and what the buyer reads of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from logistics import facade as logistics
from logistics.carriers.models import Carrier
from logistics.manifests.models import Manifest
from logistics.pickups.models import Pickup
from logistics.rounds.models import Courier
from marketplace.orders import services as orders
from marketplace.orders.selectors import orders_of_purchase
from tests import world
from tests.journeys.conftest import World
from tests.journeys.test_money import Scene, log_in, scene
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "es")])
def test_a_parcel_leaves(house: World, visit, screen: str, language: str) -> None:
    one = scene(house)
    to_send(house, one)
    buyer = log_in(visit(screen=screen, language=language), one.buyer, "buyer")
    seller = log_in(visit(screen=screen, language=language), one.seller, "seller")
    have_it_collected(seller)
    give_it_away(seller)
    house.turn()
    assert logistics.write_notices(now=house.now())
    buyer.go("/notices/", "notices")
    buyer.go("/notices/preferences/", "notice-preferences")
    buyer.press("Save", "notice-preferences-saved")
    operator = world.person(house.now(), is_operator=True)
    plan_a_round(log_in(visit(screen=screen, language=language), operator, "operator"), house)


def to_send(house: World, one: Scene) -> None:
    """A paid order with its label."""
    now = house.now()
    world.fill_cart(one.buyer, {one.listing.id: 1}, now)
    purchase = world.place(one.buyer, now)
    world.pay(one.buyer, purchase, now)
    orders.book_shipment(order_id=orders_of_purchase(purchase.id)[0].id, actor=one.seller.actor, now=now)
    house.turn()


def have_it_collected(seller: Visitor) -> None:
    """Booked from the list of what is to be shipped, and called off."""
    seller.go("/shipments/to-ship/", "to-ship")
    seller.go("/shipments/pickups/", "pickups-empty")
    seller.go("/shipments/pickups/new/", "pickup-form")
    seller.press("Book it", "pickup")
    seller.go("/shipments/pickups/", "pickups")
    seller.go(f"/shipments/pickups/{Pickup.objects.get().id}/", "pickup-again")
    seller.press("Call it off", "pickup-called-off", confirm=True)
    assert Pickup.objects.get().state == "CANCELLED"


def give_it_away(seller: Visitor) -> None:
    """Listed, and handed over by the number on the paper."""
    seller.go("/shipments/manifests/", "manifests")
    seller.page.locator("main form button:visible").first.click()
    seller.look("manifest")
    seller.go("/shipments/hand-over/", "hand-over-manifest")
    seller.fill(number=Manifest.objects.get().number)
    seller.press("Handed over", "manifest-handed-over")
    assert Manifest.objects.get().state == "CLOSED"


def plan_a_round(operator: Visitor, house: World) -> None:
    """A small courier's day."""
    carrier = Carrier.objects.create(code="barrio", name="Barrio en bici", gateway="contract")
    Courier.objects.create(
        carrier=carrier, base="Plaza 1, Valencia", latitude=Decimal("39.4699"), longitude=Decimal("-0.3763"),
        country="ES",
    )  # fmt: skip
    operator.go("/carriers/rounds/", "rounds")
    operator.go(f"/carriers/rounds/barrio/{house.now().date()}/", "round-not-planned")
    operator.press("Plan the round", "round")
