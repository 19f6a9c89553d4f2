"""Base of all API views."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.permissions import IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.actor import Actor
from core.api.authentication import api_actor
from core.api.permissions import HasScope


class ApiView(APIView):
    """Authenticated by session or token, scoped, throttled, with rate-limit headers.

    Set `read_scope` and `write_scope`. `self.actor` is who calls.
    """

    permission_classes: Any = (IsAuthenticated, HasScope)
    read_scope: ClassVar[str | None] = None
    write_scope: ClassVar[str | None] = None

    @property
    def actor(self) -> Actor:
        return api_actor(self.request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        limit = getattr(getattr(request, "_request", request), "rate_limit", None)
        if limit:
            response["RateLimit-Limit"], response["RateLimit-Remaining"], response["RateLimit-Reset"] = map(str, limit)
        return super().finalize_response(request, response, *args, **kwargs)


class PublicApiView(ApiView):
    """Anyone may read; a token that is sent still needs the scope."""

    permission_classes = (IsAuthenticatedOrReadOnly, HasScope)
