"""Refunds: by line, amount, shipping; before and after release; who pays; never twice, never too much."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from core.ids import new_id
from core.money import Money
from core.outbox.services import drain
from payments import facade
from payments.contracts import (
    DeliveryKind,
    EscrowLine,
    EscrowNotFound,
    EscrowRequest,
    EscrowState,
    EscrowTransitionRefused,
    IdempotencyConflict,
    LineKind,
    RefundDuringDispute,
    RefundState,
    RefundTooLarge,
    UnknownLine,
)
from payments.escrow.models import CommissionPlan, Escrow, Refund
from payments.escrow.timers import run_due_timers
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance, owed_to
from payments.payouts.services import submit_due_payouts
from payments.providers.models import SandboxIntent
from payments.refunds import submission
from payments.refunds.models import RefundPolicy
from payments.refunds.states import TRANSITIONS, RefundAction
from payments.reserves import services as reserves
from payments.reserves.models import ReserveHold, ReservePolicy
from tests.factories.payments import (
    CARRIER,
    IBAN,
    OPERATOR,
    SYSTEM,
    deliver_webhooks,
    eur,
    lined_purchase,
    member,
    paid_purchase,
)

pytestmark = pytest.mark.django_db
S = EscrowState


def settled():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    call_command("verify_ledger")


def released(p, now):
    facade.mark_delivered(
        order_id=p.order_id, delivery_kind=DeliveryKind.POST, delivered_at=now, actor=CARRIER, now=now
    )
    facade.confirm_receipt(order_id=p.order_id, actor=p.buyer, now=now)


def refund(p, now, actor=None, key="k", **what):
    return facade.refund(order_id=p.order_id, reason="sorry", key=key, actor=actor or p.seller, now=now, **what)


def payable(p):
    return owed_to(AccountCode.SELLER_PAYABLE, str(p.seller.organisation_id), "EUR")


def debt(p):
    return balance(AccountCode.SELLER_DEBT, str(p.seller.organisation_id), "EUR")


def test_a_line_is_refunded_while_the_rest_stays_held_and_its_clock_runs_on(now):
    p = lined_purchase(now, cup=3_000, plate=5_000, shipping=500)
    facade.mark_delivered(
        order_id=p.order_id, delivery_kind=DeliveryKind.EXPRESS, delivered_at=now, actor=CARRIER, now=now
    )
    view = refund(p, now, lines={"cup": None})
    assert (view.amount, view.from_escrow, view.from_seller) == (eur(3_000), eur(3_000), eur(0))
    escrow = facade.get_escrow(p.order_id)
    assert (escrow.state, escrow.held, escrow.release_at) == (S.DELIVERED, eur(5_500), now + timedelta(days=10))
    with pytest.raises(RefundTooLarge):
        refund(p, now, key="again", lines={"cup": eur(1)})
    assert run_due_timers(now=now + timedelta(days=10)) == 1
    assert payable(p) == eur(5_500 - 400)  # 8 % of the plate, nothing of the cup and the shipping
    settled()


def test_shipping_and_amounts_spread_over_lines_to_the_cent(now):
    p = lined_purchase(now, a=33, b=33, c=33, shipping=1)
    assert refund(p, now, key="1", shipping=True).amount == eur(1)
    assert refund(p, now, key="2", amount=eur(50)).amount == eur(50)
    lines = {line.ref: line.refunded.minor for line in facade.list_escrow_lines(p.order_id)}
    assert lines == {"a": 17, "b": 17, "c": 16, "shipping": 1}
    assert refund(p, now, key="3").amount == eur(49)  # whatever is left
    assert facade.get_escrow(p.order_id).state is S.REFUNDED
    settled()


def test_the_same_key_refunds_once_and_other_content_is_refused(now):
    p = paid_purchase(now)
    first = refund(p, now, amount=eur(100))
    assert refund(p, now, amount=eur(100)) == first
    with pytest.raises(IdempotencyConflict):
        refund(p, now, amount=eur(200))
    assert Refund.objects.count() == 1


def test_refund_after_payout_becomes_a_debt_that_the_next_sale_pays_first(now):
    p = paid_purchase(now)
    facade.set_payout_destination(seller_id=p.seller.organisation_id, holder="A", iban=IBAN, actor=p.seller, now=now)
    released(p, now)
    drain(now=now)
    submit_due_payouts(now=now)
    assert payable(p) == eur(0)
    view = refund(p, now, lines={"1": None})
    assert (view.from_seller, view.fee_returned) == (eur(9_500 - 760), eur(760))
    assert (payable(p), debt(p)) == (eur(0), eur(8_740))
    assert facade.seller_balance(p.seller.organisation_id, "EUR").owed == eur(8_740)
    q = paid_purchase(now, amounts=(20_000,), sellers=[p.seller])
    released(q, now)
    assert (payable(p), debt(p)) == (eur(20_000 - 1_560 - 8_740), eur(0))
    settled()


def test_the_waterfall_takes_payable_then_reserve_then_debt_then_the_platform(now):
    ReservePolicy.objects.create(basis_points=1_000, days=90, debt_limit_minor=100)
    p = paid_purchase(now)
    released(p, now)
    seller = str(p.seller.organisation_id)
    assert (payable(p), owed_to(AccountCode.SELLER_RESERVE, seller, "EUR")) == (eur(8_316), eur(924))
    with transaction.atomic():  # everything available has been paid out
        from payments.ledger import services as ledger
        from payments.ledger.rules import Leg

        ledger.post(
            scope="t", key="t", kind="T", ref="", now=now,
            legs=[Leg(AccountCode.SELLER_PAYABLE, seller, eur(8_300)), Leg(AccountCode.BANK, "", eur(-8_300))],
        )  # fmt: skip
    refund(p, now)
    assert (payable(p), owed_to(AccountCode.SELLER_RESERVE, seller, "EUR"), debt(p)) == (eur(0), eur(0), eur(100))
    assert balance(AccountCode.PLATFORM_LOSS, "", "EUR") == eur(9_240 - 16 - 924 - 100)
    assert owed_to(AccountCode.FEE_REVENUE, "", "EUR") == eur(0)
    assert ReserveHold.objects.get().left == eur(0)
    settled()


def test_a_reserve_comes_back_on_its_day_and_pays_debt_first(now):
    ReservePolicy.objects.create(basis_points=1_000, days=90)
    p = paid_purchase(now)
    released(p, now)
    assert facade.seller_balance(p.seller.organisation_id, "EUR").reserve == eur(924)
    day = now + timedelta(days=90)
    assert reserves.release_due_reserves(now=day - timedelta(seconds=1)) == 0
    assert reserves.release_due_reserves(now=day) == 1
    assert reserves.release_due_reserves(now=day) == 0
    assert payable(p) == eur(9_240)
    settled()


def test_a_seller_policy_wins_over_the_general_one(now):
    p = paid_purchase(now)
    ReservePolicy.objects.create(basis_points=1_000)
    ReservePolicy.objects.create(basis_points=0, seller_id=p.seller.organisation_id)
    released(p, now)
    assert payable(p) == eur(9_240)


def test_commission_goes_back_by_policy_and_never_more_than_was_taken(now):
    RefundPolicy.objects.create(currency="EUR", commission_returned_basis_points=5_000)
    p = lined_purchase(now, cup=999, shipping=1)
    released(p, now)
    for n in range(3):
        refund(p, now, key=str(n), lines={"cup": eur(333)})
    assert owed_to(AccountCode.FEE_REVENUE, "", "EUR") == eur(40)  # half of 80
    with pytest.raises(RefundTooLarge):
        refund(p, now, key="more", lines={"cup": None})
    settled()


def test_vat_on_the_fee_is_a_leg_of_its_own_and_goes_back_with_it(now):
    CommissionPlan.objects.filter(category_code="").update(vat_basis_points=2_100)
    p = paid_purchase(now)
    released(p, now)
    assert owed_to(AccountCode.VAT_PAYABLE, "", "EUR") == eur(160)  # 21 % of 7.60
    assert payable(p) == eur(10_000 - 760 - 160)
    refund(p, now)
    assert owed_to(AccountCode.VAT_PAYABLE, "", "EUR") == eur(0)
    assert payable(p) == eur(0)
    settled()


def test_no_refund_during_a_dispute_but_by_its_decision(now):
    p = paid_purchase(now)
    facade.freeze_escrow(order_id=p.order_id, reason="x", actor=p.buyer, now=now)
    with pytest.raises(RefundDuringDispute):
        refund(p, now, amount=eur(1))
    facade.unfreeze_escrow(order_id=p.order_id, reason="x", actor=p.buyer, now=now)
    assert refund(p, now, amount=eur(1)).amount == eur(1)


def test_refund_on_a_split_hits_the_right_account(now):
    p = paid_purchase(now, amounts=(4_000, 6_000))
    for order in p.orders:
        facade.mark_delivered(order_id=order, delivery_kind=DeliveryKind.POST, delivered_at=now, actor=CARRIER, now=now)
        facade.confirm_receipt(order_id=order, actor=p.buyer, now=now)
    facade.refund(order_id=p.orders[1], reason="x", key="k", actor=p.sellers[1], now=now)
    accounts = [owed_to(AccountCode.SELLER_PAYABLE, str(seller.organisation_id), "EUR").minor for seller in p.sellers]
    assert accounts == [4_000 - 280, 0]
    submission.submit_due_refunds(now=now)
    assert SandboxIntent.objects.get().refunded_minor == 6_000
    assert facade.list_refunds([p.orders[0]]) == ()
    settled()


def test_strangers_and_buyers_cannot_refund(now):
    p = paid_purchase(now)
    with pytest.raises(EscrowNotFound):
        refund(p, now, actor=member(new_id()))
    with pytest.raises(EscrowTransitionRefused):
        refund(p, now, actor=p.buyer)
    assert refund(p, now, actor=OPERATOR, amount=eur(1)).amount == eur(1)


def test_wrong_lines_and_amounts(now):
    p = paid_purchase(now)
    with pytest.raises(UnknownLine):
        refund(p, now, lines={"nothing": None})
    for wrong in (eur(0), eur(-1), eur(10_001), Money(5, "USD")):
        with pytest.raises(RefundTooLarge):
            refund(p, now, amount=wrong)


def test_more_than_was_paid_is_refused_by_the_database_itself(now):
    p = paid_purchase(now)
    refund(p, now, amount=eur(9_000))
    row = Refund.objects.get()
    row.pk, row.idem_key = new_id(), None
    with pytest.raises(DatabaseError, match="gives back more"), transaction.atomic():
        row.save(force_insert=True)
        settled()


def test_revert_everything_twice_moves_every_cent_once(now):
    purchases = [paid_purchase(now, amounts=(1_001, 2_002, 3_003)) for _ in range(3)]
    for p in purchases:
        for order in p.orders[:2]:
            facade.mark_delivered(
                order_id=order, delivery_kind=DeliveryKind.POST, delivered_at=now, actor=CARRIER, now=now
            )
            facade.confirm_receipt(order_id=order, actor=p.buyer, now=now)
    for attempt in ("first", "second"):
        for p in purchases:
            for order in p.orders:
                call = {"order_id": order, "reason": "all", "key": attempt, "actor": SYSTEM, "now": now}
                if attempt == "first":
                    facade.refund(**call)
                else:
                    with pytest.raises(RefundTooLarge):
                        facade.refund(**call)
    submission.submit_due_refunds(now=now)
    assert all(i.refunded_minor == i.amount_minor for i in SandboxIntent.objects.all())
    assert balance(AccountCode.PSP_CLEARING, "", "EUR") == eur(0)
    settled()


def failing(monkeypatch, outcome):
    from payments.providers import sandbox
    from payments.providers.port import ProviderResult

    monkeypatch.setattr(
        sandbox.SandboxProvider, "refund", lambda self, **_: ProviderResult(outcome, "", code="card_closed")
    )


def test_a_refund_the_provider_refuses_for_good_waits_for_the_operator(now, monkeypatch):
    from payments.providers.port import Outcome

    p = paid_purchase(now)
    view = refund(p, now)
    with monkeypatch.context() as patch:
        failing(patch, Outcome.DECLINED)
        for n in range(submission.MAX_REFUSALS):
            assert submission.submit_due_refunds(now=now + timedelta(hours=n * 12)) == 1
        assert submission.submit_due_refunds(now=now + timedelta(days=30)) == 0
    assert Refund.objects.get().state == RefundState.FAILED
    submission.retry_refund(refund_id=view.refund_id, actor=OPERATOR, now=now)
    submission.submit_due_refunds(now=now)
    assert Refund.objects.get().state == RefundState.DONE
    assert SandboxIntent.objects.get().refunded_minor == 10_000


def test_or_the_buyer_gets_credit_and_a_late_answer_changes_nothing(now, monkeypatch):
    from payments.providers.port import Outcome, ProviderResult

    p = paid_purchase(now)
    view = refund(p, now)
    Refund.objects.update(attempts=submission.MAX_REFUSALS - 1)
    failing(monkeypatch, Outcome.DECLINED)
    submission.submit_due_refunds(now=now)
    submission.credit_buyer(refund_id=view.refund_id, reason="closed card", actor=OPERATOR, now=now)
    assert owed_to(AccountCode.BUYER_CREDIT, str(p.buyer.organisation_id), "EUR") == eur(10_000)
    submission.record_refund_result(refund_id=view.refund_id, result=ProviderResult(Outcome.SUCCEEDED, "x"), now=now)
    assert Refund.objects.get().state == RefundState.CREDITED
    settled()


def test_time_out_after_success_is_asked_again_with_one_effect(now, monkeypatch):
    from payments.providers import network, sandbox
    from payments.providers.port import ProviderTimeout

    p = paid_purchase(now)
    refund(p, now, amount=eur(4_000))
    real = network.create_refund

    def lost(**kwargs):
        real(**kwargs)
        raise ProviderTimeout("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(sandbox.network, "create_refund", lost)
        submission.submit_due_refunds(now=now)
    assert Refund.objects.get().state == RefundState.SUBMITTED
    later = now + timedelta(hours=1)
    assert submission.submit_due_refunds(now=later) == 1
    deliver_webhooks(later)
    assert Refund.objects.get().state == RefundState.DONE
    assert SandboxIntent.objects.get().refunded_minor == 4_000


@pytest.mark.parametrize("state", list(RefundState))
def test_every_pair_of_refund_state_and_action(state, now):
    from core.errors import TransitionRefused
    from core.states import next_state

    for action in RefundAction:
        if (state, action) in TRANSITIONS:
            assert next_state(TRANSITIONS, state, action) in RefundState
        else:
            with pytest.raises(TransitionRefused):
                next_state(TRANSITIONS, state, action)
    assert not [edge for edge in TRANSITIONS if edge[0] in (RefundState.DONE, RefundState.CREDITED)]


def test_lines_carry_the_plan_of_the_sale_and_not_todays(now):
    CommissionPlan.objects.create(
        category_code="books", basis_points=500, fixed_currency="EUR", per_unit_minor=10, tiers=[[1_000, 300]]
    )
    request = EscrowRequest(
        order_id=new_id(), seller_id=new_id(), amount=eur(1_500),
        lines=(
            EscrowLine("cheap", eur(500), category="books", quantity=2),
            EscrowLine("dear", eur(1_000), category="books", tax=eur(40)),
            EscrowLine("post", eur(0), kind=LineKind.SHIPPING),
        ),
    )  # fmt: skip
    with transaction.atomic():
        facade.open_charge(
            purchase_id=new_id(), buyer_id=new_id(), amount=eur(1_500), escrows=(request,), actor=SYSTEM, now=now
        )
    CommissionPlan.objects.update(basis_points=10_000)
    escrow = Escrow.objects.get()
    assert [line["fee"] for line in escrow.lines] == [25 + 20, 30 + 10, 0]
    assert escrow.fee_quoted_minor == 85
    settled()
