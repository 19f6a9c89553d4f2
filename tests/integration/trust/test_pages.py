"""Pages, REST and admin of trust: what the parties can do, and that strangers see nothing."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from core.money import Money
from core.outbox import services as outbox
from marketplace.contracts import SellerState
from marketplace.sellers import services as sellers
from payments import facade as payments
from tests import world
from tests.factories.trust import Deal, delivered_deal
from tests.integration.trust.test_disputes import picture
from trust import facade
from trust.disputes.models import Dispute, Evidence
from trust.reviews.models import Review
from trust.tasks import dispute_letter_task, verification_letter_task


def browser(person) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person.user)
    return client


def dispute_url(deal: Deal, rest: str = "") -> str:
    return f"/orders/{deal.order.id}/dispute/{rest}"


COMPLAINT = {"reason": "DAMAGED", "wish": "FULL_REFUND", "description": "The corner is torn."}


def test_a_dispute_on_pages(real_database, now):
    deal = delivered_deal(now)
    buyer, seller = browser(deal.buyer), browser(deal.seller)
    page = buyer.get(dispute_url(deal)).content.decode()
    assert "<html" in page
    assert 'id="id_description"' in page
    panel = buyer.get(dispute_url(deal) + "?panel=1").content.decode()
    assert "<html" not in panel
    assert 'id="id_description"' not in seller.get(dispute_url(deal)).content.decode()
    bad = buyer.post(dispute_url(deal), COMPLAINT | {"description": ""})
    assert bad.status_code == 200
    assert not Dispute.objects.exists()
    complaint = COMPLAINT | {"lines": [str(deal.line_id), "shipping"]}
    assert buyer.post(dispute_url(deal), complaint).status_code == 302
    assert Dispute.objects.get().lines == [], "everything that is held"
    again = buyer.post(dispute_url(deal), COMPLAINT)
    assert again.status_code == 200
    assert Dispute.objects.count() == 1
    assert payments.get_escrow(deal.order.id).frozen

    seller.post(dispute_url(deal, "messages/"), {"text": "I am <b>sorry</b>"})
    buyer.post(dispute_url(deal, "evidence/"), {"file": picture()})
    buyer.post(dispute_url(deal, "evidence/"), {"file": picture("b.png")} | {"file": __import__("io").BytesIO(b"x")})
    page = seller.get(dispute_url(deal)).content.decode()
    assert "&lt;b&gt;sorry" in page
    assert " style=" not in page
    kept = Evidence.objects.get()
    for person in (deal.buyer, deal.seller, world.person(now, is_operator=True)):
        file = browser(person).get(dispute_url(deal, f"evidence/{kept.id}/"))
        assert file.status_code == 200
        assert file["Content-Disposition"].startswith("attachment")
    assert Client().get(f"/media/disputes/{kept.stored_as}").status_code == 404
    assert Client().get(f"/media/listings/../disputes/{kept.stored_as}").status_code == 404
    assert "LJ-" in seller.get("/sell/disputes/?state=OPEN").content.decode()
    assert buyer.post(dispute_url(deal, "acceptance/")).status_code == 404
    assert seller.post(dispute_url(deal, "withdrawal/")).status_code == 404
    assert buyer.post(dispute_url(deal, "withdrawal/")).status_code == 302
    assert Dispute.objects.get().state == "WITHDRAWN"
    assert buyer.post(dispute_url(deal, "evidence/"), {"file": picture()}).status_code == 302
    assert Evidence.objects.count() == 1


def test_strangers_see_nothing(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    kept = facade.add_evidence(dispute_id=dispute.id, upload=picture(), actor=deal.buyer.actor, now=deal.at)
    other_buyer, other_seller = world.person(now), world.open_seller(now)
    gets = [dispute_url(deal), dispute_url(deal) + "?panel=1", dispute_url(deal, f"evidence/{kept.evidence_id}/"),
            f"/orders/{deal.order.id}/reviews/"]  # fmt: skip
    posts = [dispute_url(deal), dispute_url(deal, "messages/"), dispute_url(deal, "evidence/"),
             dispute_url(deal, "withdrawal/"), dispute_url(deal, "acceptance/"),
             f"/orders/{deal.order.id}/reviews/"]  # fmt: skip
    for person in (other_buyer, other_seller):
        client = browser(person)
        assert {client.get(url).status_code for url in gets} == {404}
        assert {client.post(url, COMPLAINT | {"text": "x"}).status_code for url in posts} == {404}
    for url in [*gets, "/sell/disputes/", "/sell/reviews/", "/sell/reputation/"]:
        response = Client().get(url)
        assert response.status_code == 302
        assert "login" in response["Location"]
    api = f"/api/v1/disputes/{dispute.id}/"
    for person in (other_buyer, other_seller):
        client = browser(person)
        assert client.get(api).status_code == 404
        assert client.post(f"{api}messages/", {"text": "x"}, "application/json").status_code == 404
        assert client.get("/api/v1/disputes/").json()["results"] == []
        for action in ("withdrawal", "acceptance"):
            response = client.post(f"{api}{action}/", headers={"Idempotency-Key": str(uuid4())})
            assert response.status_code == 404
    assert Client().get(api).status_code in {401, 403}
    assert Dispute.objects.get().state == "OPEN"


def test_disputes_over_the_api(real_database, now):
    deal = delivered_deal(now)
    buyer, key = browser(deal.buyer), str(uuid4())
    body = {"order_id": str(deal.order.id), "dispute_reason": "SHORT", "dispute_wish": "PARTIAL_REFUND",
            "description": "One is missing."}  # fmt: skip
    assert buyer.post("/api/v1/disputes/", body, "application/json").status_code == 422
    answers = [
        buyer.post("/api/v1/disputes/", body, "application/json", headers={"Idempotency-Key": key}) for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    url = f"/api/v1/disputes/{answers[0].json()['dispute_id']}/"
    assert browser(deal.seller).post(f"{url}messages/", {"text": "Which?"}, "application/json").status_code == 201
    assert buyer.post(f"{url}evidence/", {"file": picture()}).status_code == 201
    found = buyer.get(url).json()
    assert (len(found["messages"]), len(found["evidence"]), found["dispute_state"]) == (1, 1, "OPEN")
    assert len(buyer.get("/api/v1/disputes/").json()["results"]) == 1
    done = buyer.post(f"{url}withdrawal/", headers={"Idempotency-Key": str(uuid4())})
    assert done.json()["dispute_state"] == "WITHDRAWN"


def test_the_operator_decides_on_a_page(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    operator = browser(world.person(now, is_operator=True))
    url = f"/admin/trust/dispute/{dispute.id}/change/"
    page = operator.get(url).content.decode()
    assert "Ana Buyer" in page
    assert operator.get("/admin/trust/dispute/?state=OPEN").status_code == 200
    operator.post(url, {"text": "We are looking."})
    refused = operator.post(url, {"decision": "amount", "refund": "9999.00", "seller_at_fault": "yes", "reason": "x"})
    assert refused.status_code == 200
    values = {"decision": "half", "refund": "0", "seller_at_fault": "yes", "reason": "Both are a bit right."}
    assert operator.post(url, values).status_code == 302
    half = dispute.amount.allocate([1, 1])[0]
    assert payments.get_escrow(deal.order.id).refunded == half
    assert operator.post(url, values).status_code == 302  # a double click
    assert "Both are a bit right." in browser(deal.buyer).get(dispute_url(deal)).content.decode()
    for person in (deal.buyer, deal.seller):
        assert browser(person).post(url, values).status_code in {302, 403, 404}
    assert operator.get("/admin/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("decision", "state"), [("approve", SellerState.VERIFIED), ("reject", SellerState.REJECTED)])
def test_the_operator_verifies_on_a_page(now, decision, state):
    from marketplace import facade as marketplace
    from trust.verification.models import VerificationCase

    seller = world.person(now)
    sellers.save_profile(profile=world.profile("Alfar", vat_number="ESB58378431"), actor=seller.actor, now=now)
    sellers.submit_profile(actor=seller.actor, now=now)
    outbox.drain(now=now)
    case = VerificationCase.objects.get(seller_id=seller.organisation_id)
    operator = browser(world.person(now, is_operator=True))
    url = f"/admin/trust/verificationcase/{case.id}/change/"
    assert "ESB58378431" in operator.get(url).content.decode()
    assert "Alfar" in operator.get("/admin/trust/verificationcase/").content.decode()
    assert operator.post(url, {"decision": decision, "reason": ""}).status_code == 200
    assert operator.post(url, {"decision": decision, "reason": "papers"}).status_code == 302
    assert marketplace.get_seller(seller.organisation_id).state is state
    assert browser(seller).get(url).status_code == 302


def test_reviews_on_pages_and_api(real_database, now):
    deal = delivered_deal(now)
    buyer, seller = browser(deal.buyer), browser(deal.seller)
    url, line = f"/orders/{deal.order.id}/reviews/", deal.order.lines.get()
    assert 'name="rating"' in buyer.get(url + "?panel=1").content.decode()
    assert buyer.post(url, {"line": str(line.id), "rating": ""}).status_code == 200
    assert seller.get(url).status_code == 404
    assert buyer.post(url, {"line": str(line.id), "rating": "4", "title": "Fine", "text": "Soft"}).status_code == 302
    again = {"order_id": str(deal.order.id), "line_id": str(line.id), "rating": 1}
    assert buyer.post("/api/v1/reviews/", again, "application/json").status_code == 409
    assert seller.post("/api/v1/reviews/", again, "application/json").status_code == 404
    review = Review.objects.get()
    page = seller.get("/sell/reviews/").content.decode()
    assert "Fine" in page
    other = browser(world.open_seller(now))
    assert other.post("/sell/reviews/", {"review": str(review.id), "text": "No"}).status_code == 404
    assert seller.post("/sell/reviews/", {"review": str(review.id), "text": "Thank you"}).status_code == 302
    public = f"/listings/{line.listing_id}/reviews/"
    for address in (public, public + "?panel=1"):
        page = Client().get(address).content.decode()
        assert "Thank you" in page
        assert " style=" not in page
    listed = Client().get(f"/api/v1/listings/{line.listing_id}/reviews/").json()["results"]
    assert [(r["rating"], r["answer"], "buyer_id" in r) for r in listed] == [(4, "Thank you", False)]
    assert Client().get(f"/listings/{uuid4()}/reviews/").status_code == 404

    assert Client().get(f"/api/v1/sellers/{deal.seller.organisation_id}/scorecard/").status_code == 404
    assert seller.get("/sell/reputation/").status_code == 200
    outbox.drain(now=deal.at)
    facade.recompute_due_scorecards(now=deal.at, limit=5)
    card = Client().get(f"/api/v1/sellers/{deal.seller.organisation_id}/scorecard/").json()
    assert (card["rating_hundredths"], card["on_time_bp"]) == (400, None)
    assert seller.get("/sell/reputation/").status_code == 200
    assert browser(world.person(now)).get("/sell/reputation/").status_code == 302


def test_letters_go_to_the_other_side(real_database, now):
    deal = delivered_deal(now)
    deal.seller.user.language = "es"
    deal.seller.user.save()
    dispute = deal.dispute()
    dispute_letter_task(str(dispute.id), "OPENED", "BUYER")
    (letter,) = mail.outbox
    assert letter.to == [deal.seller.user.email]
    assert deal.order.number in letter.subject
    assert f"/orders/{deal.order.id}/dispute/" in letter.body
    mail.outbox.clear()
    facade.decide_dispute(
        dispute_id=dispute.id, refund=Money(500, "EUR"), seller_at_fault=False, reason="Half and half",
        actor=world.person(now, is_operator=True).actor, now=deal.at,
    )  # fmt: skip
    dispute_letter_task(str(dispute.id), "DECIDED", "OPERATOR")
    assert {tuple(m.to) for m in mail.outbox} == {(deal.seller.user.email,), (deal.buyer.user.email,)}
    mail.outbox.clear()
    for approved in (True, False):
        verification_letter_task(str(deal.seller.organisation_id), approved, "papers")
    assert len(mail.outbox) == 2


def test_lists_take_a_fixed_number_of_queries(real_database, now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    first = delivered_deal(now)
    first.dispute()
    seller = browser(first.seller)
    pages = ["/sell/disputes/", "/sell/reviews/", "/api/v1/disputes/",
             f"/listings/{first.order.lines.get().listing_id}/reviews/"]  # fmt: skip

    def counts():
        found = []
        for url in pages:
            seller.get(url)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert seller.get(url).status_code == 200
            found.append(len(queries))
        return found

    review(first)
    before = counts()
    for _ in range(3):
        deal = delivered_deal(now, seller=first.seller)
        deal.dispute()
        review(deal, listing_id=first.order.lines.get().listing_id)
    assert counts() == before


def review(deal: Deal, listing_id=None) -> None:
    line = deal.order.lines.get()
    Review.objects.create(
        order_id=deal.order.id, line_id=line.id, listing_id=listing_id or line.listing_id, listing_title=line.title,
        seller_id=deal.seller.organisation_id, buyer_id=deal.buyer.organisation_id, rating=5, state="PUBLISHED",
        posted_at=deal.at,
    )  # fmt: skip
