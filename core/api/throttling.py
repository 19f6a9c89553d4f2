"""Rate limits per token, person or address, told in headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from core.cache import count

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ActorThrottle(SimpleRateThrottle):
    """A counter for each window of time: what it costs does not grow with the rate.

    The RateLimit headers are set by core.api.views.ApiView from `request.rate_limit`.
    """

    scope = "actor"

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.scope = "actor" if request.user and request.user.is_authenticated else "anonymous"
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        if not self.num_requests or not self.duration:
            return True
        window, passed = divmod(self.timer(), self.duration)
        self.left = self.duration - passed
        number = count(f"{self.get_cache_key(request, view)}:{int(window)}", seconds=int(self.duration) + 1)
        remaining = max(self.num_requests - number, 0)
        request._request.rate_limit = (self.num_requests, remaining, int(self.left))  # type: ignore[attr-defined]
        return number <= self.num_requests

    def wait(self) -> float:
        """Seconds until the next window."""
        return self.left

    def get_cache_key(self, request: Request, view: APIView) -> str:
        if request.auth is not None and hasattr(request.auth, "id"):
            ident = f"token:{request.auth.id}"
        elif request.user and request.user.is_authenticated:
            ident = f"user:{request.user.pk}"
        else:
            ident = f"ip:{self.get_ident(request)}"
        return f"throttle:{ident}"
