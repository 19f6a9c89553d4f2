"""The pages about money, as buyers, sellers and operators see them when things do not go smoothly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from core.actor import Actor
from core.webhooks import sending
from core.webhooks.models import WebhookSubscription
from core.webhooks.proxy import Answer
from marketplace.agreements.models import Agreement
from marketplace.orders import services as orders
from marketplace.orders.models import Order
from marketplace.orders.selectors import orders_of_purchase
from payments import facade as payments
from payments.chargebacks.models import Chargeback
from payments.wallet.models import SavedMethod
from tests import world
from tests.factories.payments import IBAN
from tests.journeys.conftest import World
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
CARRIER = Actor.carrier("test")
APPROVED = "4242424242424242"


@dataclass
class Scene:
    seller: world.Person
    buyer: world.Person
    listing: object
    napkins: object


def scene(house: World) -> Scene:
    now = house.now()
    seller, buyer = world.open_seller(now), world.person(now, name="Ana Prueba")
    made = Scene(seller, buyer, world.published(seller, now), world.published(seller, now, title="Linen napkins"))
    payments.set_payout_destination(
        seller_id=seller.organisation_id, holder="Telares Ruiz", iban=IBAN, actor=seller.actor, now=now
    )
    return made


def bought(house: World, one: Scene, *, token: str = "tok_approve") -> Order:
    now = house.now()
    world.fill_cart(one.buyer, {one.listing.id: 1, one.napkins.id: 2}, now)
    purchase = world.place(one.buyer, now)
    world.pay(one.buyer, purchase, now, token=token)
    order = orders_of_purchase(purchase.id)[0]
    orders.mark_delivered(order_id=order.id, delivered_at=now, kept_promise=True, actor=CARRIER, now=now)
    return order


def log_in(visitor: Visitor, person: world.Person, name: str) -> Visitor:
    visitor.go("/accounts/login/", f"{name}-login")
    visitor.log_in(person.user.email, world.PASSWORD, f"{name}-home")
    return visitor


@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "es")])
def test_money_on_pages(house: World, visit, screen: str, language: str) -> None:
    one = scene(house)
    buyer = log_in(visit(screen=screen, language=language), one.buyer, "buyer")
    seller = log_in(visit(screen=screen, language=language), one.seller, "seller")
    pay_and_keep_the_card(house, buyer, one)
    released = bought(house, one)
    order = bought(house, one)
    bought(house, one, token="tok_chargeback")
    orders.confirm_receipt(order_id=released.id, actor=one.buyer.actor, now=house.now())
    house.ahead += timedelta(minutes=5)
    house.turn()
    dispute_a_line(buyer, seller, order)
    look_at_the_sellers_money(seller, released)
    watch_webhooks(house, seller)
    have_it_made(house, buyer, seller, one)
    buyer.go("/ledger/", "ledger-head")


def pay_and_keep_the_card(house: World, buyer: Visitor, one: Scene) -> None:
    """The provider's page keeps the card; the wallet shows it."""
    world.fill_cart(one.buyer, {one.listing.id: 1}, house.now())
    purchase = world.place(one.buyer, house.now())
    buyer.go(f"/purchases/{purchase.id}/payment/", "payment")
    buyer.press("Pay by card", "sandbox-pay")
    buyer.fill(number=APPROVED)
    buyer.page.locator("input[name=keep]").check()
    buyer.press("Pay", "paid")
    house.turn()
    buyer.go("/account/wallet/", "wallet")
    method = SavedMethod.objects.get()
    buyer.go(f"/account/wallet/{method.id}/forget/", "wallet-forget")


def dispute_a_line(buyer: Visitor, seller: Visitor, order: Order) -> None:
    """One line is disputed, another released, the rest goes on."""
    page = f"/orders/{order.id}/"
    lines = [str(line.id) for line in order.lines.order_by("id")]
    buyer.go(page, "order-by-line")
    buyer.page.get_by_text(buyer.say("Release single lines")).click()
    buyer.page.locator(f"input[name=lines][value='{lines[1]}']").check()
    buyer.press("Release these lines", "order-line-released", confirm=True)
    buyer.go(f"{page}dispute/", "dispute-lines")
    buyer.page.locator("input[name=lines][value='shipping']").uncheck()
    buyer.fill(reason="DAMAGED", wish="PARTIAL_REFUND", description="A crack in one corner.")
    buyer.press("Open the dispute", "dispute-opened")
    buyer.go(page, "order-partly-frozen")
    buyer.go(f"{page}money/", "order-money")
    seller.go(f"{page}dispute/", "dispute-seller")
    seller.go(page, "order-seller")


def look_at_the_sellers_money(seller: Visitor, released: Order) -> None:
    """Balances, payouts, statements, documents, chargebacks."""
    seller.go("/seller/money/", "seller-money")
    seller.go("/seller/money/payouts/", "seller-payouts")
    seller.go("/seller/money/schedule/", "payout-schedule")
    seller.go("/seller/money/statement/", "seller-statement")
    seller.go("/documents/", "documents")
    seller.go(f"/orders/{released.id}/documents/", "order-documents")
    seller.go(f"/orders/{released.id}/refund/", "order-refund")
    seller.go("/seller/chargebacks/", "chargebacks")
    seller.go(f"/seller/chargebacks/{Chargeback.objects.get().id}/", "chargeback")
    seller.fill(text="Signed for at the door.")
    seller.page.locator("main form button:visible").last.click()
    seller.look("chargeback-answered")
    seller.go("/seller/money/adjustments/", "adjustments")


def watch_webhooks(house: World, seller: Visitor) -> None:
    """Made, tested, failed, sent again, deleted."""
    seller.go("/account/webhooks/", "webhooks")
    seller.fill(url="https://shop.example/hook", description="Till")
    seller.page.locator("input[name=events][value='payments.escrow.funded.v1']").check()
    seller.press("Add the webhook", "webhook-made")
    subscription = WebhookSubscription.objects.get()
    seller.go(f"/account/webhooks/{subscription.id}/", "webhook")
    seller.press("Send a test", "webhook-tested")
    sending.send_due(now=house.now(), transport=lambda *_sent: Answer(503, "", 12, "busy"))
    seller.go(f"/account/webhooks/{subscription.id}/?state=WAITING", "webhook-waiting")
    seller.click(seller.page.locator("#log a[href*='messages']").first, "webhook-message")
    seller.go(f"/account/webhooks/{subscription.id}/removal/", "webhook-removal")


def have_it_made(house: World, buyer: Visitor, seller: Visitor, one: Scene) -> None:
    """Asked for, offered with a plan, accepted, the deposit paid, the balance shown and released."""
    buyer.go(f"/listings/{one.listing.id}/agreement/", "agreement-ask")
    buyer.fill(wish="Three metres long, in natural linen.")
    buyer.press("Ask the seller", "agreement-asked")
    made = Agreement.objects.get()
    seller.go("/sell/agreements/", "agreements-seller")
    seller.go(f"/agreements/{made.id}/plan/", "agreement-plan")
    seller.fill(terms="By the end of May.", name_1="Deposit", amount_1="30", trigger_1="FUNDING")
    seller.fill(name_2="Balance", amount_2="90")
    seller.press("Send the offer", "agreement-offered")
    buyer.go(f"/agreements/{made.id}/", "agreement")
    buyer.press("Accept the plan", "agreement-accepted", confirm=True)
    deposit, balance = made.steps.all()
    buyer.go(f"/agreements/{made.id}/steps/{deposit.id}/payment/", "agreement-payment")
    kept = buyer.page.locator("button[name=saved]").first
    buyer.click(kept, "agreement-paid")
    house.turn()
    buyer.go(f"/agreements/{made.id}/steps/{balance.id}/payment/", "agreement-payment-2")
    buyer.click(buyer.page.locator("button[name=saved]").first, "agreement-paid-2")
    house.turn()
    seller.go(f"/agreements/{made.id}/", "agreement-to-prove")
    seller.fill(proof="Pictures sent; parcel on Monday.")
    seller.press("It is done", "agreement-proven")
    buyer.go(f"/agreements/{made.id}/", "agreement-to-accept")
    buyer.press("Accept and release", "agreement-released", confirm=True)
    buyer.go("/agreements/", "agreements")
