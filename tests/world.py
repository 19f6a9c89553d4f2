"""Small worlds for tests, made through the real services: people, shops, listings, purchases."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from core.actor import Actor, ActorKind, Role
from core.identity.services import create_person
from core.models import User
from core.money import Money
from core.outbox import services as outbox
from logistics import facade as logistics
from marketplace.carts.selectors import CartOwner, delivery_options, view_cart
from marketplace.carts.services import set_line
from marketplace.catalog import services as catalog
from marketplace.catalog.models import Listing
from marketplace.checkout.services import pay_purchase, place_purchase
from marketplace.contracts import ListingInput, Place, PlaceRequest, ProfileInput
from marketplace.orders import services as orders
from marketplace.orders.models import Order, Purchase
from marketplace.orders.selectors import orders_of_purchase
from marketplace.sellers import services as sellers

PASSWORD = "correct-horse-battery"
VALENCIA = Place(name="Ana Buyer", street="Calle Mayor 1", city="Valencia", postcode="46003", country="ES")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    user: User
    actor: Actor

    @property
    def organisation_id(self) -> UUID:
        assert self.actor.organisation_id is not None
        return self.actor.organisation_id


def person(now: datetime, *, name: str = "", country: str = "ES", is_operator: bool = False) -> Person:
    number = next(_numbers)
    user, organisation = create_person(
        email=f"person{number}@example.org", password=PASSWORD, name=name or f"Person {number}", country=country,
        currency="EUR", now=now, is_operator=is_operator,
    )  # fmt: skip
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    if is_operator:
        return Person(user, Actor(ActorKind.OPERATOR, user_id=user.id, label=user.name))
    return Person(
        user, Actor(ActorKind.MEMBER, user_id=user.id, organisation_id=organisation.id, role=Role.OWNER, label=user.name)
    )  # fmt: skip


def profile(name: str, country: str = "ES", **changes: object) -> ProfileInput:
    values = {
        "name": name, "slug": f"shop-{next(_numbers)}", "kind": "BUSINESS", "legal_name": f"{name} SL",
        "registration_number": "B12345678", "vat_number": "", "street": "Calle del Telar 3", "city": "Valencia",
        "postcode": "46001", "region": "", "country": country, "phone": "", "story": "", "policies": "",
        "handling_days": 1, **changes,
    }  # fmt: skip
    return ProfileInput(**values)


def open_seller(now: datetime, *, name: str = "Telares Ruiz", country: str = "ES") -> Person:
    """A verified seller with an open shop."""
    seller = person(now, name=name, country=country)
    sellers.save_profile(profile=profile(name, country), actor=seller.actor, now=now)
    sellers.submit_profile(actor=seller.actor, now=now)
    sellers.decide_verification(
        seller_id=seller.organisation_id, approved=True, reason="papers fit", actor=Actor.system("test"), now=now
    )
    sellers.open_shop(actor=seller.actor, now=now)
    return seller


def listing_input(**changes: object) -> ListingInput:
    values = {
        "category_code": "table-linen", "title": "Stonewashed linen tablecloth", "description": "Washed linen, hemmed.",
        "price": Money(4800, "EUR"), "stock": 10, "weight_grams": 700, "length_mm": 320, "width_mm": 240,
        "height_mm": 60, "handling_days": 1, "attributes": {"material": "linen", "colour": "white"}, **changes,
    }  # fmt: skip
    return ListingInput(**values)


def published(seller: Person, now: datetime, **changes: object) -> Listing:
    """A listing on sale."""
    listing = catalog.create_listing(listing=listing_input(**changes), actor=seller.actor, now=now)
    return catalog.publish_listing(listing_id=listing.id, actor=seller.actor, now=now)


def fill_cart(buyer: Person, quantities: dict[UUID, int], now: datetime) -> None:
    for listing_id, quantity in quantities.items():
        set_line(
            owner=CartOwner(organisation_id=buyer.organisation_id), listing_id=listing_id, quantity=quantity, now=now
        )


def cheapest_delivery(buyer: Person, now: datetime, address: Place = VALENCIA) -> dict[UUID, str]:
    cart = view_cart(CartOwner(organisation_id=buyer.organisation_id))
    options = delivery_options(cart=cart, address=address, now=now)
    return {seller_id: offers.quotes[0].service_code for seller_id, offers in options.items()}


def place(buyer: Person, now: datetime, *, key: str = "", address: Place = VALENCIA) -> Purchase:
    """Place what is in the cart with the cheapest delivery."""
    request = PlaceRequest(
        key=key or str(uuid4()), address=address, delivery=cheapest_delivery(buyer, now, address)
    )  # fmt: skip
    return place_purchase(request=request, actor=buyer.actor, now=now)


def pay(buyer: Person, purchase: Purchase, now: datetime, *, token: str = "tok_approve") -> object:
    """Pay by a sandbox token and let the events run. Needs real commits (`real_database`)."""
    charge = pay_purchase(
        purchase=purchase, method_token=token, return_url="http://test/return/", actor=buyer.actor, now=now
    )
    outbox.drain(now=now)
    return charge


def buy(buyer: Person, listing: Listing, now: datetime, *, quantity: int = 1) -> Order:
    """A paid order."""
    fill_cart(buyer, {listing.id: quantity}, now)
    purchase = place(buyer, now)
    pay(buyer, purchase, now)
    return orders_of_purchase(purchase.id)[0]


def ship(seller: Person, order: Order, now: datetime) -> datetime:
    """Label, hand-over, and the sandbox carrier's whole way; returns the moment after delivery."""
    orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)
    orders.hand_over(order_id=order.id, actor=seller.actor, now=now)
    moment = now
    for _ in range(40):
        moment += timedelta(hours=12)
        logistics.simulate_sandbox(now=moment)
        outbox.drain(now=moment)
        order.refresh_from_db()
        if order.delivered_at is not None:
            return moment
    raise AssertionError(f"not delivered: {order.state}")
