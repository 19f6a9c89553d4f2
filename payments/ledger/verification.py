"""Checking the books from their first entry on, in bounded steps: every balance re-derived, the chain re-hashed.

Each step is one statement, so it sees one moment and may run beside traffic. A section yields (position, defects): the
position is where a later run may go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from payments.ledger import canonical
from payments.ledger.selectors import CHECKS, Defect

ACCOUNTS_STEP, TXNS_STEP, BLOCKS_STEP, MAX_NAMED = 2_000, 10_000, 10, 100

Step = tuple[int, list[Defect]]


@dataclass(frozen=True, slots=True)
class Section:
    """`end` is the position after the last step; `run(position)` goes on behind it."""

    name: str
    title: str
    end: Callable[[], int]
    run: Callable[[int], Iterator[Step]]


def _rows(statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _number(statement: str) -> int:
    return int(_rows(statement)[0][0] or 0)


def _in_ranges(statement: str, end: Callable[[], int], step: int) -> Callable[[int], Iterator[Step]]:
    """Run a query of (subject, detail) over the ranges (low, high] up to `end`."""

    def run(position: int) -> Iterator[Step]:
        last = end()
        while position < last:
            high = min(position + step, last)
            found = _rows(f"{statement} LIMIT {MAX_NAMED}", {"low": position, "high": high})  # type: ignore[arg-type]
            position = high
            yield position, [Defect(subject, detail) for subject, detail in found]

    return run


def _once(statement: str) -> Callable[[int], Iterator[Step]]:
    def run(position: int) -> Iterator[Step]:
        if position < 1:
            yield 1, [Defect(subject, detail) for subject, detail in _rows(f"{statement} LIMIT {MAX_NAMED}")]

    return run


def _last_account() -> int:
    return _number("SELECT max(id) FROM payments_account")


def _last_txn() -> int:
    return _number("SELECT greatest((SELECT max(id) FROM payments_txn), (SELECT max(txn_id) FROM payments_entry))")


def _last_block() -> int:
    return _number("SELECT max(height) FROM payments_chainblock")


_BALANCES = """
SELECT 'balance of account ' || coalesce(b.account_id, e.account_id) || ' (' || a.kind || ':' || a.owner || ' ' || a.currency
    || ')', 'is ' || coalesce(b.posted::text, 'missing') || ' after ' || coalesce(b.seq, 0) || ' entries; the entries say '
    || coalesce(e.total, 0) || ' after ' || coalesce(e.n, 0)
  FROM (SELECT * FROM payments_balance WHERE account_id > %(low)s AND account_id <= %(high)s) b
  FULL JOIN (SELECT account_id, sum(amount) AS total, count(*) AS n FROM payments_entry
    WHERE seq IS NOT NULL AND account_id > %(low)s AND account_id <= %(high)s GROUP BY 1) e USING (account_id)
  JOIN payments_account a ON a.id = coalesce(b.account_id, e.account_id)
  WHERE b.posted IS DISTINCT FROM coalesce(e.total, 0) OR b.seq IS DISTINCT FROM coalesce(e.n, 0)"""

_RUNNING = """
SELECT 'entry ' || id || ' of transaction ' || txn_id, 'says number ' || seq || ' and balance ' || balance_after
    || '; it is number ' || n || ' and balance ' || running
  FROM (SELECT id, txn_id, seq, balance_after, row_number() OVER w AS n, sum(amount) OVER w AS running
    FROM payments_entry WHERE seq IS NOT NULL AND account_id > %(low)s AND account_id <= %(high)s
    WINDOW w AS (PARTITION BY account_id ORDER BY seq)) q
  WHERE n <> seq OR running IS DISTINCT FROM balance_after"""

_ROLLUPS = """
SELECT 'roll-up of account ' || r.account_id || ' (' || a.kind || ' ' || a.currency || ')',
    'is ' || r.posted || '; the entries say ' || s.total
  FROM payments_rollup r JOIN payments_account a ON a.id = r.account_id CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount), 0) AS total FROM payments_entry e
    WHERE e.account_id = r.account_id AND e.seq IS NULL AND e.xid < r.rolled_xid) s
  WHERE r.account_id > %(low)s AND r.account_id <= %(high)s AND r.posted <> s.total"""

_TXNS = """
SELECT 'transaction ' || coalesce(t.id, e.txn_id), CASE WHEN t.id IS NULL THEN 'is gone, its legs are not'
    WHEN e.txn_id IS NULL THEN 'has no legs' WHEN NOT e.together THEN 'has a leg of another database transaction'
    ELSE e.currency || ' is off by ' || e.total END
  FROM (SELECT id, xid FROM payments_txn WHERE id > %(low)s AND id <= %(high)s) t
  FULL JOIN (SELECT e.txn_id, e.currency, sum(e.amount) AS total, bool_and(e.xid = o.xid) AS together
    FROM payments_entry e LEFT JOIN payments_txn o ON o.id = e.txn_id
    WHERE e.txn_id > %(low)s AND e.txn_id <= %(high)s GROUP BY 1, 2) e ON e.txn_id = t.id
  WHERE t.id IS NULL OR e.txn_id IS NULL OR e.total <> 0 OR NOT e.together"""

_CURRENCIES = """
SELECT 'currency ' || a.currency, 'is off by ' || sum(b.posted) FROM payments_account a
  JOIN payments_balance_now b ON b.account_id = a.id GROUP BY a.currency HAVING sum(b.posted) <> 0"""

_ESCROWS = """
SELECT 'escrow of order ' || s.order_id, 'is ' || s.state || ' and holds ' || -b.posted || ', which should be '
    || payments_escrow_expected(s) FROM payments_escrow s JOIN payments_balance b ON b.account_id = s.account_id
  WHERE -b.posted <> payments_escrow_expected(s)"""

_ESCROW_HISTORY = """
SELECT 'escrow of order ' || s.order_id, 'does not follow from its events' FROM payments_escrow s
  LEFT JOIN (SELECT escrow_id, count(*) AS n, sum(released_minor) AS released, sum(refunded_minor) AS refunded,
    sum(fee_minor) AS fee FROM payments_escrowevent GROUP BY 1) e ON e.escrow_id = s.id
  WHERE s.seq <> coalesce(e.n, 0) OR s.released_minor <> coalesce(e.released, 0)
    OR s.refunded_minor <> coalesce(e.refunded, 0) OR s.fee_minor <> coalesce(e.fee, 0)"""


#: Of selectors.CHECKS, what the sections below check in steps; the others are run as they are.
_IN_STEPS = 7


def _others(position: int) -> Iterator[Step]:
    for number, (_title, statement) in enumerate(CHECKS[_IN_STEPS:], start=1):
        if number > position:
            found = _rows(f"SELECT * FROM ({statement}) q LIMIT {MAX_NAMED}")  # noqa: S608 - constants of the ledger
            yield number, [Defect(subject, detail) for subject, detail in found]


def sections() -> tuple[Section, ...]:
    """What is checked, in this order."""
    one = lambda: 1  # noqa: E731 - the end of a section of one step
    return (
        Section("balances", "every balance is the sum of its entries", _last_account,
                _in_ranges(_BALANCES, _last_account, ACCOUNTS_STEP)),
        Section("running", "running balances have no gap", _last_account,
                _in_ranges(_RUNNING, _last_account, ACCOUNTS_STEP)),
        Section("rollups", "every roll-up is the sum of its finished entries", _last_account,
                _in_ranges(_ROLLUPS, _last_account, ACCOUNTS_STEP)),
        Section("transactions", "every transaction has legs and balances", _last_txn,
                _in_ranges(_TXNS, _last_txn, TXNS_STEP)),
        Section("currencies", "each currency adds up to zero", one, _once(_CURRENCIES)),
        Section("escrows", "escrows hold what their state says; ended ones hold nothing", one, _once(_ESCROWS)),
        Section("escrow-history", "escrows follow from their events", one, _once(_ESCROW_HISTORY)),
        Section("others", "whatever else was promised holds", lambda: len(CHECKS) - _IN_STEPS, _others),
        Section("chain", "the hash chain fits the rows it covers", _last_block, _chain),
    )  # fmt: skip


def _chain(position: int) -> Iterator[Step]:
    """Blocks above `position`: linked, hashed as written, and every record as it was when it was chained."""
    last = _last_block()
    while position < last:
        high = min(position + BLOCKS_STEP, last)
        for height in range(position + 1, high + 1):
            yield height, _block_defects(height)
        position = high


def _block_defects(height: int) -> list[Defect]:
    found = _rows(
        "SELECT height, previous_hash, hash, sources, ids, digests, made_at, last_xid::text, last_source, last_id,"
        " total_records, version FROM payments_chainblock WHERE height IN (%s, %s)",
        [height - 1, height],
    )
    blocks = {row[0]: row[1:] for row in found}
    if height not in blocks:
        return [Defect(f"block {height}", "is gone")]
    if blocks[height][-1] != canonical.VERSION:
        return [Defect(f"block {height}", "is of a version that is not known here")]
    previous_hash, stored, sources, ids, digests, made_at, *cursor, total, _version = blocks[height]
    before = blocks.get(height - 1)
    digests = bytes(digests)
    listed = [(s, i, digests[32 * n : 32 * n + 32]) for n, (s, i) in enumerate(zip(sources, ids, strict=True))]
    defects = []
    if len(digests) != 32 * len(ids):
        defects.append(Defect(f"block {height}", "does not fit its records"))
    if bytes(previous_hash) != (bytes(before[1]) if before else canonical.GENESIS):
        defects.append(Defect(f"block {height}", "does not continue the one before it"))
    made = canonical.block_hash(height=height, previous=bytes(previous_hash), made_at=made_at, records=listed)
    if made != bytes(stored):
        defects.append(Defect(f"block {height}", "was changed: its hash is another"))
    defects += _record_defects(height, listed)
    return defects + _uncounted(
        height, before[6:9] if before else ("0", 0, 0), cursor, total, before[9] if before else 0
    )


def _record_defects(height: int, listed: Sequence[tuple[int, int, bytes]]) -> Iterator[Defect]:
    for source, read in _READERS.items():
        mine = {number: digest for kind, number, digest in listed if kind == source}
        if not mine:
            continue
        found = read(list(mine))
        name = canonical.SOURCE_NAMES[source]
        for number, digest in mine.items():
            if number not in found:
                yield Defect(f"{name} {number}", f"is gone; it stands in block {height}")
            elif canonical.digest_of(found[number]) != digest:
                yield Defect(f"{name} {number}", f"is not what was chained in block {height}")


def _uncounted(
    height: int, before: Sequence[Any], cursor: Sequence[Any], total: int, total_before: int
) -> list[Defect]:
    """Rows between the ends of two blocks that neither of them lists: slipped in under an old transaction id."""
    tables = {1: "payments_txn", 2: "payments_escrowevent", 3: "payments_attestation"}
    count = sum(
        int(_rows(
            f"SELECT count(*) FROM {table} WHERE xid >= %s::xid8 AND xid <= %s::xid8"  # noqa: S608 - fixed names
            " AND (xid, %s, id) > (%s::xid8, %s, %s) AND (xid, %s, id) <= (%s::xid8, %s, %s)",
            [before[0], cursor[0], source, *before, source, *cursor],
        )[0][0])
        for source, table in tables.items()
    )  # fmt: skip
    extra = count - (total - total_before)
    return [Defect(f"block {height}", f"lists {total - total_before} records; there are {count}")] if extra > 0 else []


def _read_txns(ids: Sequence[int]) -> dict[int, bytes]:
    legs: dict[int, list[tuple[Any, ...]]] = {}
    for txn_id, *leg in _rows(
        "SELECT e.txn_id, e.id, e.account_id, a.kind, a.owner, e.currency, e.amount, e.seq, e.balance_after"
        " FROM payments_entry e LEFT JOIN payments_account a ON a.id = e.account_id WHERE e.txn_id = ANY(%s)"
        " ORDER BY e.txn_id, e.id",
        [ids],
    ):
        legs.setdefault(txn_id, []).append(tuple(leg))
    txns = _rows(
        "SELECT id, idem_scope, idem_key, request_hash, kind, ref, reverses_id, effective_at, recorded_at"
        " FROM payments_txn WHERE id = ANY(%s)",
        [ids],
    )
    return {txn[0]: canonical.txn_bytes(txn, legs.get(txn[0], [])) for txn in txns}


def _read_events(ids: Sequence[int]) -> dict[int, bytes]:
    rows = _rows(
        "SELECT id, escrow_id, seq, from_state, event, actor, to_state, actor_ref, reason, released_minor, refunded_minor,"
        " fee_minor, fee_vat_minor, disputed_minor, charged_back_minor, txn_id, at FROM payments_escrowevent WHERE id = ANY(%s)",
        [ids],
    )
    return {row[0]: canonical.escrow_event_bytes(row) for row in rows}


def _read_attestations(ids: Sequence[int]) -> dict[int, bytes]:
    rows = _rows("SELECT id, kind, ref, digest, at FROM payments_attestation WHERE id = ANY(%s)", [ids])
    return {row[0]: canonical.attestation_bytes(row) for row in rows}


_READERS: dict[int, Callable[[Sequence[int]], dict[int, bytes]]] = {
    canonical.TXN: _read_txns,
    canonical.ESCROW_EVENT: _read_events,
    canonical.ATTESTATION: _read_attestations,
}
