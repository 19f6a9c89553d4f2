"""Disputes: the money freezes with them, talks, evidence, one decision."""

from __future__ import annotations

from io import BytesIO
from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from PIL import Image

from core.errors import DomainError, InvalidInput, NotAllowed
from core.money import Money
from core.outbox import services as outbox
from core.outbox.models import EventRecord
from core.web.uploads import BadUpload
from marketplace.contracts import OrderNotFound, OrderState
from payments import facade as payments
from payments.contracts import EscrowState
from tests import world
from tests.factories.trust import OPERATOR, delivered_deal, paid_deal
from trust import facade
from trust.contracts import (
    DisputeClosed,
    DisputeNotFound,
    DisputeNotPossible,
    DisputeReason,
    DisputeState,
    DisputeWish,
    TooMuchEvidence,
)
from trust.disputes import services
from trust.disputes.models import Dispute, DisputeTransition, Evidence


def picture(name="torn.png", **options):
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), **options)


def decide(dispute, refund, **changes):
    values = {"seller_at_fault": True, "reason": "The photos show it.", "actor": OPERATOR} | changes
    return services.decide_dispute(dispute_id=dispute.id, refund=refund, **values)


def test_opening_freezes_the_money_and_marks_the_order(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    deal.order.refresh_from_db()
    assert deal.order.state == OrderState.DISPUTED
    escrow = payments.get_escrow(deal.order.id)
    assert escrow.frozen
    assert dispute.amount == escrow.amount == deal.order.total
    assert EventRecord.objects.filter(name="trust.dispute.opened.v1").count() == 1
    with pytest.raises(DisputeNotPossible):
        deal.dispute()


def test_when_the_freeze_fails_nothing_is_stored(real_database, now, monkeypatch):
    deal = delivered_deal(now)

    def broken(*_, **__):
        raise RuntimeError("power cut")

    monkeypatch.setattr(payments, "freeze_escrow", broken)
    with pytest.raises(RuntimeError):
        deal.dispute()
    deal.order.refresh_from_db()
    assert deal.order.state == OrderState.DELIVERED
    assert not Dispute.objects.exists()
    assert not EventRecord.objects.filter(name__startswith="trust.dispute").exists()
    monkeypatch.undo()
    real_publish = services.publish
    monkeypatch.setattr(services, "publish", broken)
    with pytest.raises(RuntimeError):
        deal.dispute()
    monkeypatch.setattr(services, "publish", real_publish)
    assert not payments.get_escrow(deal.order.id).frozen
    assert not Dispute.objects.exists()


def test_only_the_buyer_of_a_shipped_order_opens_one(real_database, now):
    deal = paid_deal(now)
    with pytest.raises(DisputeNotPossible):
        deal.dispute()
    assert not payments.get_escrow(deal.order.id).frozen
    other = world.person(now)
    for actor in (deal.seller.actor, other.actor, OPERATOR):
        with pytest.raises(OrderNotFound):
            services.open_dispute(
                order_id=deal.order.id, reason=DisputeReason.LATE, wish=DisputeWish.REPLACEMENT, description="x",
                actor=actor, now=now,
            )  # fmt: skip


def test_a_split_moves_the_money_as_decided(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    refund = Money(1000, "EUR")
    decide(dispute, refund, now=deal.at)
    outbox.drain(now=deal.at)
    escrow = payments.get_escrow(deal.order.id)
    assert (escrow.state, escrow.refunded, escrow.released) == (EscrowState.SETTLED, refund, escrow.amount - refund)
    assert not escrow.held
    balance = payments.seller_balance(deal.seller.organisation_id, "EUR")
    assert balance.available == escrow.released - escrow.fee
    deal.order.refresh_from_db()
    assert deal.order.state == OrderState.COMPLETED
    view = facade.get_dispute_for_order(deal.order.id)
    assert (view.state, view.refunded, view.seller_at_fault) == (DisputeState.DECIDED, refund, True)
    decide(dispute, refund, now=deal.at)  # the same click again
    with pytest.raises(DisputeClosed):
        decide(dispute, Money(2000, "EUR"), now=deal.at)
    with pytest.raises(DisputeClosed):
        services.withdraw_dispute(dispute_id=dispute.id, actor=deal.buyer.actor, now=deal.at)
    assert payments.get_escrow(deal.order.id).refunded == refund
    assert DisputeTransition.objects.filter(dispute=dispute).count() == 2


@pytest.mark.parametrize(("everything", "state"), [(True, OrderState.REFUNDED), (False, OrderState.COMPLETED)])
def test_all_or_nothing(real_database, now, everything, state):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    decide(dispute, dispute.amount if everything else Money.zero("EUR"), now=deal.at)
    deal.order.refresh_from_db()
    assert deal.order.state == state
    assert payments.get_escrow(deal.order.id).refunded == (dispute.amount if everything else Money.zero("EUR"))


def test_decisions_are_checked(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    for refund in (dispute.amount + Money(1, "EUR"), Money(-1, "EUR"), Money(100, "USD")):
        with pytest.raises(InvalidInput):
            decide(dispute, refund, now=deal.at)
    with pytest.raises(InvalidInput):
        decide(dispute, Money(1, "EUR"), reason=" ", now=deal.at)
    for person in (deal.buyer, deal.seller, world.person(now)):
        with pytest.raises(NotAllowed):
            decide(dispute, Money(1, "EUR"), actor=person.actor, now=deal.at)
    assert Dispute.objects.get().state == DisputeState.OPEN


def test_withdrawing_lets_the_order_go_on(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    with pytest.raises(DisputeNotFound):
        services.withdraw_dispute(dispute_id=dispute.id, actor=deal.seller.actor, now=deal.at)
    for _ in range(2):
        services.withdraw_dispute(dispute_id=dispute.id, actor=deal.buyer.actor, now=deal.at)
    deal.order.refresh_from_db()
    assert deal.order.state == OrderState.DELIVERED
    assert not payments.get_escrow(deal.order.id).frozen
    assert deal.dispute().id != dispute.id


def test_the_seller_may_give_everything_back(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    with pytest.raises(DisputeNotFound):
        services.accept_refund(dispute_id=dispute.id, actor=deal.buyer.actor, now=deal.at)
    for _ in range(2):
        services.accept_refund(dispute_id=dispute.id, actor=deal.seller.actor, now=deal.at)
    assert payments.get_escrow(deal.order.id).state is EscrowState.REFUNDED
    assert facade.get_dispute_for_order(deal.order.id).seller_at_fault is False


def test_messages_are_for_the_parties_and_stay_as_sent(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    for actor in (deal.seller.actor, deal.buyer.actor, OPERATOR):
        facade.post_message(dispute_id=dispute.id, text="Hello", actor=actor, now=deal.at)
    with pytest.raises(DisputeNotFound):
        facade.post_message(dispute_id=dispute.id, text="Hello", actor=world.person(now).actor, now=deal.at)
    assert [m.party for m in facade.get_dispute_for_order(deal.order.id).messages] == ["SELLER", "BUYER", "OPERATOR"]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE trust_disputemessage SET text = 'x'")
    services.withdraw_dispute(dispute_id=dispute.id, actor=deal.buyer.actor, now=deal.at)
    with pytest.raises(DisputeClosed):
        facade.post_message(dispute_id=dispute.id, text="Hello", actor=deal.seller.actor, now=deal.at)


def test_evidence_is_judged_by_content(real_database, now, settings):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    kept = facade.add_evidence(
        dispute_id=dispute.id, upload=picture("C:\\x\\torn.png"), actor=deal.buyer.actor, now=deal.at
    )
    assert (kept.name, kept.media_type) == ("torn.png", "image/webp")
    bad = [SimpleUploadedFile("a.png", b"<html>", content_type="image/png"), SimpleUploadedFile("b.pdf", b"%PDF-1.4 x"),
           SimpleUploadedFile("c.png", b"")]  # fmt: skip
    for upload in bad:
        with pytest.raises(BadUpload):
            facade.add_evidence(dispute_id=dispute.id, upload=upload, actor=deal.buyer.actor, now=deal.at)
    with pytest.raises(DisputeNotFound):
        facade.add_evidence(dispute_id=dispute.id, upload=picture(), actor=world.person(now).actor, now=deal.at)
    for _ in range(9):
        facade.add_evidence(dispute_id=dispute.id, upload=picture(), actor=deal.buyer.actor, now=deal.at)
    with pytest.raises(TooMuchEvidence):
        facade.add_evidence(dispute_id=dispute.id, upload=picture(), actor=deal.buyer.actor, now=deal.at)
    facade.add_evidence(dispute_id=dispute.id, upload=picture(), actor=deal.seller.actor, now=deal.at)
    assert len(list((settings.MEDIA_ROOT / "disputes").iterdir())) == Evidence.objects.count() == 11


def test_decision_and_withdrawal_at_once_have_one_winner(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    barrier, outcomes = Barrier(2), []

    def run(act):
        barrier.wait()
        try:
            act()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    acts = [
        lambda: decide(dispute, dispute.amount, now=deal.at),
        lambda: services.withdraw_dispute(dispute_id=dispute.id, actor=deal.buyer.actor, now=deal.at),
    ]
    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["DisputeClosed", "done"]
    dispute.refresh_from_db()
    escrow = payments.get_escrow(deal.order.id)
    if dispute.state == DisputeState.DECIDED:
        assert escrow.state is EscrowState.REFUNDED
    else:
        assert escrow.state is EscrowState.DELIVERED
