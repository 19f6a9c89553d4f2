"""Request context for logs, and the actor of a request."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from prometheus_client import Counter, Histogram

from core.actor import Actor
from core.identity.models import User
from core.identity.selectors import actor_for_user
from core.ids import new_id

GetResponse = Callable[[HttpRequest], HttpResponse]
ORGANISATION_SESSION_KEY = "organisation_id"
REQUEST_ID_HEADER = "X-Request-ID"


class RequestContextMiddleware:
    """Gives every request an id that stands in its log lines and its response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = str(new_id())
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, path=request.path)
        response = self.get_response(request)
        response[REQUEST_ID_HEADER] = request_id
        return response


def resolve_actor(request: HttpRequest) -> Actor:
    """The actor of a browser session: the signed-in person for the organisation chosen in the session."""
    if not isinstance(request.user, User):
        return Actor.anonymous()
    chosen = request.session.get(ORGANISATION_SESSION_KEY)
    return actor_for_user(request.user, UUID(chosen) if chosen else None)


class ActorMiddleware:
    """Sets `request.actor`, looked up only when a view asks."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: resolve_actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


REQUESTS = Counter("lonja_http_requests_total", "Answered requests.", ["route", "method", "status"])
LATENCY = Histogram("lonja_http_request_seconds", "Time to answer.", ["route"])
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class MetricsMiddleware:
    """Counts and times answers by route name (never by address, which would grow without bound)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "unmatched"
        method = request.method if request.method in METHODS else "OTHER"
        REQUESTS.labels(route, method, str(response.status_code)).inc()
        LATENCY.labels(route).observe(perf_counter() - start)
        return response


#: What unfold's Alpine and inline handlers need, from this host only.
ADMIN_CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class AdminPolicyMiddleware:
    """The admin area is exempt from the strict policy and gets this one instead."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response["Content-Security-Policy"] = ADMIN_CSP
        return response
