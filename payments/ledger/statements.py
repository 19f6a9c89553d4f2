"""Reads of the ledger over time: a balance at a past moment, an account's statement, the trial balance of a day.

A past balance is today's minus what became effective since: the work grows with what happened since, not with the age of
the ledger (txn.effective_at has a BRIN index). Every figure of one answer is read in one statement, so it is one moment.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from core.errors import InvalidInput
from core.money import Money
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import TrialLine

PAGE, MAX_STATEMENT = 100, 1000

#: Of an entry's account: both indexes by account are named, so that either kind of account is found.
OF_ACCOUNT = "e.account_id = a.id AND (e.seq IS NULL OR e.seq IS NOT NULL)"
_ACCOUNT = "a.kind = %(kind)s AND a.owner = %(owner)s AND a.currency = %(currency)s AND a.shard = 0"


@dataclass(frozen=True, slots=True)
class StatementLine:
    txn_id: int
    at: datetime
    kind: str
    ref: str
    amount: Money
    balance: Money
    """Balance after the line, in the statement's order."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An account over [since, until): opening + debits - credits = closing; `credits` is a positive amount."""

    opening: Money
    debits: Money
    credits: Money
    closing: Money
    movements: int
    lines: tuple[StatementLine, ...]
    next_cursor: str
    """Ask again with it for the lines after these; empty on the last page."""


def balance_at(kind: AccountCode, owner: str, currency: str, moment: datetime) -> Money:
    """Balance at a past moment: everything effective up to and including it."""
    rows = _rows(
        "SELECT b.posted - coalesce((SELECT sum(e.amount) FROM payments_entry e JOIN payments_txn t ON t.id = e.txn_id"  # noqa: S608 - fixed text
        f" WHERE {OF_ACCOUNT} AND t.effective_at > %(moment)s), 0)"
        f" FROM payments_account a JOIN payments_balance_now b ON b.account_id = a.id WHERE {_ACCOUNT}",
        {"kind": kind.value, "owner": owner, "currency": currency, "moment": moment},
    )
    return Money(int(rows[0][0]) if rows else 0, currency)


def trial_balance_at(moment: datetime) -> list[TrialLine]:
    """Sums by kind and currency at a past moment; each currency adds up to zero. Accounts never used by then count too."""
    rows = _rows(
        "WITH later AS (SELECT a.kind, a.currency, sum(e.amount) AS total FROM payments_txn t"
        "  JOIN payments_entry e ON e.txn_id = t.id JOIN payments_account a ON a.id = e.account_id"
        "  WHERE t.effective_at > %(moment)s GROUP BY 1, 2),"
        " today AS (SELECT a.kind, a.currency, count(*) AS accounts, sum(b.posted) AS total FROM payments_account a"
        "  JOIN payments_balance_now b ON b.account_id = a.id GROUP BY 1, 2)"
        " SELECT kind, currency, accounts, today.total - coalesce(later.total, 0) FROM today"
        " LEFT JOIN later USING (kind, currency) ORDER BY currency, kind",
        {"moment": moment},
    )
    return [TrialLine(kind, currency, accounts, int(posted)) for kind, currency, accounts, posted in rows]


def account_statement(
    kind: AccountCode, owner: str, currency: str, *, since: datetime, until: datetime, cursor: str = "",
    limit: int = PAGE,
) -> Statement:  # fmt: skip
    """Opening, movements and closing of a period, oldest first, `limit` lines (at most MAX_STATEMENT) from `cursor` on.

    Raises InvalidInput for a cursor this function did not make.
    """
    at, txn_id = _read_cursor(cursor) if cursor else (since, 0)
    limit = min(max(limit, 1), MAX_STATEMENT)
    params = {"kind": kind.value, "owner": owner, "currency": currency, "since": since, "until": until,
              "at": at, "txn": txn_id, "limit": limit + 1}  # fmt: skip
    opening, before, debits, credits, movements = _totals(params)
    rows = _rows(
        "SELECT t.id, t.effective_at, t.kind, t.ref, e.amount FROM payments_account a"  # noqa: S608 - fixed text
        f" JOIN payments_entry e ON {OF_ACCOUNT}"
        f" JOIN payments_txn t ON t.id = e.txn_id WHERE {_ACCOUNT} AND t.effective_at >= %(since)s"
        " AND t.effective_at < %(until)s AND (t.effective_at, t.id) > (%(at)s, %(txn)s)"
        " ORDER BY t.effective_at, t.id LIMIT %(limit)s",
        params,
    )
    more, rows = len(rows) > limit, rows[:limit]
    balance, lines = Money(before, currency), []
    for number, moment, what, ref, minor in rows:
        balance = balance + Money(int(minor), currency)
        lines.append(StatementLine(number, moment, what, ref, Money(int(minor), currency), balance))
    money = [Money(minor, currency) for minor in (opening, debits, credits, opening + debits - credits)]
    return Statement(
        money[0], money[1], money[2], money[3], movements, tuple(lines), _cursor_of(lines[-1]) if more else ""
    )


def _totals(params: dict[str, Any]) -> tuple[int, int, int, int, int]:
    """(opening, balance before the page, debits, credits, movements); the page starts after (at, txn)."""
    rows = _rows(
        "SELECT b.posted - coalesce(s.since, 0), b.posted - coalesce(s.page, 0), coalesce(s.debits, 0),"  # noqa: S608 - fixed text
        " coalesce(s.credits, 0), coalesce(s.n, 0) FROM payments_account a"
        " JOIN payments_balance_now b ON b.account_id = a.id"
        " CROSS JOIN LATERAL (SELECT sum(e.amount) AS since,"
        "  sum(e.amount) FILTER (WHERE (t.effective_at, t.id) > (%(at)s, %(txn)s)) AS page,"
        "  sum(e.amount) FILTER (WHERE e.amount > 0 AND t.effective_at < %(until)s) AS debits,"
        "  -sum(e.amount) FILTER (WHERE e.amount < 0 AND t.effective_at < %(until)s) AS credits,"
        "  count(*) FILTER (WHERE t.effective_at < %(until)s) AS n"
        "  FROM payments_entry e JOIN payments_txn t ON t.id = e.txn_id"
        f"  WHERE {OF_ACCOUNT} AND t.effective_at >= %(since)s) s WHERE {_ACCOUNT}",
        params,
    )
    if not rows:
        return 0, 0, 0, 0, 0
    opening, before, debits, credits, movements = (int(value) for value in rows[0])
    return opening, before, debits, credits, movements


def statement(
    kind: AccountCode, owner: str, currency: str, *, since: datetime, until: datetime, limit: int = MAX_STATEMENT
) -> list[StatementLine]:
    """The first lines of `account_statement`."""
    return list(account_statement(kind, owner, currency, since=since, until=until, limit=limit).lines)


def statement_csv(kind: AccountCode, owner: str, currency: str, *, since: datetime, until: datetime) -> Iterator[str]:
    """The whole statement as CSV, piece by piece (pages of MAX_STATEMENT): debits positive, plain decimals, UTC."""
    writer = csv.writer(_Echo())
    page = account_statement(kind, owner, currency, since=since, until=until, limit=MAX_STATEMENT)
    yield writer.writerow(["at", "transaction", "kind", "reference", "amount", "balance", "currency"])
    yield writer.writerow([_moment(since), "", "OPENING", "", "", f"{page.opening.decimal:f}", currency])
    closing = page.closing
    while True:
        for line in page.lines:
            amounts = [f"{line.amount.decimal:f}", f"{line.balance.decimal:f}"]
            yield writer.writerow([_moment(line.at), line.txn_id, line.kind, _plain(line.ref), *amounts, currency])
        if not page.next_cursor:
            break
        page = account_statement(
            kind, owner, currency, since=since, until=until, cursor=page.next_cursor, limit=MAX_STATEMENT
        )
    yield writer.writerow([_moment(until), "", "CLOSING", "", "", f"{closing.decimal:f}", currency])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        return value


def _plain(text: str) -> str:
    """Spreadsheets run cells that begin like a formula; they shall not."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _cursor_of(line: StatementLine) -> str:
    return f"{line.at.astimezone(UTC).isoformat()}~{line.txn_id}"


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    moment, _, number = cursor.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError("no time zone")
        return at, int(number)
    except ValueError:
        raise InvalidInput("This is not a page of the statement.", field="cursor") from None


def _rows(statement_sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement_sql, params)
        return list(cursor.fetchall())
