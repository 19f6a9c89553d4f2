"""What every benchmark stands on: its own servers, a migrated database, a web server, and a reference figure."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.embedded import Servers, local_secrets, postgres_bin, servers
from config.launcher import House, pick_port, wait_until_served, web_command

ROOT = Path(__file__).resolve().parents[2]


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclass
class Ground:
    """Running servers, the environment of the application, and where its web server listens."""

    running: Servers
    house: House
    port: int = 0

    def start_web(self) -> None:
        self.port = pick_port(18000)
        self.house.environment["LONJA_SITE_URL"] = f"http://127.0.0.1:{self.port}"
        self.house.start("web", *web_command(self.port), LONJA_FOLLOW_SEARCH="1")
        wait_until_served(self.house, self.port)


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """Servers with fsync on and a migrated database in a temporary folder; everything is gone afterwards."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    data = Path(tempfile.mkdtemp(prefix="lonja-bench-"))
    settings = {"shared_preload_libraries": "pg_stat_statements", "shared_buffers": "1GB"}
    try:
        with servers(data, settings=settings) as running:
            made = local_secrets(data)
            environment = {
                **os.environ, **running.environment(), "LONJA_DATA": str(data), "LONJA_ENV": "local",
                "LONJA_SECRET_KEY": made["LONJA_SECRET_KEY"], "LONJA_WEBHOOK_SECRET": made["LONJA_WEBHOOK_SECRET"],
                "LONJA_API_RATE": "100000000/min", "LONJA_API_ANONYMOUS_RATE": "100000000/min",
            }  # fmt: skip
            house = House(data, environment)
            try:
                tell("Preparing the database ...")
                house.manage("migrate", "--verbosity", "0", owner=True)
                house.manage("compile_catalogues", "--verbosity", "0")
                house.manage("collectstatic", "--noinput", "--verbosity", "0")
                yield Ground(running, house)
            finally:
                house.stop()
    finally:
        shutil.rmtree(data, ignore_errors=True)


def enter_django(ground: Ground) -> None:
    """Use Django in this process, on the bench's database."""
    os.environ.update(ground.house.environment)
    os.environ["LONJA_DB_POOL"] = "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def pgbench_tps(running: Servers, *, scale: int, clients: int, seconds: int) -> float:
    """The reference: pgbench tpcb-like, prepared, on the same server, in a database of its own."""
    import psycopg

    binary = postgres_bin() / "pgbench"
    admin = running.admin_url
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS pgbench_reference")
        connection.execute("CREATE DATABASE pgbench_reference")
    url = urlsplit(admin)._replace(path="/pgbench_reference").geturl()
    subprocess.run([binary, "-i", "-q", "-s", str(scale), url], check=True, capture_output=True)
    done = subprocess.run(
        [binary, "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-n", url],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stdout
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("DROP DATABASE pgbench_reference")
    return float(found.group(1))


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def milliseconds(values: list[float], share: float) -> float:
    return round(percentile(values, share) * 1000, 1)


class Client:
    """A light HTTP client on one kept-alive connection: the bench measures the server, not the client."""

    def __init__(self, port: int, *, token: str = "", cookie: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Language": "en"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"
        if cookie:
            self.headers["Cookie"] = cookie

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, float]:
        """(status, body, seconds)."""
        content = None if body is None else json.dumps(body)
        started = time.perf_counter()
        self.connection.request(method, path, content, {**self.headers, **headers})
        response = self.connection.getresponse()
        data = response.read()
        took = time.perf_counter() - started
        is_json = "json" in (response.headers.get("Content-Type") or "")
        return response.status, json.loads(data) if is_json and data else data, took


def median(values: list[float]) -> float:
    return statistics.median(values)
