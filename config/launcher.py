"""Runs the whole house on one machine: servers, schema, demo world, web, worker, scheduler (bin/run).

Every step says what it does and how long it took. Ctrl-C stops everything that was started here, in reverse order.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from config.embedded import (
    BASE_DIR,
    EmbeddedError,
    Servers,
    command_of,
    end_previous_servers,
    hold_folder,
    local_secrets,
    recreate_database,
    servers,
    wait_for_exit,
    works_in,
)

WEB_WORKERS = 2
WEB_THREADS = 2
DEFAULT_PORT = 8000
STOP_SECONDS = 10
PYTHON = sys.executable


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step and how long it took."""
    print(f"  {title} ...", end=" ", flush=True)
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def wanted_port() -> int:
    """PORT, or the default."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 1024 <= int(text) <= 65000:
        raise EmbeddedError(f"PORT={text!r} must be a number from 1024 to 65000.")
    return int(text)


def pick_port(wanted: int) -> int:
    """`wanted`, or the next free one when it is taken."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise EmbeddedError(f"No free port between {wanted} and {wanted + 49}. Set PORT to another number.")


class House:
    """The processes of one running house. Each leads a group of its own, noted in the data folder for `end_leftovers`."""

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        self.data = data
        self.environment = environment
        self.children: list[tuple[str, subprocess.Popen[bytes]]] = []

    def manage(self, *arguments: str, owner: bool = False) -> None:
        """Run a management command to its end; its output is shown."""
        environment = {**self.environment, "LONJA_DB_ROLE": "owner"} if owner else self.environment
        process = subprocess.Popen(  # noqa: S603
            [PYTHON, "manage.py", *arguments], cwd=BASE_DIR, env=environment, start_new_session=True
        )
        self._add(arguments[0], process)
        try:
            failed = process.wait()
        except BaseException:
            end_groups([process.pid])  # with what it forked
            raise
        finally:
            self.children.remove((arguments[0], process))
        if failed:
            raise EmbeddedError(f"manage.py {arguments[0]} failed; the lines above say why.")

    def start(self, name: str, *command: str, **extra: str) -> None:
        """Start a process whose output goes to a log file in the data folder."""
        log = open(self.data / f"{name}.log", "ab")  # noqa: SIM115 - owned by the child
        process = subprocess.Popen(  # noqa: S603
            command, cwd=BASE_DIR, env={**self.environment, **extra}, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        log.close()
        self._add(name, process)

    def _add(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self.children.append((name, process))
        (self.data / "processes").write_text("".join(f"{child.pid}\n" for _name, child in self.children))

    def stop(self) -> None:
        end_groups([process.pid for _name, process in reversed(self.children) if process.poll() is None])
        for _name, process in self.children:
            process.wait()
        self.children.clear()
        (self.data / "processes").unlink(missing_ok=True)

    def first_dead(self) -> str | None:
        return next((name for name, process in self.children if process.poll() is not None), None)


def end_groups(leaders: list[int]) -> None:
    """Ask process groups to end, in order; after STOP_SECONDS end them by force."""
    for pid in leaders:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for pid in leaders:
        wait_for_exit(pid, max(deadline - time.monotonic(), 0.1))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # the leader, or children that outlived it


def web_command(port: int) -> list[str]:
    """The application server (docs/adr/0004-application-server.md)."""
    return [
        PYTHON, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", str(WEB_WORKERS), "--worker-class", "gthread", "--threads", str(WEB_THREADS), "--keep-alive", "30",
        "--worker-tmp-dir", _shared_memory(), "--graceful-timeout", "5", "--log-level", "warning",
    ]  # fmt: skip


def _shared_memory() -> str:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"  # noqa: S108


def reset(data: Path, *, assume_yes: bool) -> bool:
    """Delete what the data folder holds, after asking; the house must be held. Returns whether it was deleted."""
    if not assume_yes:
        question = f"This deletes everything in {data}: database, pictures, secrets. Type 'delete' to go on: "
        try:
            answer = input(question)
        except EOFError:
            answer = ""
        if answer.strip() != "delete":
            say("Nothing was deleted.")
            return False
    for path in data.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != "house.lock":
            path.unlink()
    return True


def end_leftovers(data: Path) -> None:
    """End what a killed run left behind: web, worker and scheduler by the noted groups, then the servers."""
    note = data / "processes"
    if note.exists():
        noted = [int(line) for line in note.read_text().split() if line.isdigit()]
        end_groups([pid for pid in noted if str(BASE_DIR) in command_of(pid) or works_in(pid, BASE_DIR)])
        note.unlink()
    end_previous_servers(data)


STATIC = ("requirements.lock", "config/settings.py", "*/locale/*/LC_MESSAGES/django.po", "*/static/**/*")
MIGRATIONS = ("requirements.lock", "config/settings.py", "*/migrations/*.py")


def prepare(house: House, running: Servers, *, small: bool) -> None:
    """Schema, catalogues, static files, demo world; each does nothing when it is up to date."""
    marker = house.data / "demo-world"
    if marker.exists() and marker.read_text().strip() != "loaded":
        clear_half_world(house.data, running)
    known, schema = house.data / "schema-sources", digest_of(MIGRATIONS)
    if not (running.embedded and marker.exists() and known.exists() and known.read_text() == schema):
        with step("Database schema"):  # a database of its own changes only by what this command did to it
            house.manage("migrate", "--verbosity", "0", owner=True)
        known.write_text(schema)
    stamp, sources = house.data / "static-sources", digest_of(STATIC)
    compiled = all(path.with_suffix(".mo").exists() for path in BASE_DIR.glob("*/locale/*/LC_MESSAGES/django.po"))
    if not compiled or not stamp.exists() or stamp.read_text() != sources:
        with step("Translations and static files"):
            house.manage("compile_catalogues", "--verbosity", "0")
            house.manage("collectstatic", "--noinput", "--verbosity", "0")
        stamp.write_text(sources)
    if not marker.exists():
        say("  Demo world (once):")
        marker.write_text("loading\n")
        house.manage("load_demo", *(["--small"] if small else []))
        marker.write_text("loaded\n")


def digest_of(patterns: Sequence[str]) -> str:
    """Changes whenever one of these files does: only then is there something to make again."""
    digest = hashlib.sha256(str(os.environ.get("LONJA_STATIC_ROOT")).encode())
    for path in sorted(path for pattern in patterns for path in BASE_DIR.glob(pattern) if path.is_file()):
        digest.update(f"{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def clear_half_world(data: Path, running: Servers) -> None:
    """A demo world that was interrupted cannot be continued: nobody has used it yet, so it is made again."""
    if not running.embedded:
        raise EmbeddedError(
            "The demo world was interrupted half-way. Empty the database of DATABASE_URL (drop and create it), "
            f"delete {data / 'demo-world'} and start again."
        )
    with step("The demo world was interrupted half-way; clearing it to load it again"):
        recreate_database(running)
        for name in ("media", "mail", "search"):
            shutil.rmtree(data / name, ignore_errors=True)
        (data / "schema-sources").unlink(missing_ok=True)
        (data / "demo-world").unlink()


def start_web(house: House, port: int) -> None:
    figures = house.data / "metrics"  # of one run: what processes of an earlier one counted is gone
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir()
    house.start("web", *web_command(port), LONJA_FOLLOW_SEARCH="1", PROMETHEUS_MULTIPROC_DIR=str(figures))


def start_background(house: House) -> None:
    celery = [PYTHON, "-m", "celery", "--quiet", "-A", "config"]
    house.start("worker", *celery, "worker", "--concurrency", "2", "--loglevel", "warning", "--without-gossip",
                "--without-mingle")  # fmt: skip
    house.start("scheduler", *celery, "beat", "--schedule", str(house.data / "beat"), "--loglevel", "warning")


def wait_until_served(house: House, port: int) -> None:
    import httpx

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        dead = house.first_dead()
        if dead:
            tail = (house.data / f"{dead}.log").read_text(errors="replace")[-2000:]
            raise EmbeddedError(f"The {dead} process ended; the end of {house.data / (dead + '.log')}:\n{tail}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    raise EmbeddedError(f"The web process did not become ready; see {house.data / 'web.log'}.")


GREETING = """
Lonja is running:  {url}

  Log in as                     e-mail                      password
  buyer                         buyer@demo.lonja.example    demo-lonja-2026
  seller (textiles, Spain)      seller@demo.lonja.example   demo-lonja-2026
  seller (ceramics, Portugal)   seller2@demo.lonja.example  demo-lonja-2026
  operator (admin)              operator@demo.lonja.example demo-lonja-2026

  Admin {url}/admin/   API {url}/api/   Components {url}/design/   Mail {url}/mailbox/
  Logs and data: {data}   Stop with Ctrl-C
"""


def run(options: argparse.Namespace, data: Path) -> int:
    wanted = wanted_port()
    port = pick_port(wanted)
    if port != wanted:
        say(f"  Port {wanted} is taken; using {port}.")
    url = f"http://127.0.0.1:{port}"
    made = local_secrets(data)
    stack = contextlib.ExitStack()
    with stack:
        with step("PostgreSQL and Valkey"):
            running = stack.enter_context(servers(data))
        environment = {
            **os.environ, **running.environment(), "LONJA_DATA": str(data), "LONJA_SITE_URL": url,
            "LONJA_SECRET_KEY": os.environ.get("LONJA_SECRET_KEY", made["LONJA_SECRET_KEY"]),
            "LONJA_WEBHOOK_SECRET": os.environ.get("LONJA_WEBHOOK_SECRET", made["LONJA_WEBHOOK_SECRET"]),
            "LONJA_ENV": os.environ.get("LONJA_ENV", "local"),
        }  # fmt: skip
        house = House(data, environment)
        stack.callback(house.stop)
        prepare(house, running, small=options.small)
        with step("Web, worker and scheduler"):
            start_web(house, port)
            wait_until_served(house, port)  # first, and alone: pages are what people wait for
            start_background(house)
        say(GREETING.format(url=url, data=data))
        while True:
            time.sleep(1)
            dead = house.first_dead()
            if dead:
                say(f"The {dead} process ended unexpectedly; its log is {data / (dead + '.log')}. Stopping.")
                return 1


def main() -> int:
    """bin/run [--reset] [--small]."""
    parser = argparse.ArgumentParser(prog="bin/run", description="Start Lonja on this machine.")
    parser.add_argument("--reset", action="store_true", help="delete all data first (asks)")
    parser.add_argument("--yes", action="store_true", help="with --reset: do not ask")
    parser.add_argument("--small", action="store_true", help="a small demo world")
    options = parser.parse_args()
    data = Path(os.environ.get("LONJA_DATA", BASE_DIR / ".data")).resolve()

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        for name in signals:
            signal.signal(name, signal.SIG_IGN)  # once is enough: stopping must not be interrupted half-way
        raise KeyboardInterrupt

    for name in signals:
        signal.signal(name, interrupted)
    try:
        data.mkdir(parents=True, exist_ok=True)
        with hold_folder(data):
            end_leftovers(data)
            if options.reset and not reset(data, assume_yes=options.yes):
                return 1
            return run(options, data)
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0
    except EmbeddedError as error:
        say(f"\nLonja could not start: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
