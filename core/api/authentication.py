"""Who calls the API: a browser session or a scoped token (`Authorization: Bearer lonja_…`)."""

from __future__ import annotations

from datetime import timedelta

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from core.actor import Actor
from core.clock import utc_now
from core.identity.models import ApiToken, User
from core.identity.selectors import actor_for_token
from core.identity.services import token_digest
from core.statements import Prepared
from core.web.middleware import resolve_actor

LAST_USED_PRECISION = timedelta(minutes=5)

_token = Prepared(
    lambda digest: ApiToken.objects.select_related("user").filter(digest=digest, revoked_at=None)[:1], digest=str
)


class TokenAuthentication(authentication.BaseAuthentication):
    """Bearer tokens. `request.auth` is the ApiToken."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not value:
            return None
        token = _token.first(digest=token_digest(value.strip()))
        if token is None or not token.user.is_active:
            raise exceptions.AuthenticationFailed("The API token is unknown or revoked.")
        now = utc_now()
        if token.last_used_at is None or now - token.last_used_at > LAST_USED_PRECISION:
            ApiToken.objects.filter(id=token.id).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="lonja"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with CSRF protection."""


def api_actor(request: Request) -> Actor:
    """The actor of an API request."""
    if isinstance(request.auth, ApiToken):
        return actor_for_token(request.auth)
    return resolve_actor(request._request)
