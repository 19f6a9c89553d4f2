"""Buying for a company: VAT number, purchase order number, pro-forma, and approval above a limit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core import mail
from django.test import Client

from core.actor import Actor, Role
from core.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from core.identity.services import add_member
from core.money import Money
from marketplace.approvals import services
from marketplace.approvals.letters import send_approval
from marketplace.approvals.models import PurchaseApproval
from marketplace.approvals.services import AwaitsApproval
from marketplace.approvals.states import ApprovalState
from marketplace.buyers.services import save_buyer_profile
from marketplace.catalog.models import Stock
from marketplace.checkout.services import place_purchase
from marketplace.contracts import OrderState, PlaceRequest
from marketplace.orders.invoicing import invoice_order
from marketplace.orders.services import expire_purchase
from payments import facade as payments
from payments.documents.models import Document
from tests import world

pytestmark = pytest.mark.django_db
VAT = "ESB58378431"


@pytest.fixture
def firm(now):
    """An owner, a manager up to 100 EUR and staff up to 60 EUR of one organisation."""
    owner = world.person(now, name="Olga Owner")
    people = {}
    for name, role in (("manager", Role.MANAGER), ("staff", Role.STAFF)):
        one = world.person(now, name=f"{name.title()} Person")
        add_member(actor=owner.actor, email=one.user.email, role=role, now=now)
        people[name] = world.Person(
            one.user, replace(one.actor, organisation_id=owner.organisation_id, role=role)
        )  # fmt: skip
    save_buyer_profile(
        vat_number=f"{VAT[:2]} {VAT[2:]}", staff_limit=Money(6000, "EUR"), manager_limit=Money(10000, "EUR"),
        actor=owner.actor, now=now,
    )  # fmt: skip
    return people | {"owner": owner}


@pytest.fixture
def goods(now):
    return world.published(world.open_seller(now), now, stock=20)


def wants(buyer, goods, now, *, pieces=2, key="key-of-this-purchase", **more):
    world.fill_cart(buyer, {goods.id: pieces}, now)
    request = PlaceRequest(key=key, address=world.VALENCIA, delivery=world.cheapest_delivery(buyer, now), **more)
    return place_purchase(request=request, actor=buyer.actor, now=now)


def pay(buyer, purchase, now):
    return world.pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )


def reserved(goods):
    return Stock.objects.get(listing_id=goods.id).reserved


def test_within_the_limit_nobody_is_asked(firm, goods, now):
    for number, (who, pieces) in enumerate((("staff", 1), ("owner", 9))):
        wants(firm[who], goods, now, pieces=pieces, key=f"key-number-{number}")
    assert not PurchaseApproval.objects.exists()


def test_above_the_limit_it_waits_and_is_paid_once_approved(firm, goods, now):
    purchase = wants(firm["staff"], goods, now, pieces=3)
    with pytest.raises(AwaitsApproval):
        pay(firm["staff"], purchase, now)
    assert purchase.expires_at == now + services.APPROVAL_WINDOW
    for who in ("staff", "manager"):
        with pytest.raises(NotAllowed):
            services.approve_purchase(purchase_id=purchase.id, actor=firm[who].actor, now=now)
    for _ in range(2):
        services.approve_purchase(purchase_id=purchase.id, actor=firm["owner"].actor, now=now)
    approval = PurchaseApproval.objects.get()
    assert (approval.state, approval.decided_at) == ("APPROVED", now)
    assert [row.to_state for row in approval.transitions.all()] == ["APPROVED"]
    purchase.refresh_from_db()
    assert purchase.expires_at == now + services.PAY_WITHIN
    assert pay(firm["staff"], purchase, now).state == "CAPTURED"
    with pytest.raises(TransitionRefused):
        services.refuse_purchase(purchase_id=purchase.id, reason="late", actor=firm["owner"].actor, now=now)


def test_a_manager_decides_up_to_the_own_limit(firm, goods, now):
    purchase = wants(firm["staff"], goods, now, pieces=1, key="key-number-1")
    assert not PurchaseApproval.objects.filter(purchase=purchase).exists()
    save_buyer_profile(
        vat_number="",
        staff_limit=Money(0, "EUR"),
        manager_limit=Money(10000, "EUR"),
        actor=firm["owner"].actor,
        now=now,
    )
    purchase = wants(firm["staff"], goods, now, pieces=1, key="key-number-2")
    services.approve_purchase(purchase_id=purchase.id, actor=firm["manager"].actor, now=now)


def test_a_refusal_gives_the_goods_back(firm, goods, now):
    purchase = wants(firm["staff"], goods, now, pieces=3)
    assert reserved(goods) == 3
    with pytest.raises(InvalidInput):
        services.refuse_purchase(purchase_id=purchase.id, reason=" ", actor=firm["owner"].actor, now=now)
    for _ in range(2):
        services.refuse_purchase(purchase_id=purchase.id, reason="Too dear.", actor=firm["owner"].actor, now=now)
    assert reserved(goods) == 0
    assert purchase.orders.get().state == OrderState.CANCELLED
    with pytest.raises(TransitionRefused):
        services.approve_purchase(purchase_id=purchase.id, actor=firm["owner"].actor, now=now)


def test_nobody_decides(firm, goods, now):
    purchase = wants(firm["staff"], goods, now, pieces=3)
    later = now + services.APPROVAL_WINDOW
    assert services.close_approvals(now=now) == 0
    expire_purchase(purchase_id=purchase.id, now=later)
    assert services.close_approvals(now=later) == 1
    assert (PurchaseApproval.objects.get().state, reserved(goods)) == (ApprovalState.EXPIRED, 0)
    assert services.close_approvals(now=later) == 0


def test_the_same_submit_twice_is_one_purchase_and_one_approval(firm, goods, now):
    first = wants(firm["staff"], goods, now, pieces=3)
    world.fill_cart(firm["staff"], {goods.id: 3}, now)
    delivery = world.cheapest_delivery(firm["staff"], now)
    request = PlaceRequest(key="key-of-this-purchase", address=world.VALENCIA, delivery=delivery)
    assert place_purchase(request=request, actor=firm["staff"].actor, now=now).id == first.id
    assert PurchaseApproval.objects.count() == 1


def test_another_organisation_decides_nothing(firm, goods, now):
    purchase = wants(firm["staff"], goods, now, pieces=3)
    stranger = world.person(now)
    with pytest.raises(NotFound):
        services.approve_purchase(purchase_id=purchase.id, actor=stranger.actor, now=now)
    client = Client()
    client.force_login(stranger.user)
    for page in ("approval", "pro-forma"):
        assert client.get(f"/purchases/{purchase.id}/{page}/").status_code == 404
    answer = client.post(
        f"/api/v1/purchases/{purchase.id}/approval/", {"approved": True}, content_type="application/json"
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"vat_number": "ESB58378432"}, InvalidInput), ({"staff_limit": Money(1, "USD")}, InvalidInput),
     ({"manager_limit": Money(-1, "EUR")}, InvalidInput)],
)  # fmt: skip
def test_a_profile_is_checked(firm, now, changes, error):
    values = {"vat_number": VAT, "staff_limit": None, "manager_limit": None, **changes}
    with pytest.raises(error):
        save_buyer_profile(**values, actor=firm["owner"].actor, now=now)


def test_only_owners_set_limits(firm, now):
    for actor in (firm["manager"].actor, firm["staff"].actor, replace(firm["owner"].actor, scopes=frozenset())):
        with pytest.raises(NotAllowed):
            save_buyer_profile(vat_number="", staff_limit=None, manager_limit=None, actor=actor, now=now)


def test_letters_ask_colleagues_and_tell_the_asker(firm, goods, now):
    purchase = wants(firm["staff"], goods, now, pieces=3)
    mail.outbox.clear()
    send_approval(purchase_id=purchase.id, state="WAITING")
    assert {one.to[0] for one in mail.outbox} == {firm["owner"].user.email, firm["manager"].user.email}
    services.refuse_purchase(purchase_id=purchase.id, reason="Too dear.", actor=firm["owner"].actor, now=now)
    mail.outbox.clear()
    send_approval(purchase_id=purchase.id, state="REFUSED")
    assert [one.to[0] for one in mail.outbox] == [firm["staff"].user.email]
    assert "Too dear." in mail.outbox[0].body


def test_numbers_stand_on_the_documents(firm, goods, now):
    owner = firm["owner"]
    purchase = wants(owner, goods, now, po_number=" PO-77 ")
    client = Client()
    client.force_login(owner.user)
    proforma = client.get(f"/purchases/{purchase.id}/pro-forma/")
    assert proforma.content.startswith(b"%PDF")
    pay(owner, purchase, now)
    order = purchase.orders.get()
    invoice_order(order_id=order.id, actor=Actor.system("test"), now=now)
    content = Document.objects.get(order_id=order.id, kind="INVOICE").content
    assert (content["po_number"], content["recipient"]["tax_number"]) == ("PO-77", VAT)
    assert "PO-77" in client.get(f"/orders/{order.id}/").content.decode()
    assert payments.list_order_documents(order.id)


def test_pages_and_api(firm, goods, now):
    purchase = wants(firm["staff"], goods, now, pieces=3)
    owner = Client()
    owner.force_login(firm["owner"].user)
    assert purchase.number in owner.get("/account/approvals/").content.decode()
    assert "waits for a colleague" in owner.get(f"/purchases/{purchase.id}/payment/").content.decode()
    page = f"/purchases/{purchase.id}/approval/"
    assert "Refuse" in owner.get(page).content.decode()
    assert owner.post(page, {"refuse": "1", "reason": ""}).status_code == 302
    assert PurchaseApproval.objects.get().state == "WAITING"
    listed = owner.get("/api/v1/approvals/").json()["results"]
    assert [one["approval_state"] for one in listed] == ["WAITING"]
    url = f"/api/v1/purchases/{purchase.id}/approval/"
    assert owner.post(url, {"approved": True}, content_type="application/json").json()["approval_state"] == "APPROVED"
    assert owner.get("/api/v1/buyer-profile/").json()["vat_number"] == VAT
    assert owner.post("/account/buying/", {"vat_number": "x"}).status_code == 422
    assert owner.post("/account/buying/", {"vat_number": VAT, "staff_limit": "12.50"}).status_code == 302
    assert owner.get("/api/v1/buyer-profile/").json()["staff_limit"]["minor"] == 1250
