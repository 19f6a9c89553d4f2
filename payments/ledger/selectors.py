"""Reads of the ledger. Balances are debit-positive; `owed_to` turns a liability the right way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from core.money import Money
from payments.ledger.rules import AccountCode


@dataclass(frozen=True, slots=True)
class TrialLine:
    """Sum of all accounts of a kind; debits are positive."""

    kind: str
    currency: str
    accounts: int
    posted: int


@dataclass(frozen=True, slots=True)
class Defect:
    """Something verify_ledger found wrong: which row, and what it should be."""

    subject: str
    detail: str


def balance(kind: AccountCode, owner: str, currency: str) -> Money:
    """Posted balance now, debit-positive; zero when the account was never opened."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.posted FROM payments_account a JOIN payments_balance_now b ON b.account_id = a.id"
            " WHERE a.kind = %s AND a.owner = %s AND a.currency = %s",
            [kind.value, owner, currency],
        )
        rows = cursor.fetchall()
    return Money(sum(int(row[0]) for row in rows), currency)


def owed_to(kind: AccountCode, owner: str, currency: str) -> Money:
    """Balance of a liability account as people say it: what we owe."""
    return -balance(kind, owner, currency)


def balances_of_owner(owner: str) -> dict[tuple[AccountCode, str], Money]:
    """Every balance of an owner, by (kind, currency), debit-positive, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.kind, a.currency, b.posted FROM payments_account a"
            " JOIN payments_balance_now b ON b.account_id = a.id WHERE a.owner = %s ORDER BY a.id",
            [owner],
        )
        return {(AccountCode(kind), cur): Money(int(posted), cur) for kind, cur, posted in cursor.fetchall()}


def trial_balance() -> list[TrialLine]:
    """Sums by kind and currency; each currency adds up to zero."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.kind, a.currency, count(*), sum(b.posted) FROM payments_account a"
            " JOIN payments_balance_now b ON b.account_id = a.id GROUP BY 1, 2 ORDER BY 2, 1"
        )
        return [TrialLine(kind, cur, count, int(posted)) for kind, cur, count, posted in cursor.fetchall()]


#: Each query names the rows that break one promise of the ledger: (what, detail).
CHECKS: tuple[tuple[str, str], ...] = (
    (
        "balance equals the sum of its entries",
        "SELECT 'balance ' || b.account_id, 'posted ' || b.posted || ', entries say ' || coalesce(e.total, 0)"
        " FROM payments_balance b LEFT JOIN (SELECT account_id, sum(amount) total, count(*) n FROM payments_entry"
        " GROUP BY 1) e USING (account_id) WHERE b.posted <> coalesce(e.total, 0) OR b.seq <> coalesce(e.n, 0)",
    ),
    (
        "roll-up equals the sum of its finished entries",
        "SELECT 'rollup ' || r.account_id, 'posted ' || r.posted || ', entries say ' || coalesce(sum(e.amount), 0)"
        " FROM payments_rollup r LEFT JOIN payments_entry e ON e.account_id = r.account_id AND e.xid < r.rolled_xid"
        " GROUP BY r.account_id, r.posted HAVING r.posted <> coalesce(sum(e.amount), 0)",
    ),
    (
        "every transaction balances in each currency",
        "SELECT 'txn ' || txn_id, currency || ' is off by ' || sum(amount) FROM payments_entry"
        " GROUP BY txn_id, currency HAVING sum(amount) <> 0",
    ),
    (
        "every transaction has legs",
        "SELECT 'txn ' || t.id, 'has no legs' FROM payments_txn t"
        " WHERE NOT EXISTS (SELECT 1 FROM payments_entry e WHERE e.txn_id = t.id)",
    ),
    (
        "running balances have no gap",
        "SELECT 'entry ' || id, 'balance_after ' || balance_after || ', expected ' || expected FROM (SELECT id,"
        " balance_after, sum(amount) OVER (PARTITION BY account_id ORDER BY seq) expected FROM payments_entry"
        " WHERE seq IS NOT NULL) q WHERE balance_after <> expected",
    ),
    (
        "each currency adds up to zero",
        "SELECT 'currency ' || currency, 'is off by ' || sum(amount) FROM payments_entry GROUP BY currency"
        " HAVING sum(amount) <> 0",
    ),
    (
        "escrows hold what their state says",
        "SELECT 'escrow of order ' || s.order_id, s.state || ' holds ' || -b.posted FROM payments_escrow s"
        " JOIN payments_balance b ON b.account_id = s.account_id WHERE -b.posted <> CASE WHEN s.state IN"
        " ('CREATED', 'CANCELLED', 'RELEASED', 'REFUNDED', 'SETTLED') THEN 0"
        " ELSE s.amount_minor - s.released_minor - s.refunded_minor - s.disputed_minor - s.charged_back_minor END",
    ),
    (
        "frozen money lies on the hold accounts of its escrow",
        "SELECT 'escrow of order ' || s.order_id, 'frozen ' || s.disputed_minor || ' and ' || s.charged_back_minor"
        " FROM payments_escrow s WHERE (s.state = 'DISPUTED' OR s.disputed_minor <> 0 OR s.charged_back_minor <> 0)"
        " AND NOT payments_escrow_frozen_honest(s)",
    ),
    (
        "no seller owes and has money available",
        "SELECT 'seller ' || d.owner, 'owes ' || db.posted || ', has ' || -pb.posted FROM payments_account d"
        " JOIN payments_balance db ON db.account_id = d.id JOIN payments_account p ON p.kind = 'SELLER_PAYABLE'"
        " AND p.owner = d.owner AND p.currency = d.currency JOIN payments_balance pb ON pb.account_id = p.id"
        " WHERE d.kind = 'SELLER_DEBT' AND db.posted > 0 AND pb.posted < 0",
    ),
    (
        "reserves are what was kept back",
        "SELECT 'reserve of ' || a.owner, 'posted ' || -b.posted || ', kept ' || coalesce(h.kept, 0)"
        " FROM payments_account a JOIN payments_balance b ON b.account_id = a.id LEFT JOIN (SELECT seller_id::text"
        " AS owner, currency, sum(amount_minor - used_minor) AS kept FROM payments_reservehold"
        " WHERE released_at IS NULL GROUP BY 1, 2) h USING (owner, currency)"
        " WHERE a.kind = 'SELLER_RESERVE' AND -b.posted <> coalesce(h.kept, 0)",
    ),
)


def find_defects(check_sql: str, *, limit: int = 20) -> Iterator[Defect]:
    """Rows that break a promise, at most `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({check_sql}) q LIMIT %s", [limit])  # noqa: S608 - the constants above
        yield from (Defect(subject, detail) for subject, detail in cursor.fetchall())
