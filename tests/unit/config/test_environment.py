"""Production refuses what is missing or weak, with a message that says which and how."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import yaml

from tests.database import ROOT

GOOD = "k3J8-vQ2zX7pL0aWmN5tRyB6cDfGhSe4u_ioE1T9-Hx2Vw7Yq5Zk8Ub3Mj6"
PRODUCTION = {
    "LONJA_ENV": "production", "LONJA_SECRET_KEY": GOOD, "LONJA_WEBHOOK_SECRET": GOOD[::-1],
    "LONJA_ALLOWED_HOSTS": "lonja.example", "LONJA_SITE_URL": "https://lonja.example",
    "DATABASE_URL": "postgresql://lonja_app:x@127.0.0.1:1/lonja", "REDIS_URL": "redis://127.0.0.1:1/0",
}  # fmt: skip


def manage(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**inherited, **PRODUCTION, **changed},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_production_settings_pass_the_deployment_checks_without_a_database():
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LONJA_SECRET_KEY", "", "LONJA_SECRET_KEY is missing"),
        ("LONJA_SECRET_KEY", "changeme", "LONJA_SECRET_KEY is missing"),
        ("LONJA_WEBHOOK_SECRET", "short", "LONJA_WEBHOOK_SECRET is too weak"),
        ("LONJA_WEBHOOK_SECRET", "ab" * 30, "LONJA_WEBHOOK_SECRET is too weak"),
        ("LONJA_ENV", "prod", "must be local, test or production"),
        ("DATABASE_URL", "mysql://x/y", "DATABASE_URL must look like"),
        ("LONJA_SSL_REDIRECT", "maybe", "neither true nor false"),
    ],
)
def test_a_wrong_environment_stops_the_start(name, value, says):
    done = manage("check", **{name: value})
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert GOOD not in done.stderr


def _names_read() -> set[str]:
    source = "\n".join(
        path.read_text() for folder in ("config", "core") for path in sorted((ROOT / folder).rglob("*.py"))
    )
    read = re.findall(
        r"(?:env\.(?:text|flag|number|words|objects|secret)\(\s*|environ(?:\.get\(|\[)|environ\.setdefault\()\"([A-Z_]+)\"",
        source,
    )
    return {*read, "DATABASE_OWNER_URL"} - {"DJANGO_SETTINGS_MODULE"}


def _names_in_guide() -> set[str]:
    rows = [line.split("|")[1] for line in (ROOT / "docs/guides/configuration.md").read_text().splitlines()
            if line.startswith("| `")]  # fmt: skip
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_the_guide_names_every_variable_and_no_other():
    elsewhere = {"LONJA_TEST_WORKERS"}  # read by bin/test
    assert _names_in_guide() == _names_read() | elsewhere


def test_compose_sets_only_variables_that_exist():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    assert set(services) == {"postgres", "valkey", "migrate", "web1", "web2", "worker", "beat", "nginx"}
    known = _names_in_guide() | {"POSTGRES_DB", "POSTGRES_PASSWORD", "LONJA_OWNER_PASSWORD", "LONJA_APP_PASSWORD"}
    for name, service in services.items():
        assert set(service.get("environment", {})) <= known, name
    assert services["web1"]["environment"]["LONJA_ENV"] == "production"


def test_the_proxy_serves_no_upload_but_pictures_of_listings():
    nginx = (ROOT / "docker/nginx.conf").read_text()
    assert re.findall(r"location (/media\S*)", nginx) == ["/media/listings/"]
