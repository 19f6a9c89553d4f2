"""Purchases with their money, made by the real services."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.test import Client

from core.actor import Actor, ActorKind, Role
from core.ids import new_id
from core.money import Money
from payments import facade
from payments.contracts import EscrowLine, EscrowRequest, LineKind
from payments.providers import network

SYSTEM = Actor.system("test")
CARRIER = Actor.carrier("test-carrier")
OPERATOR = Actor(kind=ActorKind.OPERATOR, user_id=new_id())
IBAN = "ES9121000418450200051332"
CLOSED_IBAN = "DE94370400440532010000"


def member(organisation_id: UUID, role: Role = Role.OWNER) -> Actor:
    return Actor(kind=ActorKind.MEMBER, user_id=new_id(), organisation_id=organisation_id, role=role)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def request_for(
    seller_id: UUID, minor: int = 10_000, shipping: int = 500, order_id: UUID | None = None
) -> EscrowRequest:
    return EscrowRequest(
        order_id=order_id or new_id(), seller_id=seller_id, amount=eur(minor),
        goods=(("ceramics", eur(max(minor - shipping, 0))),), shipping=eur(min(shipping, minor)),
    )  # fmt: skip


@dataclass
class Purchase:
    purchase_id: UUID
    buyer: Actor
    sellers: list[Actor]
    orders: list[UUID]
    requests: tuple[EscrowRequest, ...]
    charge_id: UUID

    @property
    def order_id(self) -> UUID:
        return self.orders[0]

    @property
    def seller(self) -> Actor:
        return self.sellers[0]


def open_purchase(now, amounts=(10_000,), sellers=None) -> Purchase:
    """A purchase with a CREATED charge, one order per amount."""
    buyer = member(new_id())
    sellers = sellers or [member(new_id()) for _ in amounts]
    requests = tuple(request_for(seller.organisation_id, minor) for seller, minor in zip(sellers, amounts, strict=True))
    purchase_id = new_id()
    with transaction.atomic():
        charge = facade.open_charge(
            purchase_id=purchase_id, buyer_id=buyer.organisation_id, amount=eur(sum(amounts)), escrows=requests,
            actor=buyer, now=now,
        )  # fmt: skip
    return Purchase(purchase_id, buyer, sellers, [r.order_id for r in requests], requests, charge.charge_id)


def submit(purchase: Purchase, now, token="tok_approve"):
    return facade.submit_charge(
        charge_id=purchase.charge_id, method_token=token, return_url="/back/", actor=purchase.buyer, now=now
    )


def paid_purchase(now, amounts=(10_000,), sellers=None) -> Purchase:
    purchase = open_purchase(now, amounts, sellers)
    submit(purchase, now)
    return purchase


def deliver_webhooks(now) -> int:
    """The sandbox's notices, through the real webhook page, at `now`."""
    from unittest.mock import patch

    client = Client()

    def transport(url, body, headers):
        named = {key: value for key, value in headers.items() if key != "Content-Type"}
        path = "/" + url.split("/", 3)[3]
        return client.post(path, data=body, content_type="application/json", headers=named).status_code

    with patch("payments.webhooks.views.utc_now", return_value=now):
        return network.deliver_webhooks(transport=transport, now=now)


def lined_purchase(now, shipping=0, seller=None, buyer=None, **goods) -> Purchase:
    """One paid order with a line for each keyword (minor units) and shipping."""
    buyer, seller = buyer or member(new_id()), seller or member(new_id())
    lines = tuple(EscrowLine(ref, eur(minor), category="ceramics") for ref, minor in goods.items())
    if shipping:
        lines += (EscrowLine("shipping", eur(shipping), kind=LineKind.SHIPPING),)
    total = eur(sum(goods.values()) + shipping)
    request = EscrowRequest(order_id=new_id(), seller_id=seller.organisation_id, amount=total, lines=lines)
    purchase_id = new_id()
    with transaction.atomic():
        charge = facade.open_charge(
            purchase_id=purchase_id, buyer_id=buyer.organisation_id, amount=total, escrows=(request,), actor=buyer,
            now=now,
        )  # fmt: skip
    purchase = Purchase(purchase_id, buyer, [seller], [request.order_id], (request,), charge.charge_id)
    submit(purchase, now)
    return purchase
