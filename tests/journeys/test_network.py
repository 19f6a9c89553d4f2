"""A parcel over several carriers, goods that need care, and what they are packed into."""

from __future__ import annotations

from dataclasses import replace

import pytest

from logistics import facade as logistics
from marketplace.checkout.services import pay_purchase
from marketplace.orders.models import Order
from tests import world
from tests.journeys.conftest import World
from tests.journeys.test_money import Scene, log_in, scene
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
PUEBLA = replace(world.VALENCIA, city="Puebla", postcode="72000", country="MX")


@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "es")])
def test_over_several_carriers(house: World, visit, screen: str, language: str) -> None:
    one = scene(house)
    buyer = log_in(visit(screen=screen, language=language), one.buyer, "buyer")
    seller = log_in(visit(screen=screen, language=language), one.seller, "seller")
    order = bought_far(house, one)
    pack_and_hand_over(house, seller, order)
    follow_it(house, buyer, seller, order)
    say_what_it_needs(seller, one)


def bought_far(house: World, one: Scene) -> Order:
    """The cheapest way to Mexico is over several carriers."""
    world.fill_cart(one.buyer, {one.listing.id: 1}, house.now())
    purchase = world.place(one.buyer, house.now(), address=PUEBLA)
    pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=one.buyer.actor, now=house.now()
    )
    house.turn()
    order = purchase.orders.get()
    assert order.delivery["service_code"] == "route"
    return order


def pack_and_hand_over(house: World, seller: Visitor, order: Order) -> None:
    """The proposal as it is, one label, the first carrier."""
    seller.go(f"/orders/{order.id}/", "route-order-paid")
    seller.follow("Look at the packing", "packing")
    seller.press("Get the labels", "packing-done")
    seller.go("/shipments/cartons/", "cartons")
    seller.fill(name="Crate", length_mm="700", width_mm="500", height_mm="500", tare_grams="900", most_grams="25000")
    seller.press("Add", "carton-added")
    seller.go("/shipments/to-ship/", "to-ship-route")
    seller.go(f"/orders/{order.id}/", "route-order-labelled")
    seller.press("I handed it to the carrier", "route-handed-over")


def follow_it(house: World, buyer: Visitor, seller: Visitor, order: Order) -> None:
    """Each side sees who has it; the public page tells no more than the way."""
    shipment = logistics.find_shipment_for_order(order.id)
    seller.follow("Its way", "route-way-seller")
    buyer.go(f"/orders/{order.id}/", "route-order-buyer")
    buyer.follow("Its way", "route-way-buyer")
    buyer.go(f"/track/{shipment.tracking_number}/", "route-track")
    house.pass_time(lambda: logistics.get_shipment(shipment.shipment_id).delivered_at is not None)
    seller.go(f"/shipments/{shipment.shipment_id}/timeline/", "route-way-done")


def say_what_it_needs(seller: Visitor, one: Scene) -> None:
    """The mark, and who takes such goods."""
    seller.go(f"/sell/listings/{one.listing.id}/handling/", "handling")
    seller.page.locator("input[name=marks][value=DANGEROUS]").check()
    seller.press("Save", "handling-saved")
    seller.go("/carriers/?origin=ES&destination=MX&weight_grams=700&currency=EUR", "carriers-route")
    seller.go("/carriers/?origin=ES&destination=PT&weight_grams=700&currency=EUR&marks=DANGEROUS", "carriers-dangerous")
