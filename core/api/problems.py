"""RFC 9457 problem documents for every refusal of the API."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import DomainError

CONTENT_TYPE = "application/problem+json"


def problem(
    *, status: int, code: str, title: str, detail: str = "", errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """A problem document: type (a URN of the code), title, status, detail, and the fields at fault."""
    body: dict[str, Any] = {"type": f"urn:lonja:problem:{code}", "title": title, "status": status, "code": code}
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    return Response(body, status=status, content_type=CONTENT_TYPE, headers=headers)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. Unknown exceptions stay unknown: they become a 500 and are logged."""
    if isinstance(error, DomainError):
        fields = [{"field": error.field, "message": error.message, "remedy": error.remedy}] if error.field else None
        return problem(status=error.status, code=error.code, title=error.message, detail=error.remedy, errors=fields)
    if isinstance(error, Http404):
        return problem(status=404, code="not_found", title="Not found.")
    if isinstance(error, PermissionDenied):
        return problem(status=403, code="not_allowed", title="You are not allowed to do this.")
    if isinstance(error, DjangoValidationError):
        return problem(
            status=422, code="invalid_input", title="A value is not valid.",
            errors=[{"field": "", "message": message} for message in error.messages],
        )  # fmt: skip
    if isinstance(error, exceptions.ValidationError):
        return problem(
            status=422, code="invalid_input", title="Some values are not valid.", errors=_flatten(error.detail)
        )
    if isinstance(error, exceptions.APIException):
        headers: dict[str, str] = {}
        wait = getattr(error, "wait", None)
        if wait is not None:
            headers["Retry-After"] = str(int(wait) + 1)
        challenge = getattr(error, "auth_header", None)
        if challenge:
            headers["WWW-Authenticate"] = challenge
        code = str(getattr(error, "default_code", "refused"))
        return problem(status=error.status_code, code=code, title=str(error.detail), headers=headers)
    return None


def _flatten(detail: Any, path: str = "") -> list[dict[str, str]]:
    if isinstance(detail, dict):
        return [
            item
            for name, value in detail.items()
            for item in _flatten(value, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
        ]
    if isinstance(detail, list):
        items: list[dict[str, str]] = []
        for index, value in enumerate(detail):
            items += _flatten(value, path if isinstance(value, str) else f"{path}[{index}]")
        return items
    return [{"field": path, "message": str(detail)}]
