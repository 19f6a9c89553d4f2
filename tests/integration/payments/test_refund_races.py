"""Real threads on the money of one order and one seller: nothing is given back twice, debt and balance never coexist."""

from datetime import timedelta

from django.core.management import call_command

from payments import facade
from payments.chargebacks.models import Chargeback
from payments.chargebacks.services import record_dispute
from payments.contracts import EscrowState
from payments.escrow.models import Refund
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance, owed_to
from payments.providers.port import DisputeStatus, ProviderDispute
from payments.reserves.models import ReservePolicy
from payments.reserves.services import release_due_reserves
from tests.factories.payments import eur, member, paid_purchase
from tests.integration.payments.test_escrow_races import DeliveryKind, confirm, deliver, race


def refund(p, now, key, minor=None):
    amount = eur(minor) if minor else None
    facade.refund(order_id=p.order_id, amount=amount, reason="x", key=key, actor=p.seller, now=now)


def news(p, now, status=DisputeStatus.NEEDS_RESPONSE):
    dispute = ProviderDispute(
        ref=f"dp:{p.charge_id}", charge_ref=str(p.charge_id), status=status, amount=eur(10_000), fee=eur(0),
        reason="fraud", due_by=now + timedelta(days=7), opened_at=now,
    )  # fmt: skip
    record_dispute(provider="sandbox", charge_id=p.charge_id, dispute=dispute, now=now)


def test_one_key_pressed_by_eight_at_once_refunds_once(real_database, now):
    p = paid_purchase(now)
    assert race(*[lambda: refund(p, now, "k", 4_000)] * 8) == ["won"] * 8
    assert Refund.objects.get().amount == eur(4_000)
    call_command("verify_ledger")


def test_eight_keys_never_give_back_more_than_was_paid(real_database, now):
    p = paid_purchase(now)
    deliver(p, now, DeliveryKind.POST)
    confirm(p, now)
    outcomes = race(*[lambda n=n: refund(p, now, str(n), 3_000) for n in range(8)])
    assert sorted(outcomes) == ["RefundTooLarge"] * 5 + ["won"] * 3
    assert sum(r.amount_minor for r in Refund.objects.all()) == 9_000
    call_command("verify_ledger")


def test_refund_confirmation_and_dispute_race_to_one_story(real_database, now):
    for _ in range(5):
        p = paid_purchase(now)
        deliver(p, now, DeliveryKind.POST)
        race(
            lambda p=p: refund(p, now, "k"),
            lambda p=p: confirm(p, now),
            lambda p=p: facade.freeze_escrow(order_id=p.order_id, reason="x", actor=p.buyer, now=now),
        )
        view = facade.get_escrow(p.order_id)
        back = sum(r.amount_minor for r in Refund.objects.filter(order_id=p.order_id))
        assert view.state in (EscrowState.REFUNDED, EscrowState.RELEASED, EscrowState.DISPUTED)
        assert back in (0, 10_000)
        assert not (view.state is EscrowState.DISPUTED and back)
    call_command("verify_ledger")


def test_claims_releases_reserves_and_banks_of_one_seller_at_once(real_database, now):
    from core.ids import new_id

    ReservePolicy.objects.create(basis_points=1_000, days=1)
    seller = member(new_id())
    old = [paid_purchase(now, sellers=[seller]) for _ in range(4)]
    new = [paid_purchase(now, sellers=[seller]) for _ in range(4)]
    for p in (*old, *new):
        deliver(p, now, DeliveryKind.POST)
    for p in old:
        confirm(p, now)
    outcomes = race(
        *[lambda p=p: refund(p, now, "k") for p in old[:2]],
        *[lambda p=p: news(p, now) for p in old[2:]],
        *[lambda p=p: confirm(p, now) for p in new],
        lambda: release_due_reserves(now=now + timedelta(days=1)),
    )
    assert set(outcomes) == {"won"}, outcomes
    race(*[lambda p=p: news(p, now, DisputeStatus.LOST) for p in old[2:]])
    assert Chargeback.objects.filter(state="LOST").count() == 2
    call_command("verify_ledger")
    key = str(seller.organisation_id)
    earned = 4 * 9_240
    reserve = owed_to(AccountCode.SELLER_RESERVE, key, "EUR").minor
    payable = owed_to(AccountCode.SELLER_PAYABLE, key, "EUR").minor
    debt = balance(AccountCode.SELLER_DEBT, key, "EUR").minor
    assert payable + reserve - debt == earned
