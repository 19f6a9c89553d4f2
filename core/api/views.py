"""Base of all API views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from rest_framework.permissions import IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.actor import Actor
from core.api.authentication import api_actor
from core.api.idempotency import idempotent
from core.api.permissions import HasScope
from core.clock import utc_now


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


class StepsApiView(ApiView):
    """A thing whose steps are POSTs; each answers with the thing as it stands afterwards.

    `find` raises NotFound when the thing is not the caller's to see; `shown` is how it is answered.
    """

    def find(self, thing_id: UUID) -> object:
        raise NotImplementedError

    def shown(self, thing_id: UUID) -> Any:
        raise NotImplementedError

    def act(self, request: Request, thing_id: UUID, do: Callable[[], object]) -> Response:
        """A step without I/O: effect and answer commit together under the key."""
        self.find(thing_id)

        def answer() -> Response:
            do()
            return Response(self.shown(thing_id))

        return idempotent(request, answer, now=utc_now())


class PublicApiView(ApiView):
    """Anyone may read; a token that is sent still needs the scope."""

    permission_classes = (IsAuthenticatedOrReadOnly, HasScope)
