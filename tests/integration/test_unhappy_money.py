"""The unhappy path across the house: disputes nobody decides, banks that take money, what a bank is told."""

from datetime import timedelta
from uuid import uuid4

from config.evidence import HouseEvidence
from core.outbox.services import drain
from marketplace import facade as marketplace
from marketplace.contracts import ThreadKind
from payments import facade
from payments.chargebacks.models import Chargeback, EvidencePack
from payments.providers import disputes
from payments.providers.models import SandboxIntent
from tests.factories.trust import delivered_deal


def test_the_house_knows_its_orders_for_the_bank(real_database, now):
    deal = delivered_deal(now)
    known = HouseEvidence().collect(deal.order.id)
    assert known.number == deal.order.number
    assert known.lines
    assert known.parcels[0].delivered_at is not None
    assert known.parcels[0].events
    assert HouseEvidence().collect(uuid4()) is None
    about = {"kind": ThreadKind.ORDER, "subject_id": deal.order.id}
    thread = marketplace.begin_thread(**about, text="When does it come?", actor=deal.buyer.actor, now=deal.at)
    marketplace.post_message(thread_id=thread, text="It left today.", actor=deal.seller.actor, now=deal.at)
    said = HouseEvidence().collect(deal.order.id).messages
    assert [(side, text) for _, side, text in said] == [("BUYER", "When does it come?"), ("SELLER", "It left today.")]
    intent = SandboxIntent.objects.get()
    disputes.open_dispute(intent=intent, now=deal.at)
    late = deal.at + timedelta(days=5)
    facade.run_due_work(now=deal.at)
    facade.run_due_work(now=late)
    assert EvidencePack.objects.get().facts["delivered_at"] is not None
    assert [m["text"] for o in EvidencePack.objects.get().facts["orders"] for m in o["messages"]] == [
        "When does it come?",
        "It left today.",
    ]
    facade.run_due_work(now=late + timedelta(days=2))
    assert Chargeback.objects.get().state == "WON"


def test_a_dispute_nobody_decides_closes_everywhere_at_the_deadline(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    late = deal.at + timedelta(days=15)
    facade.run_due_work(now=late)
    drain(now=late)
    dispute.refresh_from_db()
    deal.order.refresh_from_db()
    assert (dispute.state, dispute.refunded, dispute.seller_at_fault) == ("DECIDED", dispute.amount, False)
    assert deal.order.state == "REFUNDED"


def test_a_bank_that_takes_the_money_closes_order_and_dispute(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    disputes.open_dispute(intent=SandboxIntent.objects.get(), now=deal.at)
    SandboxIntent.objects.update(refunded_minor=0)
    facade.run_due_work(now=deal.at)
    late = deal.at + timedelta(days=7)
    Chargeback.objects.update(submit_at=late + timedelta(days=99))  # nobody answers the bank
    facade.run_due_work(now=late)
    drain(now=late)
    dispute.refresh_from_db()
    deal.order.refresh_from_db()
    assert Chargeback.objects.get().state == "LOST"
    assert (dispute.state, deal.order.state) == ("DECIDED", "REFUNDED")
