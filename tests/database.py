"""Test databases: one template migrated by the owner, one clone for each worker, used under the application role."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.embedded import UNSAFE, Postgres, local_secrets, prepare_database

ROOT = Path(__file__).resolve().parent.parent


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def schema_digest() -> str:
    """Changes whenever a migration file does."""
    digest = hashlib.sha256()
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def own_server(worker: str):
    """A PostgreSQL for one test worker, named in the environment while it runs.

    Transaction ids are one sequence for all databases of a server: a long transaction of another worker would hold the
    snapshot horizon back, and followers of a feed would rightly wait for it.
    """
    if worker in {"main", "gw0"} or not os.environ.get("LONJA_EMBEDDED"):
        yield
        return
    data = Path(os.environ["LONJA_DATA"])
    server = Postgres(data / worker / "postgres", local_secrets(data), settings=UNSAFE)
    server.start()
    roles = {"DATABASE_URL": "lonja_app", "DATABASE_OWNER_URL": "lonja_owner", "DATABASE_ADMIN_URL": "postgres"}
    for name, role in roles.items():
        os.environ[name] = server.url(role, "postgres" if role == "postgres" else "lonja")
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _admin():
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        yield connection


def ensure_template() -> str:
    """Name of the migrated template database; built once, by whoever comes first."""
    name = f"lonja_template_{schema_digest()}"
    port = urlsplit(os.environ["DATABASE_ADMIN_URL"]).port
    lock = Path(os.environ.get("LONJA_DATA", ROOT / ".data")) / f"template-{port}.lock"
    with open(lock, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with _admin() as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [name]).fetchone():
                return name
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            admin.execute(sql.SQL("CREATE DATABASE {} OWNER lonja_owner").format(sql.Identifier(name)))
        with psycopg.connect(_with_database(os.environ["DATABASE_ADMIN_URL"], name), autocommit=True) as connection:
            prepare_database(connection)
        owner_url = _with_database(os.environ["DATABASE_OWNER_URL"], name)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True,
            env={**os.environ, "LONJA_DB_ROLE": "owner", "DATABASE_OWNER_URL": owner_url},
        )  # fmt: skip
        with _admin() as admin:
            admin.execute(sql.SQL("ALTER DATABASE {} WITH IS_TEMPLATE true").format(sql.Identifier(name)))
    return name


def recreate(name: str, template: str) -> None:
    """A fresh clone of the template under `name`; ends whoever is still connected to the old one."""
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER lonja_owner STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def drop(name: str) -> None:
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
