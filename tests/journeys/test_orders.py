"""Orders beyond the happy path: an address abroad, a gift, parts of an order, a withdrawal, many orders at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.actor import Role
from marketplace.addresses.models import SavedAddress
from marketplace.batches import services as batches
from marketplace.batches.models import OrderBatch
from marketplace.orders.models import Order, OrderParcel
from marketplace.withdrawals.models import Withdrawal
from tests import world
from tests.journeys.conftest import World
from tests.journeys.test_money import Scene, log_in, scene
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "es")])
def test_orders(house: World, visit, screen: str, language: str) -> None:
    one = scene(house)
    buyer = log_in(visit(screen=screen, language=language), one.buyer, "buyer")
    seller = log_in(visit(screen=screen, language=language), one.seller, "seller")
    keep_addresses(buyer)
    order = buy_a_gift(house, buyer, one)
    send_a_part(house, seller, order)
    withdraw_from_the_rest(house, buyer, order)
    work_through_the_list(house, seller, one)
    buyer.go(f"/orders/{order.id}/", "order-in-parts")
    buyer.press("Buy again", "bought-again")
    buy_by_rules(house, buyer, one)


def keep_addresses(buyer: Visitor) -> None:
    """The form follows the country, by a script or by a button."""
    buyer.go("/account/addresses/", "addresses-empty")
    buyer.follow("New address", "address-new")
    buyer.fill(country="BR")
    buyer.page.locator("[name=district]").wait_for()
    buyer.look("address-brazil")
    buyer.fill(name="Ana Prueba", street="Rua 1", district="Barra", city="Salvador", postcode="40301110")
    buyer.press("Save", "address-saved")
    assert SavedAddress.objects.get().region == "BA"


def buy_a_gift(house: World, buyer: Visitor, one: Scene) -> Order:
    now = house.now()
    world.fill_cart(one.buyer, {one.listing.id: 2, one.napkins.id: 2}, now)
    buyer.go("/checkout/", "checkout-address")
    buyer.fill(country="ES")
    buyer.page.locator("option[value=Valencia]").wait_for(state="attached")
    buyer.fill(name="Ana Prueba", street="Calle Mayor 1", city="Valencia", postcode="46003", region="")
    buyer.press("Go on to delivery", "checkout-review")
    buyer.page.locator("details summary").last.click()
    buyer.fill(**{f"gift_{one.seller.organisation_id}": "For your new home."})
    buyer.look("checkout-gift")
    with buyer.page.expect_navigation():
        buyer.page.locator("button[name=place]").click()
    purchase = Order.objects.get(buyer_id=one.buyer.organisation_id).purchase
    world.pay(one.buyer, purchase, now)
    return purchase.orders.get()


def send_a_part(house: World, seller: Visitor, order: Order) -> None:
    first, second = order.lines.order_by("id")
    seller.go(f"/orders/{order.id}/packing-slip/", "packing-slip-gift")
    seller.go(f"/orders/{order.id}/", "order-seller")
    seller.follow("Send a part", "parcel-form")
    seller.fill(**{f"quantity_{first.id}": "1", f"quantity_{second.id}": "0"})
    seller.press("Pack it and get the label", "parcel-packed")
    seller.press("I handed it to the carrier", "parcel-handed-over")
    house.pass_time(lambda: OrderParcel.objects.get().delivered_at is not None)
    order.refresh_from_db()
    assert order.state == "PARTLY_SHIPPED"


def withdraw_from_the_rest(house: World, buyer: Visitor, order: Order) -> None:
    first, second = order.lines.order_by("id")
    buyer.go(f"/orders/{order.id}/", "order-partly-sent")
    buyer.follow("Withdraw from contract here", "withdrawal-statement")
    buyer.fill(**{f"quantity_{first.id}": "2", f"quantity_{second.id}": "1"})
    buyer.press("Go on", "withdrawal-to-confirm")
    buyer.press("Confirm withdrawal", "withdrawal-receipt")
    made = Withdrawal.objects.get()
    assert {part.line_id: part.cancelled for part in made.lines.all()} == {first.id: 1, second.id: 1}
    house.turn()
    buyer.go(f"/orders/{order.id}/reduction/", "order-reduction")
    buyer.press("Take them out", "order-reduced", confirm=True)


def work_through_the_list(house: World, seller: Visitor, one: Scene) -> None:
    now = house.now()
    world.fill_cart(one.buyer, {one.napkins.id: 1}, now)
    world.pay(one.buyer, world.place(one.buyer, now), now)
    seller.go("/sell/orders/?state=PAID", "work-list")
    seller.press("Get and print labels", "batch-started")
    batch = OrderBatch.objects.get()
    batches.run_batch(batch_id=batch.id, now=house.now())
    seller.go(f"/sell/orders/batches/{batch.id}/", "batch-done")
    assert [row.result for row in batch.rows.all()] == ["DONE"]


def buy_by_rules(house: World, buyer: Visitor, one: Scene) -> None:
    """What is in the cart is above a clerk's limit; the owner looks at it and agrees."""
    buyer.go("/account/buying/", "buying")
    buyer.fill(vat_number="ESB58378431", staff_limit="10", manager_limit="")
    buyer.press("Save", "buying-saved")
    buyer.go("/account/approvals/", "approvals-empty")
    now = house.now()
    clerk = replace(one.buyer.actor, role=Role.STAFF, user_id=world.person(now).user.id, label="Carla Clerk")
    purchase = world.place(world.Person(one.buyer.user, clerk), now)
    buyer.go(f"/purchases/{purchase.id}/payment/", "payment-waits")
    buyer.go("/account/approvals/", "approvals")
    buyer.follow(purchase.number, "approval")
    buyer.press("Approve", "approved")
