"""Is the process up, can it work, and its figures."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

Check = Callable[[], None]


def _check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _check_cache() -> None:
    cache.set("readyz", 1, 5)
    if cache.get("readyz") != 1:
        raise ConnectionError("the cache forgot what it was told")


_CHECKS: dict[str, Check] = {"database": _check_database, "cache": _check_cache}
CHECK_LABELS = {"database": _("Orders and payments"), "cache": _("Queue and cache")}


def register_readiness(name: str, check: Check) -> None:
    """Let a module add a check: it raises when the module cannot work. Must answer within a second."""
    _CHECKS[name] = check


def run_checks() -> dict[str, bool]:
    """Every check by name, True when it passed."""
    results = {}
    for name, check in _CHECKS.items():
        try:
            check()
        except Exception:  # any failure means not ready; details stay out of a public answer
            results[name] = False
        else:
            results[name] = True
    return results


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can work: 200, or 503 with what is missing."""
    checks = run_checks()
    ready = all(checks.values())
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


@never_cache
@require_safe
def status_page(request: HttpRequest) -> HttpResponse:
    checks = run_checks()
    rows = [(CHECK_LABELS.get(name, name), passed) for name, passed in checks.items()]
    return render(request, "core/status.html", {"rows": rows, "all_well": all(checks.values())})


def _may_read_metrics(request: HttpRequest) -> bool:
    """In production only the addresses of LONJA_METRICS_ALLOW (default: this machine), as the socket sees them."""
    if not settings.IS_PRODUCTION:
        return True
    allowed = os.environ.get("LONJA_METRICS_ALLOW", "127.0.0.0/8,::1").split(",")
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    if request.headers.get("X-Forwarded-For"):
        return False  # came through the proxy: the socket's address is the proxy's, not the reader's
    return any(address in ipaddress.ip_network(word.strip()) for word in allowed if word.strip())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text; all processes together when PROMETHEUS_MULTIPROC_DIR is set."""
    if not _may_read_metrics(request):
        raise Http404
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
