"""System checks of the installation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import Error, register
from django.db import DEFAULT_DB_ALIAS, connection


@register("database", deploy=True)
def application_role_owns_nothing(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[Error]:
    """The role the application runs under must not own the schema: an owner can drop the ledger's triggers.

    Asks the database, so it runs only with `--database default`.
    """
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_has_role(current_user, c.relowner, 'USAGE')"
        )
        (owned,) = cursor.fetchone()
    if not owned:
        return []
    return [
        Error(
            f"The application's database role owns {owned} tables.",
            hint="Point DATABASE_URL at a role without ownership and DATABASE_OWNER_URL at the owner.",
            id="lonja.E001",
        )
    ]
