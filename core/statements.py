"""Statements written once and bound often, for the few reads and writes that every purchase makes.

The ORM writes the SQL of a queryset anew each time it runs, which for a small read costs several times what PostgreSQL needs to
answer it. `Prepared` keeps the SQL and only binds values; `insert` and `update` do the same for rows. What they return are
ordinary model instances. Use them where a profile says so; everywhere else a queryset reads better.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Field, ForeignKey, Lookup, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)
MOST_ROWS = 1_000  # of one INSERT; PostgreSQL takes 65,535 values, and no table has 65 columns


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup[Any]):
    """`column__any_of=[...]`: like `__in`, but one parameter however many values, so that the SQL stays the same."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*params, list(self.rhs)]


#: Values that stand for an argument while the SQL is written; unlikely enough to be a constant of a query.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    UUID: lambda n: UUID(int=0x5A5A_5A5A_5A5A_7A5A_9A5A_0000_0000_0000 + n),
    str: lambda n: f"\x01stand-in {n}\x01",
    int: lambda n: 31_713 + n,  # fits the smallest column
    datetime: lambda n: datetime(1713, 1, 1, 1, 1, 1, n, tzinfo=UTC),
    list: lambda n: [f"\x01stand-in {n}\x01"],
}


class Prepared(Generic[M]):
    """A queryset of model instances whose SQL is written at the first call.

    `build` gets one stand-in per argument and returns the queryset; it may filter, join, order, lock, defer and slice, but
    not prefetch, and what it asks may not depend on the values. Arguments are UUID, str, int, datetime, or list (for `any_of`).
    """

    def __init__(self, build: Callable[..., QuerySet[M]], **arguments: type) -> None:
        self._build = build
        self._arguments = arguments
        self._lock = threading.Lock()
        self._plan: _Plan | None = None

    def all(self, **values: Any) -> list[M]:
        """The instances, in the queryset's order."""
        return list(self._run(values))

    def first(self, **values: Any) -> M | None:
        """The first instance or None; order and limit are the queryset's own."""
        return next(self._run(values), None)

    def _run(self, values: dict[str, Any]) -> Iterator[M]:
        plan = self._plan or self._make()
        if plan.locks and not connection.in_atomic_block:
            raise TransactionManagementError("A locking read belongs in a transaction.")
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, [values[part] if is_name else part for is_name, part in plan.parts])
            rows = cursor.fetchall()
        return plan.instances(rows)

    def _make(self) -> _Plan:
        with self._lock:
            if self._plan is None:
                self._plan = _Plan(self._build, self._arguments)
            return self._plan


class _Plan:
    """The written SQL, where its arguments go, and how its rows become instances."""

    def __init__(self, build: Callable[..., QuerySet[Any]], arguments: dict[str, type]) -> None:
        stand_ins = {name: _STAND_INS[kind](n) for n, (name, kind) in enumerate(arguments.items())}
        query = build(**stand_ins).query
        self.locks = query.select_for_update
        self.compiler = query.get_compiler(using="default")
        if self.locks and not connection.in_atomic_block:
            raise TransactionManagementError("A locking read belongs in a transaction.")
        self.sql, params = self.compiler.as_sql()
        self.parts = [_part(param, stand_ins) for param in params]
        missing = set(arguments) - {part for is_name, part in self.parts if is_name}
        if missing:
            raise ValueError(f"The query does not use {', '.join(sorted(missing))}.")
        klass, select = self.compiler.klass_info, self.compiler.select
        if klass is None or self.compiler.annotation_col_map:
            raise ValueError("Plain model instances only: neither values nor annotations.")
        self.converters = self.compiler.get_converters([column[0] for column in select])
        fields = klass["select_fields"]
        self.model, self.start, self.end = klass["model"], fields[0], fields[-1] + 1
        self.names = [column[0].target.attname for column in select[self.start : self.end]]
        self.populators = get_related_populators(klass, select, "default")  # type: ignore[call-arg]

    def instances(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        for row in self.compiler.apply_converters(rows, self.converters) if self.converters else rows:
            instance = self.model.from_db("default", self.names, row[self.start : self.end])
            for populator in self.populators:
                populator.populate(row, instance)
            yield instance


def _part(param: Any, stand_ins: dict[str, Any]) -> tuple[bool, Any]:
    """(True, name of the argument) where a stand-in is, (False, the value) where the query has a constant."""
    for name, value in stand_ins.items():
        if param == value:
            return True, name
    return False, param


def attach(instance: Model, relation: str, rows: Sequence[Model]) -> None:
    """Give `instance.<relation>.all()` rows that were read already, as a prefetch does."""
    found = getattr(instance, relation).get_queryset()
    found._result_cache, found._prefetch_done = list(rows), True
    cache = instance.__dict__.setdefault("_prefetched_objects_cache", {})
    cache[relation] = found


def insert(*instances: Model, unless_there: bool = False) -> int:
    """Write new rows of one model, in one statement unless they are thousands; returns how many were written.

    No signals; a generated integer key is not read back. `unless_there`: rows that break a unique rule are left out.
    """
    written = 0
    for start in range(0, len(instances), MOST_ROWS):
        rows = instances[start : start + MOST_ROWS]
        sql, fields = _insert_sql(type(rows[0]), len(rows), unless_there)
        values = [f.get_db_prep_save(f.pre_save(row, True), connection) for row in rows for f in fields]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            written += cursor.rowcount
        for row in rows:
            row._state.adding, row._state.db = False, "default"
    return written


def update(*rows: Model, columns: Sequence[str]) -> None:
    """Write these columns of rows of one model, found by primary key, in one statement.

    The rows must agree on what they say there; raises ValueError otherwise.
    """
    if not rows:
        return
    sql, fields = _update_sql(type(rows[0]), tuple(columns))
    values = [[getattr(row, f.attname) for f in fields] for row in rows]
    if any(said != values[0] for said in values):
        raise ValueError("These rows differ in what is to be written.")
    prepared = [f.get_db_prep_save(value, connection) for f, value in zip(fields, values[0], strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*prepared, [row.pk for row in rows]])


def insert_each(*instances: Model, unless_there: bool = False) -> int:
    """`insert` for hundreds of rows and more: the rows go as one JSON value, so the statement is always the same."""
    if not instances:
        return 0
    sql, fields = _insert_each_sql(type(instances[0]), unless_there)
    with connection.cursor() as cursor:
        cursor.execute(sql, [_as_json(instances, fields, is_new=True)])
        written: int = cursor.rowcount
    for row in instances:
        row._state.adding, row._state.db = False, "default"
    return written


def update_each(*rows: Model, columns: Sequence[str]) -> None:
    """Write these columns of rows of one model, each its own values, in one statement; found by primary key."""
    if not rows:
        return
    sql, fields = _update_each_sql(type(rows[0]), tuple(columns))
    with connection.cursor() as cursor:
        cursor.execute(sql, [_as_json(rows, fields, is_new=False)])


def insert_rows(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """`insert_each` of plain tuples in the order of `names`; columns that are not named get the database's default.

    Rows that break a unique rule are left out.
    """
    if rows:
        sql, keys = _insert_rows_sql(model, tuple(names))
        with connection.cursor() as cursor:
            cursor.execute(sql, [json.dumps([dict(zip(keys, row, strict=True)) for row in rows], default=str)])


def update_rows(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """`update_each` of plain tuples: the primary key first, then the values of `names`."""
    if rows:
        sql, fields = _update_each_sql(model, tuple(names))
        keys = [f"v{number}" for number in range(len(fields))]
        with connection.cursor() as cursor:
            cursor.execute(sql, [json.dumps([dict(zip(keys, row, strict=True)) for row in rows], default=str)])


def _as_json(rows: Sequence[Model], fields: tuple[Any, ...], *, is_new: bool) -> str:
    """[[value, ...], ...] keyed v0, v1, ...; moments and ids as the text the database reads."""
    keys = [(f"v{number}", f) for number, f in enumerate(fields)]
    if is_new:
        return json.dumps([{key: f.pre_save(row, True) for key, f in keys} for row in rows], default=str)
    return json.dumps([{key: getattr(row, f.attname) for key, f in keys} for row in rows], default=str)


@lru_cache(maxsize=256)
def _insert_sql(model: type[Model], count: int, unless_there: bool) -> tuple[str, tuple[Any, ...]]:
    meta = model._meta
    fields = tuple(f for f in meta.concrete_fields if not f.generated and not _is_filled_by_database(f))
    row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    columns = ", ".join(f'"{f.column}"' for f in fields)
    ending = " ON CONFLICT DO NOTHING" if unless_there else ""
    return f'INSERT INTO "{meta.db_table}" ({columns}) VALUES {", ".join([row] * count)}{ending}', fields  # noqa: S608


def _is_filled_by_database(field: Any) -> bool:
    """A column with a default of its own in Python is written: dropping its value would lose what the caller said."""
    return bool(field.has_db_default() and not field.has_default()) or (
        field.primary_key and field.get_internal_type().endswith("AutoField")
    )


@lru_cache(maxsize=256)
def _update_sql(model: type[Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    meta = model._meta
    fields: tuple[Any, ...] = tuple(meta.get_field(name) for name in names)
    changes = ", ".join(f'"{f.column}" = %s' for f in fields)
    assert meta.pk is not None
    return f'UPDATE "{meta.db_table}" SET {changes} WHERE "{meta.pk.column}" = ANY(%s)', fields  # noqa: S608


@lru_cache(maxsize=256)
def _insert_each_sql(model: type[Model], unless_there: bool) -> tuple[str, tuple[Any, ...]]:
    meta = model._meta
    fields = tuple(f for f in meta.concrete_fields if not f.generated and not _is_filled_by_database(f))
    columns = ", ".join(f'"{f.column}"' for f in fields)
    ending = " ON CONFLICT DO NOTHING" if unless_there else ""
    return f'INSERT INTO "{meta.db_table}" ({columns}) SELECT * FROM {_recordset(fields)}{ending}', fields  # noqa: S608


@lru_cache(maxsize=256)
def _insert_rows_sql(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[str]]:
    meta = model._meta
    fields: tuple[Any, ...] = tuple(meta.get_field(name) for name in names)
    columns = ", ".join(f'"{f.column}"' for f in fields)
    sql = f'INSERT INTO "{meta.db_table}" ({columns}) SELECT * FROM {_recordset(fields)} ON CONFLICT DO NOTHING'  # noqa: S608
    return sql, [f"v{number}" for number in range(len(fields))]


@lru_cache(maxsize=256)
def _update_each_sql(model: type[Model], names: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    meta = model._meta
    assert meta.pk is not None
    fields: tuple[Any, ...] = (meta.pk, *(meta.get_field(name) for name in names))
    changes = ", ".join(f'"{f.column}" = v.v{number}' for number, f in enumerate(fields) if number)
    return (
        f'UPDATE "{meta.db_table}" t SET {changes} FROM {_recordset(fields)} WHERE t."{meta.pk.column}" = v.v0',  # noqa: S608
        fields,
    )


def _recordset(fields: tuple[Any, ...]) -> str:
    kinds = ", ".join(f"v{number} {str(f.db_type(connection)).split('(')[0]}" for number, f in enumerate(fields))
    return f"json_to_recordset(%s::json) AS v({kinds})"
