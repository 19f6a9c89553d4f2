"""Statements in any order, repeated, in other messages and at once: the books balance and nothing moves twice."""

import io
import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payments import facade
from payments.contracts import PayoutState
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance, trial_balance
from payments.payouts import services as payouts
from payments.payouts.models import Payout, PayoutPolicy
from payments.providers import bank
from payments.reconciliation.models import BankLine, BankStatement
from tests.factories.bank import BUYER_IBAN, entry, imported, our_account, tx
from tests.factories.payments import OPERATOR, eur, open_purchase, paid_purchase, submit
from tests.integration.payments.test_payouts import destination, release


def bank_world(now):
    """Two payouts in a file, a charge that waits for a transfer, and every entry the bank may report."""
    PayoutPolicy.objects.filter(currency="EUR").update(rail="bank")
    account = our_account()
    sellers = [paid_purchase(now, (minor,)) for minor in (10_000, 20_000)]
    for p in sellers:
        destination(p.seller, now)
        release(p, now)
    payouts.submit_due_payouts(now=now)
    bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    charge = open_purchase(now)
    submit(charge, now, token="bank_transfer")
    reference = facade.transfer_instructions(charge.charge_id).reference
    one, two = (Payout.objects.get(seller_id=p.seller.organisation_id) for p in sellers)
    buyer = {"reference": reference, "name": "Bea", "iban": BUYER_IBAN}
    entries = [
        entry(f"-{one.amount.decimal}", tx(one.end_to_end_id, outgoing=True), ref="E0"),
        entry(f"-{two.amount.decimal}", tx(two.end_to_end_id, outgoing=True), ref="E1"),
        entry(f"{one.amount.decimal}", tx(one.end_to_end_id, ret="AC04"), ref="E2"),
        entry("60.00", tx(**buyer), ref="E3"),
        entry("55.00", tx(**buyer), ref="E4"),
        entry("12.34", tx(name="Who"), ref="E5"),
        entry("-1.50", ref="E6"),
    ]
    moved = [-one.amount_minor, -two.amount_minor, one.amount_minor, 6_000, 5_500, 1_234, -150]
    return account, sellers, charge, entries, moved


@pytest.mark.django_db
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=4), min_size=1, max_size=7), st.integers(0, 10**9))
def test_any_order_of_statements_keeps_the_books(now, statements, run):
    point = transaction.savepoint()
    try:
        account, sellers, charge, entries, moved = bank_world(now)
        seen = set()
        for number, picks in enumerate(statements):
            imported(now, *(entries[pick] for pick in dict.fromkeys(picks)), number=f"{run}-{number}")
            seen |= set(picks)
            sums = {}
            for line in trial_balance():
                sums[line.currency] = sums.get(line.currency, 0) + line.posted
            assert set(sums.values()) <= {0}
            assert balance(AccountCode.BANK, str(account.id), "EUR").minor == sum(moved[pick] for pick in seen)
        assert BankLine.objects.count() == len(seen)
        captured = facade.get_charge(charge.charge_id).state == "CAPTURED"
        assert captured is ({3, 4} <= seen)
        first = Payout.objects.get(seller_id=sellers[0].seller.organisation_id)
        assert (first.state in (PayoutState.FAILED, PayoutState.RETURNED)) is (2 in seen)
        available = facade.seller_balance(sellers[0].seller.organisation_id, "EUR").available
        assert available == (first.amount if 2 in seen else eur(0))
        call_command("verify_ledger", stdout=io.StringIO())
    finally:
        transaction.savepoint_rollback(point)


def test_the_same_statement_at_once_is_taken_once(real_database, now):
    account, _, _, entries, moved = bank_world(now)
    failures = []

    def work():
        try:
            imported(now, *entries, number="RACE")
        except Exception as error:  # a thread's failure must reach the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert BankStatement.objects.count() == 1
    assert BankLine.objects.count() == len(entries)
    assert balance(AccountCode.BANK, str(account.id), "EUR").minor == sum(moved)
    call_command("verify_ledger")


def test_an_import_killed_half_way_leaves_nothing_and_may_be_repeated(real_database, now, monkeypatch):
    account, _, _, entries, moved = bank_world(now)
    from payments.reconciliation import matching

    real, calls = matching.match, []

    def killed(line, *, now):
        calls.append(line)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(line, now=now)

    with monkeypatch.context() as patch:
        patch.setattr(matching, "match", killed)
        with pytest.raises(KeyboardInterrupt):
            imported(now, *entries, number="HALF")
    assert not BankLine.objects.exists()
    assert balance(AccountCode.BANK, str(account.id), "EUR").minor == 0
    imported(now, *entries, number="HALF")
    assert balance(AccountCode.BANK, str(account.id), "EUR").minor == sum(moved)
    call_command("verify_ledger")
