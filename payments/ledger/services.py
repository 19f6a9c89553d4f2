"""Posting to the ledger: one database call for each movement of money, or for a whole batch of them.

Connections prepare these calls (LONJA_DB_PREPARE), so the database plans them once; outside a transaction each is a commit
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import DatabaseError, connection

from core.money import Money
from payments.contracts import IdempotencyConflict, NotEnoughMoney
from payments.ledger.models import Entry, Txn
from payments.ledger.rules import AccountCode, Leg, content_hash, merge_legs

CONFLICT, CHECK_VIOLATION = "LG409", "23514"
MAX_BATCH = 1000
_REFUSED_ITEM = re.compile(r"item (\d+) passes a bound")

_POST = (
    "SELECT txn_id, replayed FROM payments_ledger_post("
    "%s, %s, %s, %s, %s, %s, %s, %s::text[], %s::text[], %s::text[], %s::bigint[])"
)
_POST_MANY = (
    "SELECT txn_id, outcome FROM payments_ledger_post_many("
    "%s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s, %s::bigint[], %s::int[], %s::text[], %s::text[],"
    " %s::text[], %s::bigint[])"
)


@dataclass(frozen=True, slots=True)
class Posted:
    """`replayed`: the same content was posted before under this key, and nothing happened now."""

    txn_id: int
    replayed: bool


class Outcome(StrEnum):
    """What became of one item of a batch. CONFLICT: its key was used with other content, and nothing happened."""

    POSTED = "POSTED"
    REPLAYED = "REPLAYED"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True, slots=True)
class Posting:
    """One transaction of a batch: the arguments of `post`."""

    scope: str
    key: str
    kind: str
    ref: str
    legs: Sequence[Leg]
    reverses_id: int | None = None


@dataclass(frozen=True, slots=True)
class BatchItem:
    """`txn_id` is the transaction that stands under the item's key."""

    txn_id: int
    outcome: Outcome


class BatchRefused(NotEnoughMoney):
    """A bound would be passed by the posting at `index`: nothing of the batch was posted. Post them singly."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


def sqlstate_of(error: DatabaseError) -> str:
    """The SQLSTATE behind a Django database error, or an empty string."""
    return str(getattr(error.__cause__, "sqlstate", "") or "")


def constraint_of(error: DatabaseError) -> str:
    """The constraint a database error names, or an empty string."""
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "")


@contextmanager
def translated() -> Iterator[None]:
    """Turn the ledger's refusals into facts: a reused key, a balance past its bound."""
    try:
        yield
    except DatabaseError as error:
        state = sqlstate_of(error)
        if state == CONFLICT:
            raise IdempotencyConflict() from error
        if state == CHECK_VIOLATION and constraint_of(error).startswith("balance_"):
            item = _REFUSED_ITEM.search(str(error))
            raise (BatchRefused(int(item[1]) - 1) if item else NotEnoughMoney()) from error
        raise


def call_database(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows of one of the ledger's functions, its refusals turned into facts."""
    with translated(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def post(
    *, scope: str, key: str, kind: str, ref: str, legs: Sequence[Leg], now: datetime, reverses_id: int | None = None
) -> Posted:
    """Post one balanced transaction, at most once per (scope, key), and open the accounts it needs.

    Legs on one account are merged. Balances are locked in account order by the database. Raises IdempotencyConflict
    (key used with other content), NotEnoughMoney (a bound); an unbalanced transaction is refused by the database.
    """
    posting = Posting(scope=scope, key=key, kind=kind, ref=ref, legs=legs, reverses_id=reverses_id)
    rows = call_database(_POST, arguments_of(posting=posting, now=now))
    return Posted(*rows[0])


def arguments_of(*, posting: Posting, now: datetime) -> list[Any]:
    """What payments_ledger_post is called with; also the first arguments of calls that post among other things."""
    merged = merge_legs(posting.legs)
    digest = content_hash(kind=posting.kind, ref=posting.ref, legs=merged, reverses_id=posting.reverses_id)
    kinds, owners, currencies, amounts = map(list, zip(*merged, strict=True)) if merged else ([], [], [], [])
    return [
        posting.scope, posting.key, digest, posting.kind, posting.ref, now, posting.reverses_id, kinds, owners,
        currencies, amounts,
    ]  # fmt: skip


def post_many(*, postings: Sequence[Posting], now: datetime) -> list[BatchItem]:
    """Post a batch in one call, all or nothing; the items' answers in their order.

    Each item is posted, replayed or in conflict by its own key, as with `post`; two items with one key count as one.
    Bounds hold after every item in order, and balance_after runs through the batch. Balances are locked by one ordered
    statement. Raises BatchRefused naming the item that passes a bound, and a DatabaseError with SQLSTATE 40001 when
    another process posted one of the keys at the same moment: post again, or singly.
    """
    if not postings:
        return []
    if len(postings) > MAX_BATCH:
        raise ValueError(f"At most {MAX_BATCH} postings in a batch")
    legs = [merge_legs(posting.legs) for posting in postings]
    digests = [
        content_hash(kind=p.kind, ref=p.ref, legs=merged, reverses_id=p.reverses_id)
        for p, merged in zip(postings, legs, strict=True)
    ]
    flat = [(number, *leg) for number, merged in enumerate(legs, start=1) for leg in merged]
    items, kinds, owners, currencies, amounts = map(list, zip(*flat, strict=True)) if flat else ([], [], [], [], [])
    rows = call_database(
        _POST_MANY,
        [
            [p.scope for p in postings], [p.key for p in postings], digests, [p.kind for p in postings],
            [p.ref for p in postings], now, [p.reverses_id for p in postings], items, kinds, owners, currencies, amounts,
        ],
    )  # fmt: skip
    return [BatchItem(txn_id, Outcome(outcome)) for txn_id, outcome in rows]


def open_accounts(accounts: Sequence[tuple[AccountCode, str, str]]) -> list[int]:
    """Ids of the accounts (kind, owner, currency), opened when missing, in the order asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payments_ledger_accounts(%s::text[], %s::text[], %s::text[])",
            [[kind.value for kind, _, _ in accounts], [owner for _, owner, _ in accounts], [c for _, _, c in accounts]],
        )
        return list(cursor.fetchone()[0])


def reverse(*, txn_id: int, now: datetime) -> Posted:
    """Post the opposite of a transaction; the database allows it once. Reversing again replays."""
    txn = Txn.objects.get(id=txn_id)
    entries = Entry.objects.filter(txn_id=txn_id).select_related("account")
    legs = [Leg(AccountCode(e.account.kind_id), e.account.owner, Money(-e.amount, e.currency)) for e in entries]
    return post(
        scope="reversal", key=str(txn_id), kind=f"REVERSE_{txn.kind}"[:40], ref=txn.ref, legs=legs, now=now,
        reverses_id=txn_id,
    )  # fmt: skip


def roll_up(*, limit: int = 500) -> int:
    """Fold finished entries of deferred accounts into their roll-ups; returns how many accounts were rolled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(payments_ledger_roll_up(account_id))"
            " FROM (SELECT account_id FROM payments_rollup ORDER BY account_id LIMIT %s) due",
            [limit],
        )
        return int(cursor.fetchone()[0])
