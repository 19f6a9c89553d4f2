"""Money on pages and in the admin: who sees what, and that every page answers."""

import pytest
from django.test import Client

from core.identity.services import create_person
from payments.escrow.models import Escrow
from payments.ledger.models import Account
from tests.factories.payments import IBAN, deliver_webhooks, member, open_purchase, submit
from tests.integration.payments.test_payouts import destination, release

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def world(now):
    clients = {"anonymous": Client()}
    organisations = {}
    for name in ("seller", "stranger", "operator"):
        user, organisations[name] = create_person(
            email=f"{name}@example.org", password=PASSWORD, name=name, country="ES", currency="EUR", now=now,
            is_operator=name == "operator",
        )  # fmt: skip
        clients[name] = Client()
        clients[name].force_login(user)
    p = open_purchase(now, sellers=[member(organisations["seller"].id)])
    submit(p, now)
    return p, clients


def test_the_order_panel_is_for_its_people(world):
    p, clients = world
    url = f"/orders/{p.order_id}/money/"
    codes = {who: client.get(url).status_code for who, client in clients.items()}
    assert codes == {"anonymous": 404, "seller": 200, "stranger": 404, "operator": 200}
    embedded = clients["seller"].get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in embedded
    assert "100.00" in embedded


def test_the_sellers_money_page(world, now):
    p, clients = world
    page = clients["seller"].get("/seller/money/").content.decode()
    assert "100.00" in page
    wrong = clients["seller"].post("/seller/money/", {"holder": "Ana", "iban": "ES00"})
    assert wrong.status_code == 422
    assert "ES00" in wrong.content.decode()
    assert clients["seller"].post("/seller/money/", {"holder": "Ana", "iban": IBAN}).status_code == 302
    destination(p.seller, now)
    release(p, now)
    page = clients["seller"].get("/seller/money/").content.decode()
    assert "1332" in page
    assert IBAN not in page
    assert clients["stranger"].get("/seller/money/").status_code == 200
    assert "1332" not in clients["stranger"].get("/seller/money/").content.decode()
    assert clients["anonymous"].get("/seller/money/").status_code == 302


def test_every_admin_page_answers(world, now):
    p, clients = world
    deliver_webhooks(now)
    destination(p.seller, now)
    release(p, now)
    operator = clients["operator"]
    for name in ("escrow", "refund", "charge", "payout", "account", "entry", "txn", "pspevent", "commissionplan",
                 "inspectionpolicy", "payoutpolicy"):  # fmt: skip
        assert operator.get(f"/admin/payments/{name}/").status_code == 200, name
    account = Account.objects.filter(kind="ESCROW").get()
    escrow = Escrow.objects.get()
    for url in (
        "escrow/?attention=overdue", "escrow/?attention=frozen", f"escrow/?q={p.order_id}",
        f"escrow/{escrow.id}/change/",
        f"charge/{p.charge_id}/change/", f"entry/?account__id__exact={account.id}", "account/trial-balance/",
    ):  # fmt: skip
        assert operator.get(f"/admin/payments/{url}").status_code == 200, url
    assert clients["stranger"].get("/admin/payments/account/trial-balance/").status_code == 302
