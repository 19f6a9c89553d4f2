"""Fixtures of all tests: databases under the application role, a fixed moment, no network."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections
from hypothesis import settings as hypothesis_settings

from core.web.catalogues import compile_all
from tests import database

hypothesis_settings.register_profile("lonja", deadline=None)  # a busy machine is no reason to fail
hypothesis_settings.load_profile("lonja")

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The moment tests start from: a Monday morning."""


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    compile_all(database.ROOT)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def worker(request) -> str:
    """Name of this test process: main, or gw0, gw1 … under xdist."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def template_database(worker: str):
    if "DATABASE_ADMIN_URL" not in os.environ:
        pytest.exit("Run the tests through bin/test: it starts PostgreSQL and Valkey and names them.", returncode=2)
    with database.own_server(worker):
        yield database.ensure_template()


@pytest.fixture(scope="session")
def django_db_setup(template_database: str, django_db_blocker, worker: str):
    """Replaces pytest-django's: the schema belongs to the owner, the tests run as the application."""
    name = f"lonja_test_{worker}"
    database.recreate(name, template_database)
    at = urlsplit(os.environ["DATABASE_URL"])
    place = {"NAME": name, "HOST": at.hostname, "PORT": str(at.port or "")}
    settings.DATABASES["default"].update(place)
    connections["default"].settings_dict.update(place)
    assert at.username == connections["default"].settings_dict["USER"]
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    database.drop(name)


@pytest.fixture
def real_database(django_db_setup, template_database: str, django_db_blocker):
    """For tests with several connections or real commits: no wrapping transaction, a fresh database afterwards."""
    name = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        connections.close_all()
        yield name
        connections.close_all()
    database.recreate(name, template_database)


@pytest.fixture(autouse=True)
def isolated_media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
