"""Rate limits per token, person or address, told in headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ActorThrottle(SimpleRateThrottle):
    """A sliding window; the RateLimit headers are set by core.api.views.ApiView from `request.rate_limit`."""

    scope = "actor"

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.scope = "actor" if request.user and request.user.is_authenticated else "anonymous"
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        allowed = super().allow_request(request, view)
        history: list[Any] = getattr(self, "history", [])
        remaining = max(self.num_requests - len(history), 0) if self.num_requests else 0
        reset = int(self.duration - (self.now - history[-1])) if history and self.duration else (self.duration or 0)
        request._request.rate_limit = (self.num_requests, remaining, reset)  # type: ignore[attr-defined]
        return bool(allowed)

    def get_cache_key(self, request: Request, view: APIView) -> str:
        if request.auth is not None and hasattr(request.auth, "id"):
            ident = f"token:{request.auth.id}"
        elif request.user and request.user.is_authenticated:
            ident = f"user:{request.user.pk}"
        else:
            ident = f"ip:{self.get_ident(request)}"
        return f"throttle:{ident}"
