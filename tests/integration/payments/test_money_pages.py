"""Pages and REST of payouts, statements, documents, reconciliation and adjustments answer, and say what they should."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.clock import utc_now
from core.outbox.services import drain
from marketplace.orders.selectors import orders_of_purchase
from payments import facade
from payments.adjustments.models import Adjustment
from payments.contracts import HoldReason
from payments.payouts import services as payouts
from payments.payouts.models import Payout, PayoutPolicy
from payments.providers import bank
from payments.reconciliation.models import BankLine
from tests import world
from tests.factories.bank import BUYER_IBAN, entry, imported, our_account, statement, tx
from tests.factories.payments import IBAN, OPERATOR, eur, member, paid_purchase
from tests.integration.payments.test_payouts import destination, release

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(now):
    seller, operator = world.open_seller(now), world.person(now, is_operator=True)
    p = paid_purchase(now, sellers=[member(seller.organisation_id)])
    destination(p.seller, now)
    payouts.set_payout_schedule(
        seller_id=seller.organisation_id, frequency=payouts.PayoutFrequency.MANUAL, weekday=0, month_day=1, currency="",
        actor=p.seller, now=now,
    )  # fmt: skip
    release(p, now)
    clients = {}
    for name, one in (("seller", seller), ("operator", operator)):
        clients[name] = Client()
        clients[name].force_login(one.user)
    return p, clients["seller"], clients["operator"]


def test_the_sellers_pages_answer(scene):
    _, seller, operator = scene
    for page in ("", "payouts/", "schedule/", "statement/", "statement/?month=2026-03&currency=EUR", "adjustments/"):
        assert seller.get(f"/seller/money/{page}").status_code == 200, page
        assert operator.get(f"/seller/money/{page}").status_code == 404, page
    assert seller.get("/seller/money/statement/?currency=XXX").status_code == 404
    for kind, start in (("csv", b"at,what"), ("pdf", b"%PDF")):
        assert seller.get(f"/seller/money/statement/?month=2026-03&format={kind}").content.startswith(start)
    text = seller.get("/seller/money/statement/?month=2026-03").content.decode()
    assert "92.40" in text


def test_the_statement_by_rest(scene):
    _, seller, operator = scene
    url = "/api/v1/payments/seller-statement/?month=2026-03"
    sheet = seller.get(url).json()
    assert (sheet["opening"]["minor"], sheet["closing"]["minor"]) == (0, 9_240)
    assert [row["amount"]["minor"] for row in sheet["rows"]] == [9_240]
    assert operator.get(url).status_code == 404
    assert seller.get(f"{url}&currency=XXX").status_code == 422


def test_lists_take_a_fixed_number_of_queries(scene, now, django_assert_max_num_queries):
    p, seller, operator = scene
    our_account()
    imported(now, *(entry(f"{number}.00", tx(name="Who", iban=BUYER_IBAN)) for number in range(1, 9)))
    for _ in range(3):
        again = paid_purchase(now, sellers=[p.seller])
        release(again, now)
        payouts.request_payout(seller_id=p.seller.organisation_id, currency="EUR", actor=p.seller, now=now)
    for client, url in ((seller, "/seller/money/payouts/"), (seller, "/seller/money/"), (seller, "/documents/"),
                        (operator, "/admin/payments/bankline/"), (operator, "/api/v1/payments/bank-lines/"),
                        (operator, "/admin/payments/payout/")):  # fmt: skip
        with django_assert_max_num_queries(30):
            assert client.get(url).status_code == 200, url


def test_pay_me_now_and_instantly(scene):
    _p, seller, _ = scene
    assert "Pay me now" in seller.get("/seller/money/").content.decode()
    assert seller.post("/seller/money/payout-request/", {"currency": "XXX"}).status_code == 404
    seller.post("/seller/money/payout-request/", {"currency": "EUR", "speed": "instant"})
    payout = Payout.objects.get()
    assert (payout.instant, payout.fee) == (True, eur(92))
    seller.post("/seller/money/payout-request/", {"currency": "EUR", "speed": "standard"})
    assert Payout.objects.count() == 1
    assert "91.48" in seller.get("/seller/money/payouts/").content.decode()


def test_the_seller_reads_why_nothing_is_paid(scene, now):
    p, seller, _ = scene
    payouts.place_payout_hold(
        seller_id=p.seller.organisation_id,
        reason=HoldReason.RISK,
        note="We look at three orders.",
        actor=OPERATOR,
        now=now,
    )
    page = seller.get("/seller/money/").content.decode()
    assert "We look at three orders." in page
    assert "Pay me now" not in page
    (hold,) = seller.get("/api/v1/payments/payout-holds/").json()
    assert hold["reason"] == "RISK"


def test_the_schedule_is_chosen_on_a_page_and_by_rest(scene):
    _, seller, _ = scene
    wrong = seller.post("/seller/money/schedule/", {"frequency": "WEEKLY", "weekday": "2", "month_day": "40"})
    assert wrong.status_code == 422
    values = {"frequency": "WEEKLY", "weekday": "2", "month_day": "1", "currency": "GBP"}
    assert seller.post("/seller/money/schedule/", values).status_code == 302
    url = "/api/v1/payments/payout-schedule/"
    assert seller.get(url).json() == {"frequency": "WEEKLY", "weekday": 2, "month_day": 1, "currency": "GBP"}
    put = seller.put(url, {"frequency": "DAILY"}, content_type="application/json")
    assert put.json()["frequency"] == "DAILY"


def test_payouts_and_quotes_by_rest_once_per_key(scene):
    _, seller, _ = scene
    key = {"Idempotency-Key": str(uuid4())}
    asked = {"amount": {"minor": 9_240, "currency": "EUR"}, "target_currency": "USD"}
    quote = seller.post(
        "/api/v1/payments/exchange-quotes/", asked, content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    ).json()  # fmt: skip
    body = {"currency": "EUR", "quote_id": quote["id"]}
    url = "/api/v1/payments/payouts/"
    assert seller.post(url, body, content_type="application/json").status_code == 422  # no key
    first = seller.post(url, body, content_type="application/json", headers=key)
    again = seller.post(url, body, content_type="application/json", headers=key)
    assert (first.status_code, first.json()) == (201, again.json())
    assert first.json()["amount"] == quote["target_amount"]
    assert Payout.objects.count() == 1


def test_statements_are_imported_on_a_page_and_by_rest(scene, now):
    _, seller, operator = scene
    our_account()
    content = statement(entry("12.00", tx(name="Who", iban=BUYER_IBAN)))
    url = "/admin/payments/bankstatement/upload/"
    assert operator.get(url).status_code == 200
    assert seller.get(url).status_code == 302
    bad = operator.post(url, {"statement": SimpleUploadedFile("x.xml", b"nonsense")})
    assert bad.status_code == 200
    good = operator.post(url, {"statement": SimpleUploadedFile("x.xml", content)})
    assert good.status_code == 302
    api = "/api/v1/payments/statements/"
    assert seller.get(api).status_code == 404
    again = operator.post(api, {"statement": SimpleUploadedFile("x.xml", content)})
    assert (again.status_code, again.json()["known"]) == (201, 1)
    assert len(operator.get(api).json()["results"]) == 1
    lines = operator.get("/api/v1/payments/bank-lines/").json()["results"]
    assert [line["amount"]["minor"] for line in lines] == [1_200]
    decision = operator.post(
        f"/api/v1/payments/bank-lines/{lines[0]['id']}/decision/", {"decision": "WRITE_OFF", "reason": "old"},
        content_type="application/json", headers={"Idempotency-Key": str(uuid4())},
    )  # fmt: skip
    assert decision.json()["line_state"] == "WRITTEN_OFF"


def test_the_work_list_and_its_decisions(scene, now):
    _, _, operator = scene
    our_account()
    imported(now, entry("12.00", tx(name="Who", iban=BUYER_IBAN)), entry("-3.00"))
    receipt, fee = BankLine.objects.get(amount_minor=1_200), BankLine.objects.get(amount_minor=-300)
    for page in ("", "?work=all", "?work=MATCHED", "?q=Who"):
        assert operator.get(f"/admin/payments/bankline/{page}").status_code == 200, page
    url = f"/admin/payments/bankline/{receipt.id}/change/"
    assert "Who" in operator.get(url).content.decode()
    assert operator.post(url, {"decision": "PAYOUT", "reason": "x"}).status_code == 200  # names no payout
    assert operator.post(url, {"decision": "SEND_BACK", "reason": "unknown"}).status_code == 302
    assert operator.post(
        f"/admin/payments/bankline/{fee.id}/change/", {"decision": "FEE", "reason": "fee"}
    ).status_code == 302  # fmt: skip
    assert operator.get(url).status_code == 200
    assert operator.get(f"/admin/payments/bankline/{uuid4()}/change/").status_code == 404


def test_payment_files_are_made_and_fetched(scene, now):
    p, _, operator = scene
    account = our_account()
    PayoutPolicy.objects.filter(currency="EUR").update(rail="bank")
    payouts.request_payout(seller_id=p.seller.organisation_id, currency="EUR", actor=p.seller, now=now)
    payouts.submit_due_payouts(now=now)
    action = {"action": "make_file", "_selected_action": [str(account.id)]}
    assert operator.post("/admin/payments/bankaccount/", action).status_code == 302
    made = bank.PaymentFile.objects.get()
    answer = operator.get(f"/admin/payments/paymentfile/{made.id}/download/")
    assert IBAN in answer.content.decode()
    made.refresh_from_db()
    assert made.downloaded_at is not None


def test_an_order_that_waits_for_a_file_can_be_cancelled(scene, now):
    p, _, operator = scene
    PayoutPolicy.objects.filter(currency="EUR").update(rail="bank")
    payouts.request_payout(seller_id=p.seller.organisation_id, currency="EUR", actor=p.seller, now=now)
    payouts.submit_due_payouts(now=now)
    order = bank.BankOrder.objects.get()
    operator.post("/admin/payments/bankorder/", {"action": "cancel", "_selected_action": [str(order.id)]})
    order.refresh_from_db()
    assert order.state == "CANCELLED"
    payouts.submit_due_payouts(now=now + payouts.LEASE * 300)
    assert Payout.objects.get().state == "FAILED"


def test_holds_and_adjustments_in_the_admin(scene, now):
    p, seller, operator = scene
    body = {"seller_id": str(p.seller.organisation_id), "reason": "RISK", "note": "Checking"}
    assert operator.post("/admin/payments/payouthold/add/", body).status_code == 302
    assert "Checking" in seller.get("/seller/money/").content.decode()
    hold = payouts.PayoutHold.objects.get()
    operator.post("/admin/payments/payouthold/", {"action": "lift", "_selected_action": [str(hold.id)]})
    assert "Checking" not in seller.get("/seller/money/").content.decode()
    new = "/admin/payments/adjustment/add/"
    asked = {"seller_id": str(p.seller.organisation_id), "kind": "PENALTY", "amount": "-5.00", "currency": "EUR",
             "reason": "Late label"}  # fmt: skip
    assert operator.get(new).status_code == 200
    assert operator.post(new, asked | {"amount": "5.001"}).status_code == 200
    assert operator.post(new, asked).status_code == 302
    assert "Late label" in seller.get("/seller/money/adjustments/").content.decode()
    assert operator.post(new, asked | {"amount": "-500.00"}).status_code == 302
    waiting = Adjustment.objects.get(state="REQUESTED")
    url = f"/admin/payments/adjustment/{waiting.id}/change/"
    assert operator.get(url).status_code == 200
    assert operator.post(url, {"decision": "approve"}).status_code == 200  # asked for it themselves
    waiting.refresh_from_db()
    assert waiting.state == "REQUESTED"


def test_every_other_admin_page_answers(scene, now):
    _, _, operator = scene
    our_account()
    imported(now, entry("12.00"), opening="0.00", closing="12.00")
    for name in ("bankaccount", "bankintent", "bankorder", "bankstatement", "paymentfile", "payoutschedule", "payouthold",
                 "exchangequote", "exchangepolicy", "document", "taxremittance", "adjustment", "adjustmentpolicy",
                 "exchangequote/positions", "document/dac7", "payoutpolicy", "payout"):  # fmt: skip
        assert operator.get(f"/admin/payments/{name}/").status_code == 200, name
    for kind in ("csv", "json", "xml"):
        assert operator.get(f"/admin/payments/document/dac7/?year=2026&format={kind}").status_code == 200
    assert operator.get("/admin/").status_code == 200


def test_adjustments_by_rest(scene):
    p, seller, operator = scene
    url = "/api/v1/payments/adjustments/"
    body = {"seller_id": str(p.seller.organisation_id), "adjustment_kind": "PENALTY", "reason": "Late",
            "amount": {"minor": -500, "currency": "EUR"}}  # fmt: skip
    headers = {"Idempotency-Key": str(uuid4())}
    assert seller.post(url, body, content_type="application/json", headers=headers).status_code == 404
    made = operator.post(url, body, content_type="application/json", headers=headers)
    assert (made.status_code, made.json()["adjustment_state"]) == (201, "POSTED")
    assert len(seller.get(url).json()["results"]) == 1


def test_a_buyer_pays_by_transfer_at_checkout(real_now):
    now = real_now
    our_account()
    seller, buyer = world.open_seller(now), world.person(now)
    listing = world.published(seller, now)
    world.fill_cart(buyer, {listing.id: 1}, now)
    purchase = world.place(buyer, now)
    client = Client()
    client.force_login(buyer.user)
    url = f"/purchases/{purchase.id}/payment/"
    assert "bank_transfer" in client.get(url).content.decode()
    assert client.post(url, {"method": "bank_transfer"}).status_code == 302
    how = facade.transfer_instructions(purchase.charge_id)
    page = client.get(f"/purchases/{purchase.id}/").content.decode()
    assert how.reference in page
    assert how.iban in page
    assert client.get(url).status_code == 302  # nothing else to choose while we wait
    purchase.refresh_from_db()
    assert purchase.expires_at == how.expires_at
    later = now + timedelta(days=3)
    order = orders_of_purchase(purchase.id)[0]
    promised = order.ship_by
    imported(later, entry(f"{purchase.total.decimal}", tx(reference=how.reference, name="Bea", iban=BUYER_IBAN)))
    drain(now=later)
    order.refresh_from_db()
    assert order.state == "PAID"
    assert order.ship_by == promised + timedelta(days=3)


@pytest.fixture
def real_now(now):
    """Pages read the clock: a purchase placed at the tests' moment would have expired."""
    return utc_now()
