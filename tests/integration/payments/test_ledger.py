"""The ledger as the application role sees it: balanced, once per key, bounded, readable at any moment."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from core.money import Money
from payments.contracts import IdempotencyConflict, NotEnoughMoney
from payments.ledger import selectors, services, statements
from payments.ledger.rules import AccountCode as A
from payments.ledger.rules import Leg

EUR = "EUR"


def eur(minor):
    return Money(minor, EUR)


def pay_seller(now, minor=1000, *, seller="s1", key="k1", scope="test"):
    legs = [Leg(A.PSP_CLEARING, "", eur(minor)), Leg(A.SELLER_PAYABLE, seller, eur(-minor))]
    return services.post(scope=scope, key=key, kind="TEST", ref="r", legs=legs, now=now)


@pytest.mark.django_db
def test_a_posting_moves_balances_and_the_same_key_replays_it(now):
    first = pay_seller(now)
    again = pay_seller(now)
    assert (again.txn_id, first.replayed, again.replayed) == (first.txn_id, False, True)
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(1000)
    assert selectors.balance(A.PSP_CLEARING, "", EUR) == eur(1000)


@pytest.mark.django_db
def test_a_key_with_other_content_is_refused(now):
    pay_seller(now)
    with pytest.raises(IdempotencyConflict), transaction.atomic():
        pay_seller(now, 999)


@pytest.mark.django_db
def test_a_liability_cannot_be_overdrawn(now):
    pay_seller(now, 100)
    with pytest.raises(NotEnoughMoney), transaction.atomic():
        pay_seller(now, -101, key="k2")
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(100)


def test_an_unbalanced_transaction_fails_at_commit(real_database, now):
    with pytest.raises(DatabaseError, match="unbalanced"), transaction.atomic():
        services.post(
            scope="t", key="k", kind="T", ref="", now=now,
            legs=[Leg(A.PSP_CLEARING, "", eur(5)), Leg(A.SELLER_PAYABLE, "s", eur(-4))],
        )  # fmt: skip
    with pytest.raises(DatabaseError, match="unbalanced"), transaction.atomic():
        services.post(
            scope="t", key="k", kind="T", ref="", now=now,
            legs=[Leg(A.PSP_CLEARING, "", eur(5)), Leg(A.SELLER_PAYABLE, "s", Money(-5, "USD"))],
        )  # fmt: skip
    assert selectors.trial_balance() == []


@pytest.mark.django_db
def test_statement_and_balance_at_a_past_moment(now):
    for day in range(3):
        pay_seller(now + timedelta(days=day), 100, key=f"k{day}")
    assert statements.balance_at(A.SELLER_PAYABLE, "s1", EUR, now + timedelta(days=1)) == eur(-200)
    lines = statements.statement(A.SELLER_PAYABLE, "s1", EUR, since=now, until=now + timedelta(days=2))
    assert [line.amount for line in lines] == [eur(-100), eur(-100)]


@pytest.mark.django_db
def test_a_reversal_undoes_once(now):
    posted = pay_seller(now)
    first = services.reverse(txn_id=posted.txn_id, now=now)
    again = services.reverse(txn_id=posted.txn_id, now=now)
    assert first.txn_id == again.txn_id
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(0)


def test_roll_up_counts_late_committers(real_database, now):
    """A transaction open during the roll-up is counted afterwards (by row id it would be lost)."""
    import threading

    with transaction.atomic():
        pay_seller(now, 1, key="first")
    opened, rolled = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            pay_seller(now, 10, key="late", seller="s2")
            opened.set()
            rolled.wait(10)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    opened.wait(10)
    with transaction.atomic():
        pay_seller(now, 100, key="after", seller="s3")
    services.roll_up()
    rolled.set()
    thread.join()
    assert selectors.balance(A.PSP_CLEARING, "", EUR) == eur(111)
    services.roll_up()
    assert selectors.balance(A.PSP_CLEARING, "", EUR) == eur(111)
    call_command("verify_ledger")


def test_twenty_racers_on_one_key_have_one_effect(real_database, now):
    import threading

    results, barrier = [], threading.Barrier(20)

    def race():
        barrier.wait()
        with transaction.atomic():
            results.append(pay_seller(now).replayed)
        connection.close()

    threads = [threading.Thread(target=race) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] + [True] * 19
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(1000)


ATTACKS = [
    "UPDATE payments_entry SET amount = 1",
    "DELETE FROM payments_entry",
    "TRUNCATE payments_entry CASCADE",
    "UPDATE payments_txn SET kind = 'x'",
    "DELETE FROM payments_txn",
    "TRUNCATE payments_txn CASCADE",
    "UPDATE payments_balance SET posted = -5000",
    "UPDATE payments_balance SET hi = NULL",
    "DELETE FROM payments_balance",
    "UPDATE payments_rollup SET posted = 0",
    "UPDATE payments_account SET owner = 'me'",
    "DELETE FROM payments_account",
    "UPDATE payments_accountkind SET hi = NULL",
    "UPDATE payments_currency SET exponent = 0",
    "INSERT INTO payments_account (kind, owner, currency, shard, mode)"
    " VALUES ('SELLER_PAYABLE','x','EUR',0,'deferred')",
    "INSERT INTO payments_txn (idem_scope, idem_key, request_hash, kind, ref, effective_at, recorded_at)"
    " VALUES ('a','b','','c','d', now(), now())",
    "INSERT INTO payments_entry (txn_id, account_id, currency, amount) SELECT txn_id, account_id, currency, 7"
    " FROM payments_entry LIMIT 1",
    "INSERT INTO payments_escrowrule (from_state, event, actor, to_state) VALUES ('FUNDED','X','SELLER','RELEASED')",
    "DELETE FROM payments_escrowrule",
    "SELECT payments_stamp_xid()",
    "ALTER TABLE payments_entry DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "SELECT payments_ledger_post('a','b','','c','d', now(), NULL, '{PSP_CLEARING,PSP_CLEARING}', '{\"\",\"\"}',"
    " '{EUR,EUR}', '{1,-1}')",
    "SELECT payments_ledger_post('a','b','','c','d', now(), NULL, '{MY_KIND,PSP_CLEARING}', '{\"\",\"\"}',"
    " '{EUR,EUR}', '{1,-1}')",
]


@pytest.mark.parametrize("statement", ATTACKS)
@pytest.mark.django_db
def test_raw_sql_of_the_application_role_is_refused(statement, now):
    pay_seller(now)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(1000)


def owner_connection(name):
    import os
    from urllib.parse import urlsplit, urlunsplit

    import psycopg

    return psycopg.connect(urlunsplit(urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path=f"/{name}")))


def test_even_the_owner_cannot_add_a_leg_late_or_change_one(real_database, now):
    import psycopg

    with transaction.atomic():
        pay_seller(now)
    late = (
        "INSERT INTO payments_entry (txn_id, xid, account_id, currency, amount)"
        " SELECT txn_id, xid, account_id, currency, 7 FROM payments_entry LIMIT 1"
    )
    for statement in (late, "UPDATE payments_entry SET amount = 2", "DELETE FROM payments_txn"):
        with owner_connection(real_database) as owner, pytest.raises(psycopg.Error):
            owner.execute(statement).connection.commit()


def test_verify_ledger_names_a_forged_balance(real_database, now):
    with transaction.atomic():
        pay_seller(now)
    with owner_connection(real_database) as owner:
        owner.execute("UPDATE payments_balance SET posted = posted - 1")
    with pytest.raises(CommandError, match="2 rows are wrong"):
        call_command("verify_ledger")
