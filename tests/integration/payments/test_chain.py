"""The hash chain and verify_ledger: what was changed behind the ledger's back is found and named."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from core.money import Money
from payments import facade
from payments.contracts import DeliveryKind, IdempotencyConflict
from payments.escrow.models import EscrowEvent
from payments.ledger import canonical, chain, services
from payments.ledger.models import ChainBlock, Entry, Txn
from payments.ledger.rules import AccountCode as A
from payments.ledger.rules import Leg
from payments.ledger.verification import sections
from tests.factories.payments import CARRIER, paid_purchase
from tests.integration.payments.test_ledger import owner_connection


def pay(now, key, minor=100, seller="señor €"):
    legs = [Leg(A.PSP_CLEARING, "", Money(minor, "EUR")), Leg(A.SELLER_PAYABLE, seller, Money(-minor, "EUR"))]
    return services.post(scope="t", key=key, kind="TEST", ref="r", legs=legs, now=now)


def settled_order(now):
    p = paid_purchase(now)
    facade.mark_delivered(
        order_id=p.order_id, delivery_kind=DeliveryKind.DIGITAL, delivered_at=now, actor=CARRIER, now=now
    )
    facade.confirm_receipt(order_id=p.order_id, actor=p.buyer, now=now)


def tamper(name, statement, table=""):
    with owner_connection(name) as owner:
        for guarded in [table] if table else []:
            owner.execute(f"ALTER TABLE {guarded} DISABLE TRIGGER USER")
        owner.execute(statement)
        owner.commit()
        for guarded in [table] if table else []:
            owner.execute(f"ALTER TABLE {guarded} ENABLE TRIGGER USER")


def complaints(capsys, **options):
    with pytest.raises(CommandError) as failed:
        call_command("verify_ledger", **options)
    assert failed.value.returncode == 1
    return capsys.readouterr().out


def test_everything_committed_is_chained_once_in_bounded_blocks(real_database, now):
    settled_order(now)
    for number in range(5):
        pay(now, f"k{number}")
    chain.attest(kind="RISK_DECISION", ref="d1", content=b"features", now=now)
    wanted = Txn.objects.count() + EscrowEvent.objects.count() + 1
    assert chain.extend_chain(records=3, blocks=2) == 6
    assert chain.extend_chain(records=3) == wanted - 6
    assert chain.extend_chain() == 0
    blocks = list(ChainBlock.objects.order_by("height"))
    listed = [pair for block in blocks for pair in zip(block.sources, block.ids, strict=True)]
    assert len(listed) == len(set(listed)) == blocks[-1].total_records == wanted
    assert [bytes(b.previous_hash) for b in blocks[1:]] == [bytes(b.hash) for b in blocks[:-1]]
    assert bytes(blocks[0].previous_hash) == canonical.GENESIS
    call_command("verify_ledger")


def test_a_record_waits_for_transactions_that_began_before_it(real_database, now):
    """By row id the late one would be skipped for ever."""
    import threading

    opened, go = threading.Event(), threading.Event()
    pay(now, "first")
    pay(now, "second", seller="another")
    assert chain.extend_chain() == 2

    def late():
        with transaction.atomic():
            pay(now, "late", seller="another")
            opened.set()
            go.wait(10)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    opened.wait(10)
    pay(now, "after")
    waiting = chain.extend_chain()
    go.set()
    thread.join()
    assert (waiting, chain.extend_chain()) == (0, 2)


TAMPERINGS = [
    ("payments_entry", "UPDATE payments_entry SET amount = amount * 2", "is not what was chained"),
    ("payments_entry", "DELETE FROM payments_entry WHERE seq IS NULL", "is not what was chained"),
    ("payments_txn", "UPDATE payments_txn SET ref = 'another'", "is not what was chained"),
    (
        "payments_txn",
        "UPDATE payments_txn SET effective_at = effective_at + interval '1 day'",
        "is not what was chained",
    ),
    ("payments_account", "UPDATE payments_account SET owner = 'me' WHERE owner <> ''", "is not what was chained"),
    ("payments_chainblock", "UPDATE payments_chainblock SET digests = digests || '\\x00'", "does not fit its records"),
    ("payments_chainblock", "UPDATE payments_chainblock SET made_at = now() + interval '1 s'", "its hash is another"),
    ("payments_chainblock", "DELETE FROM payments_chainblock WHERE height = 1", "block 1: is gone"),
    ("payments_escrowevent", "UPDATE payments_escrowevent SET reason = 'because'", "escrow event"),
]


@pytest.mark.parametrize(("table", "statement", "words"), TAMPERINGS)
def test_what_the_owner_changes_behind_the_triggers_is_named(real_database, now, capsys, table, statement, words):
    settled_order(now)
    chain.extend_chain(records=2)
    tamper(real_database, statement, table)
    assert words in complaints(capsys)


def test_a_tampered_entry_is_named_with_its_transaction(real_database, now, capsys):
    pay(now, "a")
    changed = pay(now, "b").txn_id
    chain.extend_chain()
    entry = Entry.objects.get(txn_id=changed, seq__isnull=False)
    tamper(real_database, f"UPDATE payments_entry SET amount = -7 WHERE id = {entry.id}", "payments_entry")
    out = complaints(capsys)
    assert f"transaction {changed}: is not what was chained in block 1" in out
    assert f"entry {entry.id} of transaction {changed}" in out
    assert "SELLER_PAYABLE:señor €" in out


def test_a_transaction_slipped_in_under_an_old_id_is_found(real_database, now, capsys):
    posted = pay(now, "a")
    chain.extend_chain()
    forged = (
        "WITH t AS (INSERT INTO payments_txn (idem_scope, idem_key, request_hash, kind, ref, effective_at, recorded_at, xid)"
        " SELECT 'x', 'y', '', 'TEST', '', now(), now(), xid FROM payments_txn RETURNING id, xid)"
        " INSERT INTO payments_entry (txn_id, xid, account_id, currency, amount, seq, balance_after)"
        " SELECT t.id, t.xid, e.account_id, e.currency, e.amount, NULL, NULL FROM t, payments_entry e"
        f" WHERE e.txn_id = {posted.txn_id} AND e.seq IS NULL"
    )
    with owner_connection(real_database) as owner:
        for table in ("payments_txn", "payments_entry"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        owner.execute(forged)
    # an older id than the block's end: only counting finds it
    tamper(real_database, "UPDATE payments_txn SET id = 0 WHERE idem_key = 'y'", "payments_txn")
    tamper(real_database, "UPDATE payments_entry SET txn_id = 0 WHERE txn_id > 1", "payments_entry")
    assert "block 1: lists 1 records; there are 2" in complaints(capsys, section=["chain"])


def test_an_interrupted_verification_goes_on_where_it_stopped(real_database, now, capsys, tmp_path):
    pay(now, "a")
    tamper(real_database, "UPDATE payments_balance SET posted = posted - 1")
    checkpoint = tmp_path / "progress.json"
    names = [section.name for section in sections()]
    checkpoint.write_text(json.dumps({"done": names[:3], "position": 0, "broken": 1, "named": [["balance x", "y"]]}))
    out = complaints(capsys, resume=True, checkpoint=checkpoint)
    assert "every balance is the sum" not in out
    assert "WRONG: balance x: y" in out
    assert not checkpoint.exists()


@pytest.mark.django_db
def test_an_attested_record_stays_what_it_was(now):
    chain.attest(kind="RISK_DECISION", ref="d1", content=b"one", now=now)
    chain.attest(kind="RISK_DECISION", ref="d1", content=b"one", now=now)
    with pytest.raises(IdempotencyConflict):
        chain.attest(kind="RISK_DECISION", ref="d1", content=b"two", now=now)


ATTACKS = [
    "UPDATE payments_chainblock SET hash = ''",
    "DELETE FROM payments_chainblock",
    "TRUNCATE payments_chainblock",
    "INSERT INTO payments_chainblock SELECT * FROM payments_chainblock",
    "UPDATE payments_attestation SET digest = ''",
    "DELETE FROM payments_attestation",
    "SELECT payments_chain_extend(0)",
    "SELECT payments_chain_extend(1000000)",
    "UPDATE payments_balance SET escrowed = false",
    "SELECT payments_entries_right()",
    "SELECT payments_ledger_post_many('{a}','{b}','{\"\"}','{c}','{d}', now(), '{NULL}', '{1}', '{PSP_CLEARING}', '{\"\"}',"
    " '{EUR}', '{5}')",
    "SELECT payments_ledger_post_many('{a}','{b}','{\"\"}','{c}','{d}', now(), '{NULL}', '{1,1}',"
    " '{PSP_CLEARING,SELLER_PAYABLE}', '{\"\",x}', '{EUR,USD}', '{5,-5}')",
    "SELECT payments_ledger_post_many('{a}','{b}','{\"\"}','{c}','{d}', now(), '{NULL}', '{1,2}',"
    " '{PSP_CLEARING,SELLER_PAYABLE}', '{\"\",x}', '{EUR,EUR}', '{5,-5}')",
    "SELECT payments_ledger_post_many('{a}','{b}','{\"\"}','{c}','{d}', now(), '{NULL}', '{1,1}',"
    " '{PSP_CLEARING,PSP_CLEARING}', '{\"\",\"\"}', '{EUR,EUR}', '{5,-5}')",
    "SELECT payments_ledger_post_many('{a}','{b}','{\"\"}','{c}','{d}', now(), '{NULL}', '{}', '{}', '{}', '{}', '{}')",
    "SELECT payments_ledger_post('a','b','','c','d', now(), NULL, '{}', '{}', '{}', '{}')",
    "SELECT payments_ledger_post_many('{a,a2}','{b}','{\"\"}','{c}','{d}', now(), '{NULL}', '{1}', '{PSP_CLEARING}',"
    " '{\"\"}', '{EUR}', '{5}')",
]


@pytest.mark.parametrize("statement", ATTACKS)
def test_raw_sql_of_the_application_role_is_refused(statement, real_database, now):
    pay(now, "a")
    chain.extend_chain()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    call_command("verify_ledger")
