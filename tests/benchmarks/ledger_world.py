"""The books the ledger bench starts from, written by the owner in a few set-based statements, and what is read off them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg

FUNDED = 10**14
"""What each order's account is funded with: it never runs dry during a run."""
FULL_DATABASE = "lonja_full"
BATCH_TXNS = 250_000
_OWNER = "lpad(to_hex({}), 32, '0')::uuid::text"
TABLES = ("payments_txn", "payments_entry", "payments_balance", "payments_rollup")


def fill(owner_url: str, *, accounts: int, sellers: int) -> None:
    """Open and fund the accounts of the orders, open those of the sellers and the platform; books in balance."""
    with psycopg.connect(owner_url) as owner:
        _without_guards(owner, True)
        owner.execute(
            "INSERT INTO payments_account (kind, owner, currency, shard, mode)"
            f" SELECT 'ESCROW', {_OWNER.format('i')}, 'EUR', 0, 'sync' FROM generate_series(0, {accounts - 1}) i"
            f" UNION ALL SELECT 'SELLER_PAYABLE', {_OWNER.format('i')}, 'EUR', 0, 'sync'"
            f" FROM generate_series(0, {sellers - 1}) i"
            " UNION ALL SELECT k, '', 'EUR', 0, 'deferred' FROM unnest('{PSP_CLEARING,FEE_REVENUE,VAT_PAYABLE}'::text[]) k"
        )
        owner.execute(
            "WITH funded AS (SELECT id, owner, row_number() OVER (ORDER BY id) n FROM payments_account WHERE kind = 'ESCROW'),"
            " t AS (INSERT INTO payments_txn (idem_scope, idem_key, request_hash, kind, ref, effective_at, recorded_at)"
            "  SELECT 'bench-fund', owner, '', 'FUND', owner, '2026-10-01Z', now() FROM funded ORDER BY n RETURNING id, ref)"
            " INSERT INTO payments_entry (txn_id, xid, account_id, currency, amount, seq, balance_after)"
            f" SELECT t.id, pg_current_xact_id(), f.id, 'EUR', -{FUNDED}::bigint, 1, -{FUNDED}::bigint"
            "  FROM t JOIN funded f ON f.owner = t.ref"
            f" UNION ALL SELECT t.id, pg_current_xact_id(), a.id, 'EUR', {FUNDED}::bigint, NULL, NULL"
            "  FROM t, payments_account a WHERE a.kind = 'PSP_CLEARING'"
        )
        owner.execute(
            "INSERT INTO payments_balance (account_id, mode, posted, lo, hi, seq, escrowed)"
            f" SELECT a.id, 'sync', CASE a.kind WHEN 'ESCROW' THEN -{FUNDED}::bigint ELSE 0 END, k.lo, k.hi,"
            " CASE a.kind WHEN 'ESCROW' THEN 1 ELSE 0 END, a.kind = 'ESCROW' FROM payments_account a JOIN payments_accountkind k"
            " ON k.code = a.kind WHERE a.mode = 'sync'"
        )
        owner.execute(
            "INSERT INTO payments_rollup (account_id, mode, posted, rolled_xid)"
            " SELECT id, 'deferred', 0, '0'::xid8 FROM payments_account WHERE mode = 'deferred'"
        )
        _without_guards(owner, False)
    settle(owner_url)


def twin(owner_url: str, admin_url: str) -> str:
    """A second database with the same contents; its address for the owner."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {FULL_DATABASE} TEMPLATE {urlsplit(owner_url).path[1:]} OWNER lonja_owner")
    return urlsplit(owner_url)._replace(path=f"/{FULL_DATABASE}").geturl()


def load_entries(owner_url: str, *, entries: int, accounts: int, sellers: int, minor: int) -> None:
    """Add `entries` legs of settlements to the accounts of `fill`, continuing their running balances."""
    with psycopg.connect(owner_url) as owner:
        _without_guards(owner, True)
        first = 0
        while first < entries // 4:
            _load(owner, first, min(first + BATCH_TXNS, entries // 4), accounts=accounts, sellers=sellers, minor=minor)
            first += BATCH_TXNS
        _without_guards(owner, False)
    settle(owner_url)


def _load(
    owner: psycopg.Connection[tuple[object, ...]], first: int, end: int, *, accounts: int, sellers: int, minor: int
) -> None:
    """Settlement i takes from order i % accounts for seller i % sellers; positions continue from the balance rows."""
    owner.execute(
        f"""
        CREATE TEMP TABLE made ON COMMIT DROP AS SELECT nextval('payments_txn_id_seq') AS id, i,
          {_OWNER.format(f"i % {accounts}")} AS o, {_OWNER.format(f"i % {sellers}")} AS s
          FROM generate_series({first}, {end - 1}) i ORDER BY i"""
    )
    owner.execute(
        "INSERT INTO payments_txn (id, idem_scope, idem_key, request_hash, kind, ref, effective_at, recorded_at)"
        " SELECT id, 'bench', uuidv7()::text, sha256(i::text::bytea), 'SETTLE', o, '2026-10-15Z', now() FROM made"
    )
    owner.execute(
        f"""
        CREATE TEMP TABLE legs ON COMMIT DROP AS
        SELECT m.id AS txn_id, m.i, a.id AS account_id, d.amount,
          row_number() OVER (PARTITION BY a.id ORDER BY m.i) AS n,
          sum(d.amount) OVER (PARTITION BY a.id ORDER BY m.i ROWS UNBOUNDED PRECEDING) AS running
        FROM made m CROSS JOIN LATERAL (VALUES ('ESCROW', m.o, {minor}::bigint),
          ('SELLER_PAYABLE', m.s, -{minor - 1100}::bigint)) d(kind, owner, amount)
        JOIN payments_account a ON a.kind = d.kind AND a.owner = d.owner AND a.currency = 'EUR' AND a.shard = 0"""
    )
    owner.execute(
        """
        INSERT INTO payments_entry (txn_id, xid, account_id, currency, amount, seq, balance_after)
        SELECT txn_id, pg_current_xact_id(), account_id, 'EUR', amount, seq, after FROM (
          SELECT l.txn_id, l.account_id, l.amount, b.seq + l.n AS seq, b.posted + l.running AS after, l.i
            FROM legs l JOIN payments_balance b USING (account_id)
          UNION ALL SELECT m.id, a.id, CASE a.kind WHEN 'FEE_REVENUE' THEN -900 ELSE -200 END, NULL, NULL, m.i
            FROM made m, payments_account a WHERE a.kind IN ('FEE_REVENUE', 'VAT_PAYABLE') AND a.owner = '') q ORDER BY i"""
    )
    owner.execute(
        "UPDATE payments_balance b SET posted = b.posted + q.total, seq = b.seq + q.n FROM"
        " (SELECT account_id, sum(amount) total, count(*) n FROM legs GROUP BY 1) q WHERE q.account_id = b.account_id"
    )
    owner.commit()


def settle(owner_url: str) -> None:
    """Statistics and a checkpoint, so that what follows is not measured beside the work of loading."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "VACUUM (ANALYZE) payments_account, payments_balance, payments_txn, payments_entry, payments_rollup"
        )


def _without_guards(owner: psycopg.Connection[tuple[object, ...]], off: bool) -> None:
    owner.commit()
    for table in ("payments_txn", "payments_entry", "payments_balance"):
        owner.execute(f"ALTER TABLE {table} {'DISABLE' if off else 'ENABLE'} TRIGGER USER")


@dataclass(frozen=True)
class Size:
    bytes: int
    txns: int


def table_size(owner_url: str) -> Size:
    """Bytes of the ledger's tables with their indexes, and how many transactions they hold."""
    with psycopg.connect(owner_url) as owner:
        sizes = owner.execute(
            "SELECT sum(pg_total_relation_size(t::regclass)) FROM unnest(%s::text[]) t", [list(TABLES)]
        )
        size = sizes.fetchone()
        count = owner.execute("SELECT count(*) FROM payments_txn").fetchone()
    assert size
    assert count
    return Size(int(size[0]), int(count[0]))


def wrong_rows(owner_url: str) -> int:
    """Accounts whose balance is not the sum of their entries, and transactions that do not balance; must be none."""
    with psycopg.connect(owner_url) as owner:
        row = owner.execute(
            "SELECT (SELECT count(*) FROM payments_balance b LEFT JOIN (SELECT account_id, sum(amount) s, count(*) n"
            "  FROM payments_entry WHERE seq IS NOT NULL GROUP BY 1) e USING (account_id)"
            "  WHERE b.posted <> coalesce(s, 0) OR b.seq <> coalesce(n, 0))"
            " + (SELECT count(*) FROM (SELECT txn_id FROM payments_entry GROUP BY txn_id, currency"
            "  HAVING sum(amount) <> 0) q)"
        ).fetchone()
    assert row
    return int(row[0])
