"""PostgreSQL (fsync on) and Valkey in a temporary folder, with ways to kill the first."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded import Postgres, Valkey, local_secrets, works_in
from config.launcher import House

ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "REDIS_URL")


@dataclass
class Place:
    """Running servers and a migrated database. `keep`: leave the folder for whoever has to look into it."""

    folder: Path
    postgres: Postgres
    keep: bool = False

    def crash_postgres(self) -> float:
        """SIGKILL to the postmaster and all its processes, as when the power goes; back up and recovered.

        Returns the seconds until it answered again.
        """
        started = time.monotonic()
        process = self.postgres.process
        assert process is not None
        process.kill()
        process.wait()
        while rest := backends(self.postgres.directory):  # none may write beside the server that is started next
            for pid in rest:
                _kill(pid)
            time.sleep(0.01)
        self.postgres.start()
        return time.monotonic() - started

    def crash_backend(self, chance: random.Random) -> bool:
        """SIGKILL to one process of the server: PostgreSQL ends all others and recovers by itself."""
        assert self.postgres.process is not None
        found = [pid for pid in backends(self.postgres.directory) if pid != self.postgres.process.pid]
        if not found:
            return False
        _kill(chance.choice(found))
        return True


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def backends(directory: Path) -> list[int]:
    """The processes of the server of this data directory."""
    return [int(entry.name) for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and works_in(int(entry.name), directory)]  # fmt: skip


@contextlib.contextmanager
def place() -> Iterator[Place]:
    """Servers and schema; Django in this process is set up for them and has no connection yet."""
    for name in ADDRESSES:
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="lonja-chaos-"))
    made = local_secrets(folder)
    postgres = Postgres(folder / "postgres", made)
    valkey = Valkey(folder / "valkey", made["VALKEY"])
    here = Place(folder, postgres)
    try:
        postgres.start()
        valkey.start()
        environment = {
            **os.environ, "DATABASE_URL": postgres.url("lonja_app", "lonja"),
            "DATABASE_OWNER_URL": postgres.url("lonja_owner", "lonja"),
            "DATABASE_ADMIN_URL": postgres.url("postgres", "postgres"), "REDIS_URL": valkey.url,
            "LONJA_DATA": str(folder), "LONJA_ENV": "local", "LONJA_SECRET_KEY": made["LONJA_SECRET_KEY"],
            "LONJA_WEBHOOK_SECRET": made["LONJA_WEBHOOK_SECRET"], "LONJA_DB_POOL": "0",
        }  # fmt: skip
        House(folder, environment).manage("migrate", "--verbosity", "0", owner=True)
        os.environ.update(environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        yield here
    finally:
        valkey.stop()
        postgres.stop()
        if not here.keep:
            shutil.rmtree(folder, ignore_errors=True)
