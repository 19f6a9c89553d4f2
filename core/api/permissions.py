"""What a caller's token allows."""

from __future__ import annotations

from typing import Any

from rest_framework import permissions
from rest_framework.request import Request
from rest_framework.views import APIView

from core.identity.models import ApiToken


class HasScope(permissions.BasePermission):
    """Views declare `read_scope` and `write_scope`; a token needs the one that fits the method."""

    message = "The API token lacks the scope this needs."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        attribute = "read_scope" if request.method in permissions.SAFE_METHODS else "write_scope"
        scope: Any = getattr(view, attribute, None)
        return scope is None or scope in request.auth.scopes
