"""Claims against carriers, from the parcel's history to the seller's money."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from core.errors import InvalidInput, TransitionRefused
from core.money import Money
from core.outbox import services as outbox
from logistics import facade as logistics
from logistics.carriers.ports import CarrierScan
from logistics.claims import evidence, services
from logistics.claims.models import Claim, ClaimTransition, ClaimWindow
from logistics.claims.rules import ClaimNotFound, ClaimType, NotClaimable
from logistics.claims.states import ClaimAction
from logistics.contracts import TrackingStatus
from logistics.tracking.services import ingest_scans, suspect_silent_parcels
from marketplace.contracts import OrderState
from marketplace.orders import services as orders
from marketplace.recoveries.models import Recovery
from marketplace.returns import services as returns
from marketplace.returns.rules import ReturnReason, ReturnWish
from payments import facade as payments
from payments.adjustments.models import Adjustment
from tests import world
from tests.factories.trust import OPERATOR

T = TrackingStatus


@pytest.fixture
def sent(real_database, now):
    """A parcel of an order, with its carrier."""
    seller, buyer = world.open_seller(now), world.person(now, name="Ana Buyer")
    order = world.buy(buyer, world.published(seller, now), now)
    orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)
    orders.hand_over(order_id=order.id, actor=seller.actor, now=now)
    outbox.drain(now=now)
    return SimpleNamespace(
        seller=seller, buyer=buyer, order=order, shipment=logistics.find_shipment_for_order(order.id)
    )


def scan(shipment, status, now):
    made = CarrierScan(
        carrier_code=shipment.carrier_code, carrier_number=shipment.carrier_number, event_id=uuid4().hex, code="X",
        text="", place="Zaragoza", status=status, occurred_at=now,
    )  # fmt: skip
    ingest_scans(scans=[made], source="TEST", now=now)
    outbox.drain(now=now)


def review(now):
    services.review_parcels(now=now)
    outbox.drain(now=now)
    services.review_parcels(now=now)
    return Claim.objects.first()


def decided(claim, amount, now, reason=""):
    return services.decide_claim(claim_id=claim.id, approved=amount, reason=reason, actor=OPERATOR, now=now)


def sent_in(claim, now):
    return services.submit_claim(claim_id=claim.id, carrier_reference="R-1", actor=OPERATOR, now=now)


def test_silence_is_traced_claimed_decided_and_paid_on(sent, now):
    silent = now + timedelta(days=30)
    assert suspect_silent_parcels(now=silent) == 1
    claim = review(silent)
    assert (claim.claim_type, claim.state, claim.amount) == ("LOST", "ELIGIBLE", sent.order.total)
    claim = sent_in(claim, silent)
    assert (claim.state, claim.carrier_reference) == ("SUBMITTED", "R-1")
    assert claim.pack["label"]["waybill"] == sent.shipment.tracking_number
    assert claim.pack["scans"][0]["status"] == "SUSPECTED_LOST"
    assert claim.pack["custody"]
    assert claim.pack_digest == evidence.digest_of(claim.pack)
    half = Money(claim.amount_minor // 2, "EUR")
    with pytest.raises(InvalidInput, match="why"):
        decided(claim, half, silent)
    claim = decided(claim, half, silent, "Packed badly.")
    assert (claim.state, claim.approved) == ("APPROVED_PARTIAL", half)
    services.pay_claim(claim_id=claim.id, actor=OPERATOR, now=silent)
    outbox.drain(now=silent)
    outbox.drain(now=silent)
    recovery = Recovery.objects.get()
    given = Adjustment.objects.get(id=recovery.adjustment_id)
    assert (given.seller_id, given.amount, recovery.amount) == (sent.order.seller_id, half, half)
    with pytest.raises(TransitionRefused):
        services.pay_claim(claim_id=claim.id, actor=OPERATOR, now=silent)


def test_a_lost_parcel_pays_the_buyer_first(sent, now):
    later = now + timedelta(days=2)
    scan(sent.shipment, T.LOST, later)
    escrow = payments.get_escrow(sent.order.id)
    assert escrow.refunded == sent.order.total
    sent.order.refresh_from_db()
    assert sent.order.state == OrderState.REFUNDED
    claim = review(later)
    assert (claim.state, claim.amount) == ("ELIGIBLE", sent.order.total), "no window has to open for it"
    assert len(payments.list_refunds([sent.order.id])) == 1


def test_what_turns_up_is_not_claimed(sent, now):
    silent = now + timedelta(days=8)
    suspect_silent_parcels(now=silent)
    claim = review(silent)
    scan(sent.shipment, T.AT_HUB, silent + timedelta(hours=1))
    claim = review(silent + timedelta(hours=2))
    assert (claim.state, Claim.objects.count()) == ("CANCELLED", 1)


def test_a_late_parcel_is_claimed_where_the_carrier_guarantees_and_kept_by_the_platform(sent, now):
    ClaimWindow.objects.filter(claim_type="LATE_GUARANTEE").update(carrier_id=sent.shipment.carrier_code)
    late = now + timedelta(days=(sent.shipment.promised_latest - now.date()).days + 4)
    scan(sent.shipment, T.DELIVERED, late)
    claim = review(late)
    assert (claim.claim_type, claim.state, claim.amount) == ("LATE_GUARANTEE", "ELIGIBLE", sent.order.shipping)
    decided(sent_in(claim, late), claim.amount, late)
    before = Adjustment.objects.count()
    services.pay_claim(claim_id=claim.id, actor=OPERATOR, now=late)
    outbox.drain(now=late)
    assert (Recovery.objects.get().adjustment_id, Adjustment.objects.count()) == (None, before)


def test_without_a_guarantee_a_late_parcel_is_no_claim(sent, now):
    ClaimWindow.objects.filter(claim_type="LATE_GUARANTEE").delete()
    scan(sent.shipment, T.DELIVERED, now + timedelta(days=60))
    assert services.review_parcels(now=now + timedelta(days=60)) == 0


def test_by_hand_asked_answered_rejected_appealed(sent, now):
    def claim_it(**changes):
        values = {"shipment_id": sent.shipment.shipment_id, "kind": ClaimType.DAMAGED, "note": "Crushed.",
                  "actor": sent.seller.actor, "now": now, **changes}  # fmt: skip
        return services.open_claim(**values)

    for actor in (sent.buyer.actor, world.person(now).actor):
        with pytest.raises(ClaimNotFound):
            claim_it(actor=actor)
    scan(sent.shipment, T.DELIVERED, now)
    claim = claim_it()
    assert claim_it().id == claim.id
    with pytest.raises(TransitionRefused):
        sent_in(claim, now)
    outbox.drain(now=now)
    claim.refresh_from_db()
    assert claim.state == "ELIGIBLE"
    claim = sent_in(claim, now)
    for note in ("", "  "):
        with pytest.raises(InvalidInput):
            services.note_claim(claim_id=claim.id, action=ClaimAction.ASK, reason=note, actor=OPERATOR, now=now)
    services.note_claim(claim_id=claim.id, action=ClaimAction.ASK, reason="Pictures?", actor=OPERATOR, now=now)
    with pytest.raises(ClaimNotFound):
        services.answer_claim(claim_id=claim.id, note="x", actor=sent.buyer.actor, now=now)
    claim = services.answer_claim(claim_id=claim.id, note="Here.", actor=sent.seller.actor, now=now)
    assert (claim.state, claim.note) == ("IN_REVIEW", "Crushed.\n\nHere.")
    with pytest.raises(InvalidInput):
        decided(claim, claim.amount + Money(1, "EUR"), now)
    assert decided(claim, Money.zero("EUR"), now, "No.").state == "REJECTED"
    services.note_claim(claim_id=claim.id, action=ClaimAction.APPEAL, reason="See picture.", actor=OPERATOR, now=now)
    assert decided(claim, claim.amount, now).state == "APPROVED"
    with pytest.raises(ClaimNotFound):
        services.pay_claim(claim_id=claim.id, actor=sent.seller.actor, now=now)
    with pytest.raises(DatabaseError, match="append-only"):
        ClaimTransition.objects.update(reason="never")


def test_nothing_is_sent_in_after_the_deadline(sent, now):
    scan(sent.shipment, T.DELIVERED, now)
    claim = services.open_claim(
        shipment_id=sent.shipment.shipment_id, kind=ClaimType.DAMAGED, note="", actor=sent.seller.actor, now=now
    )
    outbox.drain(now=now)
    late = now + timedelta(days=40)
    with pytest.raises(NotClaimable):
        sent_in(claim, late)
    services.review_parcels(now=late)
    claim.refresh_from_db()
    assert claim.state == "WRITTEN_OFF"
    with pytest.raises(NotClaimable):
        services.open_claim(
            shipment_id=sent.shipment.shipment_id, kind=ClaimType.MISSING_CONTENTS, note="", actor=sent.seller.actor,
            now=late,
        )  # fmt: skip


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "PNG")
    return SimpleUploadedFile("torn.png", buffer.getvalue())


def clients(sent, now):
    people = {"seller": sent.seller, "buyer": sent.buyer, "other": world.open_seller(now),
              "operator": world.person(now, is_operator=True)}  # fmt: skip
    made = {"anonymous": Client()}
    for who, one in people.items():
        made[who] = Client()
        made[who].force_login(one.user)
    return made


def test_pages_of_the_sender(sent, now, monkeypatch):
    monkeypatch.setattr("logistics.claims.views.utc_now", lambda: now)
    who, shipment = clients(sent, now), sent.shipment.shipment_id
    scan(sent.shipment, T.DELIVERED, now)
    page = f"/shipments/{shipment}/claims/"
    assert page in who["seller"].get(f"/orders/{sent.order.id}/").content.decode()
    assert page not in who["buyer"].get(f"/orders/{sent.order.id}/").content.decode()
    for name in ("buyer", "other"):
        assert who[name].get(page).status_code == 404
    assert who["seller"].post(page, {"claim_type": "NOTHING", "note": "x"}).status_code == 200
    assert who["seller"].post(page, {"claim_type": "DAMAGED", "note": "Crushed."}).status_code == 302
    outbox.drain(now=now)
    claim = Claim.objects.get()
    here = f"/shipments/claims/{claim.id}/"
    assert "Crushed." in who["seller"].get(here).content.decode()
    assert who["seller"].post(f"{here}photos/", {"photo": picture()}).status_code == 302
    photo = claim.photos.get()
    assert who["seller"].get(f"{here}photos/{photo.id}/").status_code == 200
    pack = who["seller"].get(f"{here}evidence/").json()
    assert pack["pictures"] == [{"sha256": photo.digest, "at": photo.at.isoformat()}]
    assert "Ana Buyer" not in str(pack)
    for name in ("buyer", "other"):
        for path in (here, f"{here}evidence/", f"{here}photos/{photo.id}/"):
            assert who[name].get(path).status_code == 404, (name, path)
        assert claim.number not in who[name].get("/shipments/claims/").content.decode()
    sent_in(claim, now)
    services.note_claim(claim_id=claim.id, action=ClaimAction.ASK, reason="How packed?", actor=OPERATOR, now=now)
    assert "How packed?" in who["seller"].get(here).content.decode()
    assert who["seller"].post(f"{here}answer/", {"note": "In a box."}).status_code == 302
    with CaptureQueriesContext(connection) as found:
        assert claim.number in who["seller"].get("/shipments/claims/").content.decode()
    assert len(found) < 12


def test_the_operators_queue(sent, now, monkeypatch):
    monkeypatch.setattr("logistics.claims.admin.utc_now", lambda: now)
    who = clients(sent, now)
    scan(sent.shipment, T.LOST, now)
    claim, queue = review(now), "/admin/logistics/claim/"

    def act(action, **typed):
        body = {"action": action, "_selected_action": [str(claim.id)], **typed}
        assert who["operator"].post(queue, body).status_code in {200, 302}
        claim.refresh_from_db()
        return claim.state

    assert claim.number in who["operator"].get(queue).content.decode()
    assert who["operator"].get(f"{queue}{claim.id}/change/").status_code == 200
    assert who["seller"].get(queue).status_code == 302
    assert act("submit", word="R-77") == "SUBMITTED"
    assert claim.carrier_reference == "R-77"
    assert act("review") == "IN_REVIEW"
    assert act("decide", granted="nonsense") == "IN_REVIEW"
    assert act("decide", granted="1.00", word="Packed badly") == "APPROVED_PARTIAL"
    assert act("pay") == "PAID"
    assert claim.approved == Money(100, "EUR")


def test_api(sent, now, monkeypatch):
    monkeypatch.setattr("logistics.claims.api.utc_now", lambda: now)
    who = clients(sent, now)
    scan(sent.shipment, T.DELIVERED, now)

    def post(client, path, **body):
        return who[client].post(
            f"/api/v1/shipping/{path}", body, content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )  # fmt: skip

    path = f"shipments/{sent.shipment.shipment_id}/claims/"
    for name in ("buyer", "other"):
        assert post(name, path, claim_type="DAMAGED", note="x").status_code == 404
    assert post("seller", path, claim_type="LATE_GUARANTEE", note="x").status_code == 422
    made = post("seller", path, claim_type="DAMAGED", note="Crushed.")
    assert (made.status_code, made.json()["amount"]) == (201, None)
    outbox.drain(now=now)
    here = f"claims/{made.json()['id']}/"
    for name in ("seller", "buyer"):
        assert post(name, f"{here}submission/").status_code == 404
    assert post("operator", f"{here}submission/", carrier_reference="A").json()["claim_state"] == "SUBMITTED"
    amount = {"minor": sent.order.total.minor, "currency": "EUR"}
    assert post("operator", f"{here}decision/", approved=amount).json()["claim_state"] == "APPROVED"
    assert post("operator", f"{here}payment/").json()["claim_state"] == "PAID"
    for name, count in (("seller", 1), ("operator", 1), ("buyer", 0), ("other", 0)):
        assert len(who[name].get("/api/v1/shipping/claims/").json()["results"]) == count
    assert who["seller"].get(f"/api/v1/shipping/{here}evidence/").json()["claim"]["type"] == "DAMAGED"
    assert len(who["seller"].get(f"/api/v1/shipping/{path}").json()) == 1


def test_goods_that_go_back_are_worth_what_was_paid_for_them(sent, now):
    """The parcel of a return is lost: its claim is over the pieces in it, and its money goes to the seller."""
    scan(sent.shipment, T.DELIVERED, now)
    line = sent.order.lines.get()
    back = returns.request_return(
        order_id=sent.order.id, asks=[returns.ReturnAsk(line.id, 1, ReturnReason.CHANGED_MIND)],
        wish=ReturnWish.REFUND, note="", actor=sent.buyer.actor, now=now,
    )  # fmt: skip
    shipment_id = returns.book_label(return_id=back.id, actor=sent.buyer.actor, now=now)
    way_back = logistics.get_shipment(shipment_id)
    scan(way_back, T.PICKED_UP, now + timedelta(hours=1))
    scan(way_back, T.LOST, now + timedelta(days=9))
    claim = review(now + timedelta(days=9))
    assert (claim.shipment_id, claim.amount) == (shipment_id, line.total)
    decided(sent_in(claim, now + timedelta(days=9)), claim.amount, now + timedelta(days=9))
    services.pay_claim(claim_id=claim.id, actor=OPERATOR, now=now + timedelta(days=9))
    outbox.drain(now=now + timedelta(days=9))
    given = Adjustment.objects.get(id=Recovery.objects.get().adjustment_id)
    assert (given.seller_id, given.amount) == (sent.order.seller_id, line.total)
