"""Statements, past balances, the trial balance, the explorer and the chain's head, as pages and as REST."""

from datetime import timedelta

import pytest
from django.test import Client

from core.money import Money
from payments.ledger import chain, explorer, services, statements
from payments.ledger.models import Entry
from payments.ledger.rules import AccountCode as A
from payments.ledger.rules import Leg
from tests import world
from tests.factories.payments import paid_purchase

ACCOUNT = (A.SELLER_PAYABLE, "s1", "EUR")


def pay(at, key, minor=100, seller="s1"):
    legs = [Leg(A.PSP_CLEARING, "", Money(minor, "EUR")), Leg(A.SELLER_PAYABLE, seller, Money(-minor, "EUR"))]
    return services.post(scope="t", key=key, kind="TEST", ref="=ref", legs=legs, now=at)


def days(now, count, **options):
    for day in range(count):
        pay(now + timedelta(days=day), f"k{day}", 100 + day, **options)


@pytest.mark.django_db
def test_a_statement_opens_moves_and_closes_over_its_pages(now):
    days(now, 10)
    since, until = now + timedelta(days=2), now + timedelta(days=8)
    first = statements.account_statement(*ACCOUNT, since=since, until=until, limit=4)
    rest = statements.account_statement(*ACCOUNT, since=since, until=until, limit=4, cursor=first.next_cursor)
    assert (first.opening.minor, first.closing.minor, first.movements) == (-201, -201 - 627, 6)
    assert (first.debits.minor, first.credits.minor) == (0, 627)
    lines = first.lines + rest.lines
    assert [line.amount.minor for line in lines] == [-100 - day for day in range(2, 8)]
    assert lines[-1].balance == first.closing
    assert rest.next_cursor == ""


@pytest.mark.django_db
@pytest.mark.parametrize("account", [ACCOUNT, (A.PSP_CLEARING, "", "EUR")])
def test_past_balances_agree_with_the_statement_rolled_up_or_not(now, account):
    days(now, 6)
    services.roll_up()
    days(now + timedelta(days=20), 0)
    pay(now - timedelta(days=3), "entered late, effective earlier")
    for day in range(-5, 8):
        moment = now + timedelta(days=day)
        after = statements.account_statement(
            *account, since=moment + timedelta(microseconds=1), until=now + timedelta(days=99)
        )
        assert statements.balance_at(*account, moment) == after.opening
        trial = {(line.kind, line.currency): line.posted for line in statements.trial_balance_at(moment)}
        assert trial[account[0].value, "EUR"] == after.opening.minor
        assert sum(trial.values()) == 0


@pytest.mark.django_db
def test_csv_is_the_whole_statement_and_no_formula(now, monkeypatch):
    monkeypatch.setattr(statements, "MAX_STATEMENT", 3)
    days(now, 7)
    rows = "".join(statements.statement_csv(*ACCOUNT, since=now, until=now + timedelta(days=9))).splitlines()
    assert len(rows) == 10
    assert rows[1].split(",")[2:6] == ["OPENING", "", "", "0.00"]
    assert rows[-1].split(",")[5] == rows[-2].split(",")[5] == "-7.21"
    assert ",'=ref," in rows[3]


@pytest.fixture
def operator(db, now):
    client = Client()
    client.force_login(world.person(now, is_operator=True).user)
    return client


def test_the_explorer_leads_from_account_to_entries_to_transaction_to_order(operator, now):
    purchase = paid_purchase(now)
    account = explorer.accounts_matching(kind="ESCROW", owner=str(purchase.order_id)).get()
    listed = operator.get("/admin/payments/account/", {"q": str(purchase.order_id)}).content.decode()
    assert f"/admin/payments/account/{account.id}/statement/" in listed
    period = {"since": now.date(), "until": now.date()}
    page = operator.get(f"/admin/payments/account/{account.id}/statement/", period).content.decode()
    assert "CAPTURE" in page
    entry = Entry.objects.get(account=account)
    assert f"/admin/payments/txn/{entry.txn_id}/change/" in page
    assert operator.get("/admin/payments/entry/", {"account__id__exact": account.id}).status_code == 200
    detail = operator.get(f"/admin/payments/txn/{entry.txn_id}/change/").content.decode()
    assert f"/admin/payments/escrow/?q={purchase.purchase_id}" in detail
    assert "PSP_CLEARING" in detail
    found = operator.get("/admin/payments/escrow/", {"q": str(purchase.purchase_id)}).content.decode()
    assert str(purchase.order_id) in found


def test_a_statement_downloads_as_csv(operator, now):
    pay(now, "a")
    account = explorer.accounts_matching(kind=ACCOUNT[0].value, owner=ACCOUNT[1]).get()
    query = {"since": now.date(), "until": now.date(), "format": "csv"}
    answer = operator.get(f"/admin/payments/account/{account.id}/statement/", query)
    assert answer["Content-Type"].startswith("text/csv")
    assert b"-1.00" in b"".join(answer.streaming_content)
    assert operator.get(f"/admin/payments/account/{account.id}/statement/", {"cursor": "x"}).status_code == 404
    assert operator.get("/admin/payments/account/999999/statement/").status_code == 404


def test_trial_balance_now_and_then(operator, now):
    pay(now, "a")
    assert "1.00" in operator.get("/admin/payments/account/trial-balance/").content.decode()
    before = operator.get("/admin/payments/account/trial-balance/", {"at": "2020-01-01T00:00"}).content.decode()
    assert "0.00" in before
    assert "1.00" not in before


def test_operators_read_the_ledger_by_rest(operator, now):
    txn_id = pay(now, "a").txn_id
    accounts = operator.get("/api/v1/payments/ledger-accounts/", {"owner": "s1"}).json()["results"]
    assert [account["account_kind"] for account in accounts] == ["SELLER_PAYABLE"]
    path = f"/api/v1/payments/ledger-accounts/{accounts[0]['id']}/statement/"
    period = {"since": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    body = operator.get(path, period).json()
    assert (body["closing"]["minor"], body["lines"][0]["txn_id"]) == (-100, txn_id)
    assert operator.get(path, {"since": "x"}).status_code in (400, 422)
    assert operator.get(path, {**period, "cursor": "zzz"}).status_code in (400, 409, 422)
    held = f"/api/v1/payments/ledger-accounts/{accounts[0]['id']}/balance/"
    assert operator.get(held).json()["balance"]["minor"] == -100
    assert operator.get(held, {"at": "2020-01-01T00:00:00Z"}).json()["balance"]["minor"] == 0
    assert operator.get(held, {"at": "yesterday"}).status_code in (400, 422)
    legs = operator.get(f"/api/v1/payments/ledger-transactions/{txn_id}/").json()["legs"]
    assert sum(leg["amount"]["minor"] for leg in legs) == 0
    trial = operator.get("/api/v1/payments/trial-balance/").json()
    assert {line["posted_minor"] for line in trial} == {100, -100}
    assert (
        operator.get("/api/v1/payments/trial-balance/", {"at": "2020-01-01T00:00:00Z"}).json()[0]["posted_minor"] == 0
    )


def test_anyone_reads_the_head_of_the_chain(real_database, now):
    anyone = Client()
    assert anyone.get("/ledger/").status_code == 200
    assert anyone.get("/api/v1/payments/ledger-head/").status_code == 404
    pay(now, "a")
    pay(now, "b")
    chain.extend_chain(records=1)
    head = anyone.get("/api/v1/payments/ledger-head/").json()
    assert (head["height"], head["total_records"]) == (2, 2)
    assert head["hash"] in anyone.get("/ledger/").content.decode()
    blocks = anyone.get("/api/v1/payments/ledger-blocks/").json()["results"]
    assert [block["height"] for block in blocks] == [2, 1]
    assert blocks[0]["previous_hash"] == blocks[1]["hash"]


def test_an_account_is_found_by_its_indexes_not_by_reading_the_table(real_database, now):
    from django.db import connection

    pay(now, "a")
    found = Entry.objects.filter(explorer.EITHER_KIND, account_id=1)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        plan = found.explain()
        cursor.execute("RESET enable_seqscan")
    assert "entry_seq" in plan
    assert "entry_deferred" in plan
