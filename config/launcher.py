"""Runs the whole house on one machine: servers, schema, demo world, web, worker, scheduler (bin/run).

Every step says what it does and how long it took. Ctrl-C stops everything that was started here, in reverse order.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO

from config.embedded import BASE_DIR, EmbeddedError, local_secrets, servers

WEB_WORKERS = 2
WEB_THREADS = 4
DEFAULT_PORT = 8000
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
    """The processes of one running house."""

    def __init__(self, data: Path, environment: dict[str, str]) -> None:
        self.data = data
        self.environment = environment
        self.children: list[tuple[str, subprocess.Popen[bytes]]] = []

    def manage(self, *arguments: str, owner: bool = False) -> None:
        """Run a management command to its end; its output is shown."""
        environment = {**self.environment, "LONJA_DB_ROLE": "owner"} if owner else self.environment
        done = subprocess.run([PYTHON, "manage.py", *arguments], cwd=BASE_DIR, env=environment)  # noqa: S603
        if done.returncode:
            raise EmbeddedError(f"manage.py {arguments[0]} failed; the lines above say why.")

    def start(self, name: str, *command: str, **extra: str) -> None:
        """Start a process whose output goes to a log file in the data folder."""
        log = open(self.data / f"{name}.log", "ab")  # noqa: SIM115 - owned by the child
        process = subprocess.Popen(  # noqa: S603
            command, cwd=BASE_DIR, env={**self.environment, **extra}, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self.children.append((name, process))

    def stop(self) -> None:
        for _name, process in reversed(self.children):
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        for _name, process in reversed(self.children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0.1))
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def first_dead(self) -> str | None:
        return next((name for name, process in self.children if process.poll() is not None), None)


def web_command(port: int) -> list[str]:
    """The application server (docs/adr/0004-application-server.md)."""
    return [
        PYTHON, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "--workers", str(WEB_WORKERS), "--worker-class", "gthread", "--threads", str(WEB_THREADS), "--keep-alive", "30",
        "--worker-tmp-dir", _shared_memory(), "--graceful-timeout", "5", "--log-level", "warning",
    ]  # fmt: skip


def _shared_memory() -> str:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"  # noqa: S108


def hold_house(data: Path) -> IO[str]:
    """One house per data folder: keep the returned file open. A lock of a killed run is free again by itself."""
    file = open(data / "house.lock", "w")  # noqa: SIM115 - held by the caller
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise EmbeddedError("Lonja is already running from this folder. Stop it first, or set LONJA_DATA.") from None
    return file


def reset(data: Path, *, assume_yes: bool) -> bool:
    """Delete the data folder after asking. Returns whether it was deleted."""
    if not data.exists():
        return True
    if not assume_yes:
        answer = input(f"This deletes everything in {data}: database, pictures, secrets. Type 'delete' to go on: ")
        if answer.strip() != "delete":
            say("Nothing was deleted.")
            return False
    shutil.rmtree(data)
    return True


def end_leftovers(data: Path) -> None:
    """End web, worker and scheduler of a killed run: their process groups are noted in the data folder."""
    note = data / "processes"
    if not note.exists():
        return
    for line in note.read_text().split():
        pid = int(line)
        with contextlib.suppress(OSError):
            if str(BASE_DIR).encode() in Path(f"/proc/{pid}/cmdline").read_bytes() or _cwd_is_here(pid):
                os.killpg(pid, signal.SIGTERM)
    note.unlink()


def _cwd_is_here(pid: int) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(BASE_DIR)
    except OSError:
        return False


def prepare(house: House, *, small: bool) -> None:
    """Schema, catalogues, static files, demo world; each does nothing when it is up to date."""
    with step("Database schema"):
        house.manage("migrate", "--verbosity", "0", owner=True)
    with step("Translations and static files"):
        house.manage("compile_catalogues", "--verbosity", "0")
        house.manage("collectstatic", "--noinput", "--verbosity", "0")
    marker = house.data / "demo-world"
    if not marker.exists():
        say("  Demo world (once):")
        house.manage("load_demo", *(["--small"] if small else []))
        marker.write_text("loaded\n")


def start_processes(house: House, port: int) -> None:
    celery = [PYTHON, "-m", "celery", "-A", "config"]
    house.start("web", *web_command(port), LONJA_FOLLOW_SEARCH="1")
    house.start("worker", *celery, "worker", "--concurrency", "2", "--loglevel", "warning", "--without-gossip",
                "--without-mingle")  # fmt: skip
    house.start("scheduler", *celery, "beat", "--schedule", str(house.data / "beat"), "--loglevel", "warning")
    (house.data / "processes").write_text("\n".join(str(process.pid) for _name, process in house.children))


def wait_until_served(house: House, port: int) -> None:
    import httpx

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        dead = house.first_dead()
        if dead:
            tail = (house.data / f"{dead}.log").read_text(errors="replace")[-2000:]
            raise EmbeddedError(f"The {dead} process ended:\n{tail}")
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
    port = pick_port(int(os.environ.get("PORT", DEFAULT_PORT)))
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
        prepare(house, small=options.small)
        with step("Web, worker and scheduler"):
            start_processes(house, port)
            wait_until_served(house, port)
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

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    try:
        if options.reset and not reset(data, assume_yes=options.yes):
            return 1
        data.mkdir(parents=True, exist_ok=True)
        with hold_house(data):
            end_leftovers(data)
            return run(options, data)
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0
    except EmbeddedError as error:
        say(f"\nLonja could not start: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
