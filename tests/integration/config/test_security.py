"""What a browser gets from a production process; limits of the API and of the log-in page."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.core.cache import cache

from core.api.throttling import ActorThrottle
from tests.database import ROOT
from tests.unit.config.test_environment import PRODUCTION

ASK = """
import json, django
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # none collected
django.setup()
from django.test import Client
answers = {}
for path, secure in (("/accounts/login/", True), ("/accounts/login/", False), ("/healthz", False), ("/admin/login/", True)):
    answer = Client(HTTP_HOST="lonja.example").get(path, secure=secure)
    answers[f"{path} {secure}"] = {
        "status": answer.status_code, "headers": {name.lower(): value for name, value in answer.headers.items()},
        "cookies": {name: [bool(c["secure"]), c["samesite"]] for name, c in answer.cookies.items()},
    }
print(json.dumps(answers))
"""


@pytest.fixture
def answers(real_database):
    environment = {
        **os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings", "LONJA_DB_POOL": "0",
        "DATABASE_URL": os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{real_database}",
        "REDIS_URL": os.environ["REDIS_URL"],
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_production_speaks_https_only(answers):
    page = answers["/accounts/login/ True"]
    assert page["status"] == 200
    assert page["headers"]["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"
    assert page["cookies"]
    assert all(secure for secure, _samesite in page["cookies"].values())
    assert answers["/accounts/login/ False"]["status"] == 301
    assert answers["/healthz False"]["status"] == 200  # the load balancer asks over plain HTTP


def test_every_page_has_its_policy(answers):
    page = answers["/accounts/login/ True"]["headers"]
    assert "'nonce-" in page["content-security-policy"]
    assert "unsafe" not in page["content-security-policy"]
    assert page["x-frame-options"] == "DENY"
    assert page["x-content-type-options"] == "nosniff"
    admin = answers["/admin/login/ True"]["headers"]["content-security-policy"]
    assert "frame-ancestors 'none'" in admin


@pytest.mark.django_db
def test_the_api_says_how_much_is_left_and_when_to_come_back(client, monkeypatch):
    monkeypatch.setattr(ActorThrottle, "THROTTLE_RATES", {"actor": "2/min", "anonymous": "2/min"})
    cache.clear()
    answers = [client.get("/api/v1/categories/", REMOTE_ADDR="198.51.100.7") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2]["Content-Type"].startswith("application/problem+json")
    assert 0 < int(answers[2]["Retry-After"]) <= 61
    told = {"REMOTE_ADDR": "198.51.100.7", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}
    assert client.get("/api/v1/categories/", **told).status_code == 429  # what a client claims does not help
    cache.clear()


@pytest.mark.django_db
def test_guessing_passwords_is_slowed_down(client):
    cache.clear()
    wrong = {"login": "somebody@lonja.example", "password": "not-the-password"}
    for _ in range(5):
        assert "Too many" not in client.post("/accounts/login/", wrong).content.decode()
    assert "Too many failed login attempts" in client.post("/accounts/login/", wrong).content.decode()
    cache.clear()
