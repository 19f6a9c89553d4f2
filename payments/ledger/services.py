"""Posting to the ledger: one database call for each movement of money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection

from core.money import Money
from payments.contracts import IdempotencyConflict, NotEnoughMoney
from payments.ledger.models import Entry, Txn
from payments.ledger.rules import AccountCode, Leg, content_hash, merge_legs

CONFLICT, CHECK_VIOLATION = "LG409", "23514"


@dataclass(frozen=True, slots=True)
class Posted:
    """`replayed`: the same content was posted before under this key, and nothing happened now."""

    txn_id: int
    replayed: bool


def sqlstate_of(error: DatabaseError) -> str:
    """The SQLSTATE behind a Django database error, or an empty string."""
    return str(getattr(error.__cause__, "sqlstate", "") or "")


@contextmanager
def translated() -> Iterator[None]:
    """Turn the ledger's refusals into facts: a reused key, a balance past its bound."""
    try:
        yield
    except DatabaseError as error:
        state = sqlstate_of(error)
        if state == CONFLICT:
            raise IdempotencyConflict() from error
        if state == CHECK_VIOLATION and "balance_" in str(error):
            raise NotEnoughMoney() from error
        raise


def post(
    *, scope: str, key: str, kind: str, ref: str, legs: Sequence[Leg], now: datetime, reverses_id: int | None = None
) -> Posted:
    """Post one balanced transaction, at most once per (scope, key), and open the accounts it needs.

    Legs on one account are merged. Balances are locked in account order by the database. Raises IdempotencyConflict
    (key used with other content), NotEnoughMoney (a bound); an unbalanced transaction fails at commit.
    """
    merged = merge_legs(legs)
    with translated(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT txn_id, replayed FROM payments_ledger_post("
            "%s, %s, %s, %s, %s, %s, %s, %s::text[], %s::text[], %s::text[], %s::bigint[])",
            [
                scope, key, content_hash(kind=kind, ref=ref, legs=merged, reverses_id=reverses_id), kind, ref, now,
                reverses_id, [leg.account.value for leg in merged], [leg.owner for leg in merged],
                [leg.amount.currency for leg in merged], [leg.amount.minor for leg in merged],
            ],
        )  # fmt: skip
        txn_id, replayed = cursor.fetchone()
    return Posted(txn_id, replayed)


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
