"""The sandbox's bank day, and what an operator sets for sellers: rails of payouts and reserves."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from core.audit.models import AuditEntry
from core.errors import InvalidInput, NotFound
from payments import facade
from payments.contracts import PayoutState
from payments.payouts.models import Payout, PayoutPolicy
from payments.reconciliation.models import BankLine
from payments.reserves.models import ReserveHold, ReservePolicy
from tests.factories.bank import our_account
from tests.factories.payments import OPERATOR, eur, paid_purchase
from tests.integration.payments.test_payouts import destination, release

pytestmark = pytest.mark.django_db


def test_a_day_of_the_bank_pays_returns_and_leaves_a_stranger_to_explain(now):
    our_account()
    facade.choose_payout_rail(currency="EUR", rail="bank", actor=OPERATOR, now=now)
    for _ in range(2):
        p = paid_purchase(now)
        destination(p.seller, now)
        release(p, now)
    facade.simulate_bank_day(currency="EUR", strangers=1, returned=1, now=now)
    assert sorted(Payout.objects.values_list("state", flat=True)) == [PayoutState.PAID, PayoutState.RETURNED]
    assert BankLine.objects.filter(state="OPEN").count() == 1
    returned = Payout.objects.get(state=PayoutState.RETURNED)
    assert facade.seller_balance(returned.seller_id, "EUR").available == returned.amount
    call_command("verify_ledger")


def test_a_day_without_transfers_is_a_day_too(now):
    our_account()
    facade.simulate_bank_day(currency="EUR", strangers=0, returned=0, now=now)
    assert not BankLine.objects.exists()
    with pytest.raises(NotFound):
        facade.simulate_bank_day(currency="USD", strangers=0, returned=0, now=now)


def test_the_rail_is_chosen_by_operators_and_only_where_there_are_files(now):
    p = paid_purchase(now)
    with pytest.raises(NotFound):
        facade.choose_payout_rail(currency="EUR", rail="bank", actor=p.seller, now=now)
    for currency, rail in (("USD", "bank"), ("EUR", "pigeon")):
        with pytest.raises(InvalidInput):
            facade.choose_payout_rail(currency=currency, rail=rail, actor=OPERATOR, now=now)
    facade.choose_payout_rail(currency="EUR", rail="bank", actor=OPERATOR, now=now)
    assert PayoutPolicy.objects.get(currency="EUR").rail == "bank"
    assert AuditEntry.objects.filter(action="payout_rail.chosen").count() == 1


def test_a_reserve_policy_keeps_a_part_of_the_next_release(now):
    p = paid_purchase(now)
    values = {"seller_id": p.seller.organisation_id, "basis_points": 1_000, "days": 90, "reason": "New shop."}
    with pytest.raises(NotFound):
        facade.set_reserve_policy(**values, actor=p.seller, now=now)
    for wrong in ({"reason": " "}, {"basis_points": 10_001}, {"days": 0}):
        with pytest.raises(InvalidInput):
            facade.set_reserve_policy(**values | wrong, actor=OPERATOR, now=now)
    for _ in range(2):
        facade.set_reserve_policy(**values, actor=OPERATOR, now=now)
    assert ReservePolicy.objects.filter(seller_id=p.seller.organisation_id).count() == 1
    release(p, now)
    kept = ReserveHold.objects.get()
    assert eur(kept.amount_minor) == facade.seller_balance(p.seller.organisation_id, "EUR").reserve


def test_a_penalty_above_the_limit_waits_for_a_second_person(now):
    p = paid_purchase(now)
    facade.request_adjustment(
        seller_id=p.seller.organisation_id, kind="PENALTY", amount=eur(-25_000), reason="Late twice.", actor=OPERATOR,
        now=now,
    )  # fmt: skip
    assert not facade.seller_balance(p.seller.organisation_id, "EUR").owed
    with pytest.raises(NotFound):
        facade.request_adjustment(
            seller_id=p.seller.organisation_id, kind="PENALTY", amount=eur(-1), reason="x", actor=p.seller, now=now
        )
