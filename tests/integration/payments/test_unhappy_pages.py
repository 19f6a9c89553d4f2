"""Pages, REST and operator lists of refunds, reserves, chargebacks and parts; what each person may see and do."""

from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from core.identity.services import create_person
from payments import facade
from payments.chargebacks.models import Chargeback
from payments.contracts import DeliveryKind, MilestoneRequest
from payments.escrow.models import Escrow, EscrowTimer, Refund
from payments.payouts.models import Payout
from payments.providers import disputes
from payments.providers.models import SandboxIntent
from payments.reserves.models import ReserveHold, ReservePolicy
from payments.tasks import (
    chargeback_closed_letter_task,
    chargeback_letter_task,
    payout_letter_task,
    refund_letter_task,
    release_due_letter_task,
    release_reserves_task,
)
from tests.factories.payments import CARRIER, IBAN, deliver_webhooks, eur, lined_purchase, member

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def scene(now):
    """A released order with lines, its people and their browsers."""
    clients, organisations = {"anonymous": Client()}, {}
    for name in ("seller", "buyer", "stranger", "operator"):
        user, organisations[name] = create_person(
            email=f"{name}@example.org", password=PASSWORD, name=name, country="ES", currency="EUR", now=now,
            is_operator=name == "operator",
        )  # fmt: skip
        clients[name] = Client()
        clients[name].force_login(user)
    ReservePolicy.objects.create(basis_points=1_000, days=90)
    p = lined_purchase(
        now, cup=3_000, plate=6_500, shipping=500, seller=member(organisations["seller"].id),
        buyer=member(organisations["buyer"].id),
    )  # fmt: skip
    return p, clients


def deliver(p, now):
    facade.mark_delivered(
        order_id=p.order_id, delivery_kind=DeliveryKind.POST, delivered_at=now, actor=CARRIER, now=now
    )


def api(client, method, path, body=None, key=None):
    return getattr(client, method)(
        f"/api/v1/payments/{path}", data=body, content_type="application/json",
        headers={"Idempotency-Key": key or str(uuid4())},
    )  # fmt: skip


def codes(clients, url):
    return {who: client.get(url).status_code for who, client in clients.items()}


def test_the_panel_says_why_until_when_by_which_rule_and_what_helps(scene, now):
    p, clients = scene
    deliver(p, now)
    facade.release_part(order_id=p.order_id, lines=["cup"], reason="", actor=p.buyer, now=now)
    text = clients["buyer"].get(f"/orders/{p.order_id}/money/").content.decode()
    for words in ("Why it is held", "The buyer may look at what arrived", "What would release it sooner", "30.00"):
        assert words in text
    spanish = clients["buyer"].get(f"/orders/{p.order_id}/money/", headers={"Accept-Language": "es"})
    assert spanish.status_code == 200
    assert "Give money back" not in text  # that is the seller's button
    assert "Give money back" in clients["seller"].get(f"/orders/{p.order_id}/money/").content.decode()


def test_the_seller_gives_money_back_on_a_page_once(scene, now):
    p, clients = scene
    url = f"/orders/{p.order_id}/refund/"
    assert codes(clients, url) == {
        "anonymous": 302, "seller": 200, "buyer": 404, "stranger": 404, "operator": 404
    }  # fmt: skip
    form = {"key": "press-1", "reason": "A crack", "line_1": "12.50", "line_2": "", "line_3": "5.00"}
    assert clients["seller"].post(url, form).status_code == 302
    assert clients["seller"].post(url, form | {"line_3": ""}).status_code == 422  # the key is used for something else
    assert Refund.objects.get().amount == eur(1_750)
    assert "17.50" in clients["seller"].get(url).content.decode()
    for wrong in ({"line_1": "99.00"}, {"line_1": "", "line_3": ""}, {"line_1": "1.234"}):
        assert clients["seller"].post(url, form | {"key": "press-2"} | wrong).status_code == 422, wrong
    assert Refund.objects.count() == 1
    for who in ("buyer", "stranger"):
        assert clients[who].post(url, form).status_code == 404


def test_refunds_over_rest(scene, now):
    p, clients = scene
    path = f"orders/{p.order_id}/refunds/"
    body = {"reason": "sorry", "lines": [{"ref": "cup", "amount": {"minor": 100, "currency": "EUR"}}], "shipping": True}
    first = api(clients["seller"], "post", path, body, "k-1")
    assert (first.status_code, first.json()["amount"]["minor"]) == (201, 600)
    assert api(clients["seller"], "post", path, body, "k-1").json() == first.json()
    assert api(clients["seller"], "post", path, body | {"shipping": False}, "k-1").status_code == 422
    assert Refund.objects.count() == 1
    refund_id = first.json()["refund_id"]
    assert api(clients["buyer"], "get", path).json()["results"][0]["refund_id"] == refund_id
    assert api(clients["buyer"], "get", f"refunds/{refund_id}/").status_code == 200
    for who in ("stranger", "anonymous"):
        assert api(clients[who], "get", f"refunds/{refund_id}/").status_code in (401, 403, 404)
        assert api(clients[who], "post", path, body).status_code in (401, 403, 404)
    assert api(clients["buyer"], "post", path, body).status_code == 409
    problem = api(clients["seller"], "post", path, {"reason": "x", "lines": [{"ref": "no"}]})
    assert (problem.status_code, problem.json()["code"]) == (422, "unknown_line")


def test_parts_over_rest_are_the_buyers_to_release(scene, now):
    p, clients = scene
    path = f"escrows/{p.order_id}/releases/"
    for who in ("seller", "stranger", "operator"):
        assert api(clients[who], "post", path, {"lines": ["cup"]}).status_code == 404, who
    answer = api(clients["buyer"], "post", path, {"lines": ["cup"]}, "one")
    assert answer.json()["released"]["minor"] == 3_000
    assert api(clients["buyer"], "post", path, {"lines": ["cup"]}, "one").json() == answer.json()
    assert api(clients["buyer"], "post", path, {"lines": ["cup"]}).status_code == 422
    told = api(clients["seller"], "get", f"escrows/{p.order_id}/").json()
    assert [line["held"]["minor"] for line in told["lines"]] == [0, 6_500, 500]
    assert told["reasons"][0]["code"] == "TO_SHIP"


def test_reserves_and_balances_are_shown_to_their_seller_alone(scene, now):
    p, clients = scene
    deliver(p, now)
    facade.confirm_receipt(order_id=p.order_id, actor=p.buyer, now=now)
    page = clients["seller"].get("/seller/money/").content.decode()
    assert "Your reserve" in page
    assert "9.24" in page
    told = api(clients["seller"], "get", "balances/").json()[0]
    assert (told["reserve"]["minor"], told["available"]["minor"]) == (924, 8_316)
    assert api(clients["seller"], "get", "reserves/").json()["results"][0]["amount"]["minor"] == 924
    assert api(clients["stranger"], "get", "reserves/").json()["results"] == []
    assert ReserveHold.objects.count() == 1
    assert release_reserves_task() == 0 or ReserveHold.objects.get().released_at is not None


def test_a_chargeback_is_seen_and_answered_by_its_seller(scene, now):
    p, clients = scene
    disputes.open_dispute(intent=SandboxIntent.objects.get(), now=now)
    deliver_webhooks(now)
    row = Chargeback.objects.get()
    url = f"/seller/chargebacks/{row.id}/"
    assert codes(clients, url) == {
        "anonymous": 302, "seller": 200, "buyer": 404, "stranger": 404, "operator": 404
    }  # fmt: skip
    assert clients["seller"].post(url, {"text": ""}).status_code == 422
    assert clients["seller"].post(url, {"text": "Signed for."}).status_code == 302
    assert "Signed for." in clients["seller"].get(url).content.decode()
    assert str(row.id) in clients["seller"].get("/seller/chargebacks/").content.decode()
    assert str(row.id) not in clients["stranger"].get("/seller/chargebacks/").content.decode()
    assert "Chargebacks" in clients["seller"].get("/seller/money/").content.decode()
    assert api(clients["seller"], "get", "chargebacks/").json()["results"][0]["amount"]["minor"] == 10_000
    assert api(clients["seller"], "get", f"chargebacks/{row.id}/").json()["statement"] == "Signed for."
    said = api(clients["seller"], "post", f"chargebacks/{row.id}/statements/", {"text": "More."})
    assert (said.status_code, said.json()["statement"]) == (201, "More.")
    for who in ("buyer", "stranger"):
        assert api(clients[who], "get", f"chargebacks/{row.id}/").status_code == 404
        assert api(clients[who], "post", f"chargebacks/{row.id}/statements/", {"text": "x"}).status_code == 404
    chargeback_letter_task(str(row.id))
    assert [letter.to for letter in mail.outbox] == [["seller@example.org"]]
    assert url in mail.outbox[0].body
    assert "At the bank" in clients["buyer"].get(f"/orders/{p.order_id}/money/").content.decode()


def test_the_last_call_is_written_to_the_buyer_in_their_language(scene, now):
    p, _clients = scene
    deliver(p, now)
    due = facade.get_escrow(p.order_id).release_at
    release_due_letter_task(str(p.order_id), due.isoformat())
    assert [letter.to for letter in mail.outbox] == [["buyer@example.org"]]
    assert f"/orders/{p.order_id}/money/" in mail.outbox[0].body


def test_refunds_chargebacks_and_payouts_that_came_back_are_written_about(scene, now):
    p, _clients = scene
    deliver(p, now)
    facade.confirm_receipt(order_id=p.order_id, actor=p.buyer, now=now)
    refund = facade.refund(order_id=p.order_id, amount=eur(500), reason="x", key="k", actor=p.seller, now=now)
    for occasion, to in (("REQUESTED", ["buyer", "seller"]), ("DONE", ["buyer"]), ("FAILED", ["buyer"])):
        mail.outbox.clear()
        refund_letter_task(str(refund.refund_id), occasion)
        assert [letter.to for letter in mail.outbox] == [[f"{who}@example.org"] for who in to], occasion
        assert str(p.order_id) in mail.outbox[0].body
    disputes.open_dispute(intent=SandboxIntent.objects.get(), now=now)
    deliver_webhooks(now)
    mail.outbox.clear()
    for won in (True, False):
        chargeback_closed_letter_task(str(Chargeback.objects.get().id), won)
    assert [letter.to for letter in mail.outbox] == [["seller@example.org"]] * 2
    assert len({letter.subject for letter in mail.outbox}) == 2
    payout = Payout.objects.create(
        seller_id=p.seller.organisation_id, amount_minor=100, currency="EUR", taken_minor=100, taken_currency="EUR", iban=IBAN,
        holder="S", provider="sandbox", state="RETURNED",
        failure_code="AC04", requested_at=now, next_attempt_at=now,
    )  # fmt: skip
    mail.outbox.clear()
    payout_letter_task(str(payout.id))
    assert "closed" in mail.outbox[0].body
    page = _clients["seller"].get("/seller/money/").content.decode()
    assert "sent €1.00 back" in page, "what the letters say stands on the page, too"
    assert "takes €100.00 back" in page or "takes €" in page
    payout_letter_task("00000000-0000-7000-8000-000000000000")
    assert len(mail.outbox) == 1


def test_operators_work_lists(scene, now, settings):
    p, clients = scene
    operator = clients["operator"]
    facade.refund(order_id=p.order_id, reason="x", key="k", amount=eur(100), actor=p.seller, now=now)
    Refund.objects.update(state="FAILED")
    disputes.open_dispute(intent=SandboxIntent.objects.get(), now=now)
    deliver_webhooks(now)
    row, refund, escrow = Chargeback.objects.get(), Refund.objects.get(), Escrow.objects.get()
    EscrowTimer.objects.create(escrow=escrow, armed_seq=escrow.seq, event="DECISION_DUE", due_at=now, try_at=now)
    for url in (
        "chargeback/", "chargeback/?work=answer", "chargeback/?work=urgent", "chargeback/?work=open",
        f"chargeback/?q={p.order_id}", f"chargeback/{row.id}/change/", "refund/?state__exact=FAILED",
        f"refund/{refund.id}/change/", "escrow/?attention=bank", "escrow/?attention=deadline",
        "escrow/?attention=frozen", "escrow/?attention=overdue", f"escrow/{escrow.id}/change/", "reservehold/",
        "reservepolicy/", "reservepolicy/add/", "refundpolicy/", "chargebackpolicy/", "escrowclockpolicy/",
        "milestone/", "commissionplan/",
    ):  # fmt: skip
        assert operator.get(f"/admin/payments/{url}").status_code == 200, url
    assert str(p.order_id) in operator.get("/admin/payments/escrow/?attention=bank").content.decode()
    act = {"_selected_action": [str(refund.id)], "action": "credit_the_buyer"}
    assert operator.post("/admin/payments/refund/", act).status_code == 302
    assert Refund.objects.get().state == "CREDITED"
    act = {"_selected_action": [str(row.id)], "action": "answer_now"}
    assert operator.post("/admin/payments/chargeback/", act).status_code == 302
    pdf = operator.get(f"/admin/payments/chargeback/{row.id}/evidence.pdf")
    assert (pdf.status_code, pdf.content[:4]) in ((200, b"%PDF"), (404, pdf.content[:4]))
    assert clients["seller"].get(f"/admin/payments/chargeback/{row.id}/evidence.pdf").status_code == 302


def test_schedules_on_the_panel_and_over_rest(scene, now):
    p, clients = scene
    facade.open_schedule(
        order_id=p.order_id, buyer_id=p.buyer.organisation_id, seller_id=p.seller.organisation_id, now=now,
        steps=(MilestoneRequest("Deposit for the loom", eur(100)), MilestoneRequest("Rest", eur(200))),
    )  # fmt: skip
    assert "Deposit for the loom" in clients["buyer"].get(f"/orders/{p.order_id}/money/").content.decode()
    told = api(clients["seller"], "get", f"orders/{p.order_id}/milestones/").json()
    assert [step["amount"]["minor"] for step in told] == [100, 200]
    assert api(clients["stranger"], "get", f"orders/{p.order_id}/milestones/").status_code == 404


def test_lists_ask_a_fixed_number_of_questions(scene, now, django_assert_max_num_queries):
    p, clients = scene
    for n in range(6):
        facade.refund(order_id=p.order_id, reason="x", key=str(n), amount=eur(100), actor=p.seller, now=now)
        q = lined_purchase(now, cup=1_000, seller=p.seller)
        disputes.open_dispute(intent=SandboxIntent.objects.get(idempotency_key=str(q.charge_id)), now=now)
        deliver(q, now)
    deliver_webhooks(now)
    for path in ("/seller/chargebacks/", "/seller/money/"):
        with django_assert_max_num_queries(22):
            clients["seller"].get(path)
    for path in ("chargebacks/", "reserves/", f"orders/{p.order_id}/refunds/"):
        with django_assert_max_num_queries(14):
            assert api(clients["seller"], "get", path).status_code == 200
