"""Returns: asked for, answered, carried, looked at, and paid back; what nobody does happens by itself."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from PIL import Image

from core.actor import Actor
from core.errors import InvalidInput, TransitionRefused
from core.models import EventRecord
from core.money import Money
from core.outbox import services as outbox
from logistics import facade as logistics
from logistics.carriers.ports import CarrierScan
from logistics.contracts import ShipmentAlreadyHandedOver, TrackingStatus
from logistics.tracking.services import ingest_scans
from marketplace.catalog.models import Stock
from marketplace.contracts import NotEnoughStock, OrderNotFound, OrderState
from marketplace.orders import services as orders
from marketplace.orders.models import Order
from marketplace.orders.selectors import orders_of_purchase
from marketplace.returns import letters, photos, services, settlement
from marketplace.returns.models import Return, ReturnPolicy, ReturnTransition
from marketplace.returns.rules import Disposition, FinalSale, NotReturnable, ReturnNotFound, ReturnReason, ReturnWish
from marketplace.returns.services import ReturnAsk
from marketplace.returns.settlement import Finding
from payments import facade as payments
from payments.contracts import RefundDuringDispute
from payments.providers import disputes as bank
from payments.providers.models import SandboxIntent
from tests import world
from trust.contracts import DisputeReason, DisputeWish
from trust.disputes import services as disputes

CARRIER = Actor.carrier("test")
R = ReturnReason


@dataclass
class Deal:
    """A delivered order with one piece of a cloth and three of napkins."""

    seller: world.Person
    buyer: world.Person
    order: Order

    @property
    def lines(self):
        return list(self.order.lines.order_by("id"))

    def ask(self, now, *quantities, reason=R.CHANGED_MIND, wish=ReturnWish.REFUND, actor=None):
        asks = [ReturnAsk(line.id, n, reason) for line, n in zip(self.lines, quantities, strict=False) if n]
        return services.request_return(
            order_id=self.order.id, asks=asks, wish=wish, note="", actor=actor or self.buyer.actor, now=now
        )

    def receive(self, back, now):
        services.mark_received(return_id=back.id, received_at=now, actor=self.seller.actor, now=now)

    def inspect(self, back, now, findings=None, reason=""):
        return settlement.inspect_return(
            return_id=back.id, findings=findings or {}, reason=reason, actor=self.seller.actor, now=now
        )


@pytest.fixture
def deal(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now, name="Ana Buyer")
    one, two = world.published(seller, now), world.published(seller, now, title="Napkins")
    world.fill_cart(buyer, {one.id: 1, two.id: 3}, now)
    purchase = world.place(buyer, now)
    world.pay(buyer, purchase, now)
    order = orders_of_purchase(purchase.id)[0]
    orders.mark_delivered(order_id=order.id, delivered_at=now, kept_promise=True, actor=CARRIER, now=now)
    order.refresh_from_db()
    return Deal(seller, buyer, order)


def scan(shipment, status, now):
    made = CarrierScan(
        carrier_code=shipment.carrier_code, carrier_number=shipment.carrier_number, event_id=uuid4().hex, code="X",
        text="", place="", status=status, occurred_at=now,
    )  # fmt: skip
    ingest_scans(scans=[made], source="TEST", now=now)
    outbox.drain(now=now)


def refunded(deal):
    return {line.ref: line.refunded.minor for line in payments.list_escrow_lines(deal.order.id)}


def test_a_change_of_mind_from_the_label_to_the_money(deal, now):
    """By right, so at once; scans move it; shipping comes back because everything does, the label is the buyer's."""
    back = deal.ask(now, 1, 3)
    assert (back.state, back.payer) == ("APPROVED", "BUYER")
    assert payments.get_escrow(deal.order.id).paused
    shipment_id = services.book_label(return_id=back.id, actor=deal.buyer.actor, now=now)
    assert services.book_label(return_id=back.id, actor=deal.buyer.actor, now=now) == shipment_id
    shipment = logistics.get_shipment(shipment_id)
    assert (shipment.purpose, shipment.seller_id, shipment.label_ready) == ("RETURN", deal.buyer.organisation_id, True)
    services.hand_over_return(return_id=back.id, actor=deal.buyer.actor, now=now)
    outbox.drain(now=now)
    back.refresh_from_db()
    assert back.state == "IN_TRANSIT"
    with pytest.raises(TransitionRefused):
        services.cancel_return(return_id=back.id, actor=deal.buyer.actor, now=now)
    later = now + timedelta(days=2)
    scan(shipment, TrackingStatus.DELIVERED, later)
    back.refresh_from_db()
    assert (back.state, back.received_at) == ("RECEIVED", later)
    stock = {row.listing_id: row.on_hand for row in Stock.objects.all()}
    back = deal.inspect(back, later)
    assert (back.state, back.refunded) == ("REFUNDED", deal.order.total - back.label_price)
    assert sum(refunded(deal).values()) == back.refunded_minor
    for line in deal.lines:
        assert Stock.objects.get(listing_id=line.listing_id).on_hand == stock[line.listing_id] + line.quantity
    assert not payments.get_escrow(deal.order.id).paused
    assert logistics.promise_record(deal.buyer.organisation_id).total == 0, "the buyer is no seller"


def test_pieces_of_a_line_and_wear(deal, now):
    back = deal.ask(now, 0, 2)
    deal.receive(back, now)
    (part,) = back.lines.all()
    finding = Finding(accepted=1, disposition=Disposition.SCRAP, deduction_minor=300)
    with pytest.raises(InvalidInput, match="why"):
        deal.inspect(back, now, {part.id: finding})
    on_hand = Stock.objects.get(listing_id=part.line.listing_id).on_hand
    back = deal.inspect(back, now, {part.id: finding}, reason="One is stained.")
    assert back.refunded == part.line.unit_price - Money(300, "EUR")
    assert (Stock.objects.get(listing_id=part.line.listing_id).on_hand, back.answer) == (on_hand, "One is stained.")
    with pytest.raises(InvalidInput, match="pieces"):
        deal.ask(now, 0, 2)
    again = deal.ask(now, 0, 1)
    deal.receive(again, now)
    assert deal.inspect(again, now).refunded == part.line.unit_price


def test_a_fault_is_answered_by_the_seller(deal, now):
    back = deal.ask(now, 1, reason=R.DAMAGED)
    assert (back.state, back.payer) == ("REQUESTED", "SELLER")
    with pytest.raises(InvalidInput):
        services.refuse_return(return_id=back.id, reason=" ", actor=deal.seller.actor, now=now)
    with pytest.raises(ReturnNotFound):
        services.approve_return(return_id=back.id, actor=deal.buyer.actor, now=now)
    due = payments.get_escrow(deal.order.id).release_at
    back = services.refuse_return(return_id=back.id, reason="No picture.", actor=deal.seller.actor, now=now)
    assert (back.state, back.answer) == ("REFUSED", "No picture.")
    escrow = payments.get_escrow(deal.order.id)
    assert (escrow.paused, due) == (False, None)
    assert escrow.release_at is not None
    assert deal.ask(now, 1, reason=R.DEFECTIVE).state == "REQUESTED"


def test_a_right_cannot_be_refused(deal, now):
    back = deal.ask(now, 1)
    with pytest.raises(TransitionRefused):
        services.refuse_return(return_id=back.id, reason="No.", actor=deal.seller.actor, now=now)


def test_what_nobody_does_happens_by_itself(deal, now):
    back = deal.ask(now, 1, reason=R.DAMAGED)
    assert settlement.run_return_clocks(now=now + timedelta(days=2)) == 0
    settlement.run_return_clocks(now=now + timedelta(days=3))
    back.refresh_from_db()
    assert back.state == "APPROVED"
    deal.receive(back, now + timedelta(days=5))
    settlement.run_return_clocks(now=now + timedelta(days=12))
    back.refresh_from_db()
    assert (back.state, back.refunded) == ("REFUNDED", deal.lines[0].total)
    mind = deal.ask(now + timedelta(days=12), 0, 3)
    settlement.run_return_clocks(now=now + timedelta(days=27))
    mind.refresh_from_db()
    assert mind.state == "CANCELLED"


def test_a_label_that_was_not_used_is_void_and_a_dropped_parcel_is_waited_for(deal, now):
    back = deal.ask(now, 1)
    shipment_id = services.book_label(return_id=back.id, actor=deal.buyer.actor, now=now)
    services.cancel_return(return_id=back.id, actor=deal.buyer.actor, now=now)
    assert logistics.get_shipment(shipment_id).status == "CANCELLED"
    back = deal.ask(now, 1)
    services.book_label(return_id=back.id, actor=deal.buyer.actor, now=now)
    with logistics.telling_carriers_later():
        services.hand_over_return(return_id=back.id, actor=deal.buyer.actor, now=now)
    with pytest.raises(ShipmentAlreadyHandedOver):
        services.cancel_return(return_id=back.id, actor=deal.buyer.actor, now=now)
    late = now + timedelta(days=15)
    settlement.run_return_clocks(now=late)
    back.refresh_from_db()
    assert (back.state, back.due_at) == ("APPROVED", late + timedelta(days=1))


def test_a_lost_parcel_is_not_the_buyers_loss(deal, now):
    back = deal.ask(now, 1)
    shipment_id = services.book_label(return_id=back.id, actor=deal.buyer.actor, now=now)
    scan(logistics.get_shipment(shipment_id), TrackingStatus.PICKED_UP, now)
    scan(logistics.get_shipment(shipment_id), TrackingStatus.LOST, now + timedelta(days=9))
    back.refresh_from_db()
    assert (back.state, back.refunded) == ("REFUNDED", deal.lines[0].total), "no label is taken off"
    deal.order.refresh_from_db()
    assert deal.order.state == OrderState.DELIVERED


def test_the_same_goods_again(deal, now):
    back = deal.ask(now, 0, 2, reason=R.WRONG_ITEM, wish=ReturnWish.EXCHANGE)
    services.approve_return(return_id=back.id, actor=deal.seller.actor, now=now)
    deal.receive(back, now)
    on_hand = Stock.objects.get(listing_id=deal.lines[1].listing_id).on_hand
    shipment_id = settlement.replace_return(return_id=back.id, actor=deal.seller.actor, now=now)
    assert Stock.objects.get(listing_id=deal.lines[1].listing_id).on_hand == on_hand - 2
    settlement.hand_over_replacement(return_id=back.id, actor=deal.seller.actor, now=now)
    scan(logistics.get_shipment(shipment_id), TrackingStatus.DELIVERED, now + timedelta(days=2))
    back.refresh_from_db()
    assert (back.state, back.refunded_minor) == ("EXCHANGED", 0)
    assert not payments.get_escrow(deal.order.id).paused


def test_no_stock_no_exchange_and_lost_new_goods_are_refunded(deal, now):
    back = deal.ask(now, 1, reason=R.DEFECTIVE, wish=ReturnWish.EXCHANGE)
    services.approve_return(return_id=back.id, actor=deal.seller.actor, now=now)
    deal.receive(back, now)
    Stock.objects.update(on_hand=0)
    with pytest.raises(NotEnoughStock):
        settlement.replace_return(return_id=back.id, actor=deal.seller.actor, now=now)
    Stock.objects.update(on_hand=5)
    shipment_id = settlement.replace_return(return_id=back.id, actor=deal.seller.actor, now=now)
    settlement.hand_over_replacement(return_id=back.id, actor=deal.seller.actor, now=now)
    scan(logistics.get_shipment(shipment_id), TrackingStatus.LOST, now + timedelta(days=9))
    back.refresh_from_db()
    assert (back.state, back.refunded) == ("REFUNDED", deal.lines[0].total)


def test_rejected_goods_are_not_paid_back(deal, now):
    back = deal.ask(now, 1)
    deal.receive(back, now)
    (part,) = back.lines.all()
    back = deal.inspect(back, now, {part.id: Finding(0, Disposition.SCRAP)}, reason="Not ours.")
    assert (back.state, back.refunded_minor) == ("REJECTED", 0)
    assert not any(refunded(deal).values())


def test_during_a_dispute_money_waits(deal, now):
    back = deal.ask(now, 1)
    deal.receive(back, now)
    dispute = disputes.open_dispute(
        order_id=deal.order.id, reason=DisputeReason.DAMAGED, wish=DisputeWish.FULL_REFUND, description="Torn.",
        lines=[str(deal.lines[1].id)], actor=deal.buyer.actor, now=now,
    )  # fmt: skip
    with pytest.raises(RefundDuringDispute):
        deal.inspect(back, now)
    week = now + timedelta(days=7)
    settlement.run_return_clocks(now=week)
    back.refresh_from_db()
    assert (back.state, back.due_at) == ("RECEIVED", week + timedelta(days=1))
    disputes.withdraw_dispute(dispute_id=dispute.id, actor=deal.buyer.actor, now=week)
    settlement.run_return_clocks(now=week + timedelta(days=1))
    back.refresh_from_db()
    assert back.state == "REFUNDED"


def test_after_release_the_seller_pays_it_back(deal, now):
    orders.confirm_receipt(order_id=deal.order.id, actor=deal.buyer.actor, now=now)
    deal.order.refresh_from_db()
    back = deal.ask(now, 1)
    deal.receive(back, now)
    back = deal.inspect(back, now)
    (refund,) = payments.list_refunds([deal.order.id])
    assert (refund.amount, refund.from_escrow.minor) == (deal.lines[0].total, 0)


@pytest.mark.parametrize("days", [15, 61])
def test_too_late(deal, now, days):
    with pytest.raises(NotReturnable):
        deal.ask(now + timedelta(days=days), 1, reason=R.CHANGED_MIND if days == 15 else R.DAMAGED)
    assert not Return.objects.exists()


def test_the_shops_terms_count(deal, now):
    who = {"actor": deal.seller.actor, "now": now}
    services.set_policy(category_code="", window_days=30, buyer_pays=False, final_sale=FinalSale.NONE, **who)
    assert deal.ask(now + timedelta(days=29), 1).payer == "SELLER"
    services.set_policy(
        category_code="table-linen", window_days=14, buyer_pays=True, final_sale=FinalSale.MADE_TO_ORDER, **who
    )
    Return.objects.update(state="CANCELLED", due_at=None)
    with pytest.raises(NotReturnable, match="final sale"):
        deal.ask(now, 1)
    with pytest.raises(InvalidInput):
        services.set_policy(category_code="nothing", window_days=14, buyer_pays=True, final_sale=FinalSale.NONE, **who)
    mine = ReturnPolicy.objects.filter(seller_id=deal.seller.organisation_id).first()
    with pytest.raises(ReturnNotFound):
        services.remove_policy(policy_id=mine.id, actor=deal.buyer.actor, now=now)
    services.remove_policy(policy_id=mine.id, actor=deal.seller.actor, now=now)
    assert ReturnPolicy.objects.filter(seller=None).exists()


def test_bad_asks(deal, now):
    for quantities in ((), (0, 4), (2,)):
        with pytest.raises(InvalidInput):
            deal.ask(now, *quantities)
    for actor in (deal.seller.actor, world.person(now).actor):
        with pytest.raises(OrderNotFound):
            deal.ask(now, 1, actor=actor)
    deal.ask(now, 1)
    with pytest.raises(NotReturnable, match="open already"):
        deal.ask(now, 0, 1)


def test_history_and_events(deal, now):
    back = deal.ask(now, 1)
    told = [row.payload for row in EventRecord.objects.filter(name="marketplace.return.moved.v1").order_by("id")]
    assert [(fact["previous_state"], fact["state"]) for fact in told] == [("", "REQUESTED"), ("REQUESTED", "APPROVED")]
    assert told[0]["lines"] == [
        {"listing_id": str(deal.lines[0].listing_id), "quantity": 1, "reason": "CHANGED_MIND"}
    ]  # fmt: skip
    with pytest.raises(DatabaseError, match="append-only"):
        ReturnTransition.objects.filter(of=back).update(reason="never")


def test_letters_say_what_happens_next(deal, now, mailoutbox):
    back = deal.ask(now, 1, reason=R.DAMAGED)
    letters.send_return(return_id=back.id, state="REQUESTED")
    letters.send_return(return_id=uuid4(), state="REQUESTED")
    (letter,) = mailoutbox
    assert letter.to == [deal.seller.user.email]
    assert back.number in letter.subject
    assert "Answer within three days" in letter.body


def picture():
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "PNG")
    return SimpleUploadedFile("torn.png", buffer.getvalue())


def clients(deal, now):
    people = {
        "buyer": deal.buyer,
        "seller": deal.seller,
        "stranger": world.person(now),
        "other": world.open_seller(now),
    }
    made = {"anonymous": Client()}
    for who, one in people.items():
        made[who] = Client()
        made[who].force_login(one.user)
    return made


def test_photos_are_for_the_parties(deal, now):
    back, who = deal.ask(now, 1, reason=R.DAMAGED), clients(deal, now)
    page = f"/returns/{back.id}/photos/"
    assert who["seller"].post(page, {"photo": picture()}).status_code == 404
    assert who["buyer"].post(page, {"photo": SimpleUploadedFile("a.png", b"nothing")}).status_code == 302
    assert not back.photos.exists()
    assert who["buyer"].post(page, {"photo": picture()}).status_code == 302
    photo = back.photos.get()
    for name, code in (("buyer", 200), ("seller", 200), ("stranger", 404), ("other", 404), ("anonymous", 302)):
        assert who[name].get(f"{page}{photo.id}/").status_code == code, name
    for _ in range(5):
        photos.add_photo(return_id=back.id, upload=picture(), actor=deal.buyer.actor, now=now)
    with pytest.raises(InvalidInput):
        photos.add_photo(return_id=back.id, upload=picture(), actor=deal.buyer.actor, now=now)


def test_pages(deal, now, monkeypatch, django_assert_max_num_queries):
    who = clients(deal, now)
    for module in ("views", "seller_views"):
        monkeypatch.setattr(f"marketplace.returns.{module}.utc_now", lambda: now)
    page, (cloth, napkins) = f"/orders/{deal.order.id}/returns/", deal.lines
    assert page in who["buyer"].get(f"/orders/{deal.order.id}/").content.decode()
    assert who["seller"].post(page).status_code == 404
    empty = who["buyer"].post(page, {"wish": "REFUND"}).content.decode()
    assert "Choose what goes back" in empty
    many = who["buyer"].post(page, {"wish": "REFUND", f"quantity_{napkins.id}": 9, f"reason_{napkins.id}": "DAMAGED"})
    assert many.status_code == 200
    asked = {"wish": "REFUND", f"quantity_{cloth.id}": 1, f"reason_{cloth.id}": "DAMAGED", "note": "It is torn."}
    answer = who["buyer"].post(page, asked)
    back = Return.objects.get()
    here = f"/returns/{back.id}/"
    assert answer["Location"] == here
    for name, code in (("stranger", 404), ("other", 404), ("anonymous", 302)):
        assert who[name].get(here).status_code == code
    assert "It is torn." in who["seller"].get(here).content.decode()
    assert back.number not in who["other"].get("/sell/returns/").content.decode()
    assert who["seller"].post(f"{here}approval/").status_code == 302
    assert who["buyer"].post(f"{here}label/").status_code == 302
    shown = who["buyer"].get(here).content.decode()
    assert "label.pdf" in shown
    assert "I dropped it off" in shown
    assert who["seller"].post(f"{here}receipt/").status_code == 302
    part = back.lines.get()
    judged = {f"accepted_{part.id}": 1, f"disposition_{part.id}": "SCRAP", f"deduction_{part.id}": "1.00"}
    assert "Say why" in who["seller"].post(here, judged).content.decode()
    assert who["buyer"].post(here, judged).status_code == 404
    assert who["seller"].post(here, judged | {"reason": "Worn."}).status_code == 302
    back.refresh_from_db()
    assert back.refunded == cloth.total - Money(100, "EUR")
    for client, path in (("buyer", here), ("buyer", "/returns/"), ("seller", "/sell/returns/"), ("buyer", page)):
        with django_assert_max_num_queries(26):
            assert who[client].get(path).status_code == 200, path
    policies = "/sell/returns/policies/"
    assert who["stranger"].get(policies).status_code == 302
    assert who["seller"].post(policies, {"window_days": 3, "category_code": ""}).status_code == 200
    assert who["seller"].post(policies, {"window_days": 45, "category_code": "bedding"}).status_code == 302
    assert "45 days" in who["seller"].get(policies).content.decode()


def test_what_a_bank_looks_at_is_not_sent_back_meanwhile(deal, now):
    bank.open_dispute(intent=SandboxIntent.objects.get(), now=now)
    payments.run_due_work(now=now)
    assert payments.get_escrow(deal.order.id).frozen
    with pytest.raises(NotReturnable, match="bank"):
        deal.ask(now, 0, 1)
    assert not Return.objects.exists()


def test_lists_do_not_grow_in_queries(deal, now, django_assert_num_queries):
    who = clients(deal, now)
    counts = []
    for _ in range(3):  # the first round fills what pages remember
        back = deal.ask(now, 0, 1)
        services.cancel_return(return_id=back.id, actor=deal.buyer.actor, now=now)
        row = []
        for client, path in (("buyer", "/returns/"), ("seller", "/sell/returns/"), ("buyer", "/api/v1/returns/")):
            from django.db import connection
            from django.test.utils import CaptureQueriesContext

            with CaptureQueriesContext(connection) as found:
                assert who[client].get(path).status_code == 200
            row.append(len(found))
        counts.append(row)
    assert counts[1] == counts[2]


def test_api(deal, now, monkeypatch):
    who = clients(deal, now)
    monkeypatch.setattr("marketplace.returns.api.utc_now", lambda: now)

    def post(client, path, **body):
        return who[client].post(
            f"/api/v1/{path}", body, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
        )

    path, cloth = f"orders/{deal.order.id}/returns/", deal.lines[0]
    ask = {"lines": [{"line_id": str(cloth.id), "quantity": 1, "return_reason": "DEFECTIVE"}]}
    assert post("stranger", path, **ask).status_code == 404
    assert post("buyer", path, lines=[]).status_code == 422
    made = post("buyer", path, **ask)
    assert made.status_code == 201
    here = f"returns/{made.json()['id']}/"
    assert post("seller", path, **ask).status_code == 404
    assert who["stranger"].get(f"/api/v1/{here}").status_code == 404
    assert who["stranger"].get("/api/v1/returns/").json()["results"] == []
    assert len(who["seller"].get("/api/v1/returns/?role=seller").json()["results"]) == 1
    assert who["seller"].get("/api/v1/returns/?role=buyer").json()["results"] == []
    assert post("seller", f"{here}refusal/").status_code == 422
    assert post("seller", f"{here}approval/").json()["return_state"] == "APPROVED"
    assert post("buyer", f"{here}label/").json()["shipment_id"]
    assert post("seller", f"{here}receipt/").json()["return_state"] == "RECEIVED"
    done = post("seller", f"{here}inspection/", findings=[], reason="").json()
    assert (done["return_state"], done["refunded"]["minor"]) == ("REFUNDED", cloth.total.minor)
    assert len(who["buyer"].get(f"/api/v1/{path}").json()) == 1
