"""A live server on the test's own database, a clock that the test turns, and a browser."""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.signals import got_request_exception
from django.urls import get_resolver
from playwright.sync_api import Browser, sync_playwright

import core.clock
from analytics import facade as analytics
from core.outbox import services as outbox
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from tests.browser import find_chromium
from tests.journeys.visitor import Visitor
from trust import facade as trust

# Playwright's synchronous interface keeps an event loop in this thread; nothing of ours runs on it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


class World:
    """The running house: its address, and its time, which passes only when the test says so."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def turn(self) -> None:
        """What workers and the scheduler do all the time, once."""
        now = self.now()
        outbox.drain(now=now)
        logistics.simulate_sandbox(now=now)
        payments.run_due_work(now=now)
        outbox.drain(now=now)
        marketplace.sync_search(now=now)

    def pass_time(self, until: Callable[[], bool], *, step: timedelta = timedelta(hours=6)) -> None:
        """Let hours go by until something has happened."""
        for _ in range(120):
            if until():
                marketplace.sync_search(now=self.now())
                return
            self.ahead += step
            self.turn()
        raise AssertionError("It did not happen within a month.")

    def recompute(self) -> None:
        """Reputation, figures and ranking, and the index after them."""
        self.turn()
        trust.recompute_due_scorecards(now=self.now())
        analytics.roll_up(self.now())
        analytics.compute_listing_signals(self.now())
        self.turn()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Tests print nothing about requests that went well."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail("The journeys need Chromium. On Debian and Ubuntu: apt install chromium (or set LONJA_CHROMIUM).")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def house(real_database, settings, tmp_path, monkeypatch) -> Iterator[World]:
    """The house, served on a free port."""
    # Playwright's loop runs in this thread; the database is used from it as in any test.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.SEARCH_INDEX_DIR = tmp_path / "search"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.ALLOWED_HOSTS = ["*"]
    cache.clear()
    for pattern in get_resolver().url_patterns:
        if "document_root" in getattr(pattern, "default_args", {}):
            pattern.default_args["document_root"] = settings.MEDIA_ROOT
    server = ThreadedWSGIServer(("127.0.0.1", 0), _QuietHandler)
    server.daemon_threads = True
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    settings.SITE_URL = base
    world = World(base)

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + world.ahead

    def tell(**_facts: object) -> None:
        print(traceback.format_exc()[-3000:], file=sys.stderr)

    got_request_exception.connect(tell)
    monkeypatch.setattr(core.clock, "datetime", Clock)
    logging.getLogger("django.server").setLevel(logging.ERROR)
    marketplace.sync_search(now=world.now())
    yield world
    got_request_exception.disconnect(tell)
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def visit(browser: Browser, house: World) -> Iterator[Callable[..., Visitor]]:
    """Opens visitors; all are closed at the end."""
    visitors: list[Visitor] = []

    def open_visitor(*, screen: str = "desktop", language: str = "en", scripts: bool = True) -> Visitor:
        visitors.append(Visitor(browser, house.base, screen=screen, language=language, scripts=scripts))
        return visitors[-1]

    yield open_visitor
    for visitor in visitors:
        visitor.close()
    flaws = list(dict.fromkeys(flaw for visitor in visitors for flaw in visitor.flaws))
    assert not flaws, "\n".join(flaws)
