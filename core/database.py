"""PostgreSQL building blocks shared by all modules: append-only tables and transaction-id stamps."""

from __future__ import annotations

import pgtrigger
from django.db import connection, models
from django.db.models import Field, Func

APPEND_ONLY_MESSAGE = "append-only: add a correcting row"


def append_only() -> list[pgtrigger.Trigger]:
    """Triggers for a model's Meta.triggers: UPDATE, DELETE and TRUNCATE raise in the database itself."""
    return [
        pgtrigger.Trigger(
            name="append_only",
            operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func=(
                f"RAISE EXCEPTION '{APPEND_ONLY_MESSAGE} (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = '42501';"
                " RETURN NULL;"
            ),
        )
    ]


class TransactionId(models.BigIntegerField):  # type: ignore[type-arg]
    """xid8 of the writing transaction, stamped by the database; for following a table in commit order."""

    def db_type(self, connection: object) -> str:
        return "xid8"

    def from_db_value(self, value: object, *_args: object) -> int | None:
        return None if value is None else int(str(value))


class CurrentTransactionId(Func):
    """Database default: the id of the transaction that writes the row."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    arity = 0

    @property
    def output_field(self) -> Field:  # type: ignore[type-arg]
        return TransactionId()


def in_transaction() -> bool:
    """True inside transaction.atomic()."""
    return connection.in_atomic_block


def stable_horizon() -> int:
    """The transaction id below which every transaction has ended: a follower may read up to it and skip none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return int(cursor.fetchone()[0])
