"""Idempotency-Key: the same request twice has one effect and one answer.

    class Cancellation(ApiView):
        def post(self, request, order_id):
            return idempotent(request, lambda: ...)

The key row, the effect and the stored answer commit in one transaction. A key reused with other content is refused
(422); the same key arriving while the first is under way waits for it (row lock) and then replays its answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.authentication import api_actor
from core.api.models import IdempotencyRecord
from core.errors import DomainError, InvalidInput

HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 120


class IdempotencyKeyReused(DomainError):
    """The key was used before with other content."""

    code = "idempotency_key_reused"
    status = 422
    message = "This Idempotency-Key was used with a different request."
    remedy = "Send a new key for a new request."


def key_of(request: Request) -> str:
    """The request's key. Raises InvalidInput when it is missing or too long."""
    key = request.headers.get(HEADER, "").strip()
    if not key:
        raise InvalidInput(
            f"The {HEADER} header is required here.", field=HEADER, remedy="Send a unique value, a UUID for example."
        )
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidInput(f"The {HEADER} is too long.", field=HEADER, remedy=f"At most {MAX_KEY_LENGTH} characters.")
    return key


def fingerprint(request: Request) -> str:
    """Hash of method, path and body: what "the same request" means."""
    content = json.dumps(
        [request.method, request.path, request.data], sort_keys=True, cls=DjangoJSONEncoder, default=str
    )
    return hashlib.sha256(content.encode()).hexdigest()


def scope_of(request: Request) -> str:
    """Keys are private to the organisation (or the person without one)."""
    actor = api_actor(request)
    return str(actor.organisation_id or actor.user_id or "anonymous")


def idempotent(request: Request, act: Callable[[], Response], *, now: datetime) -> Response:
    """Run `act` once per key. Refusals (exceptions) store nothing, so that the caller may correct and retry."""
    scope, key, print_ = scope_of(request), key_of(request), fingerprint(request)
    with transaction.atomic():
        if not _claim(scope=scope, key=key, fingerprint=print_, now=now):
            return _replay(scope=scope, key=key, fingerprint=print_)
        response = act()
        body = json.loads(json.dumps(response.data, cls=DjangoJSONEncoder))
        IdempotencyRecord.objects.filter(scope=scope, key=key).update(status=response.status_code, body=body)
    return response


def claim(request: Request, *, now: datetime) -> bool:
    """Commit the key on its own, for work that must not run inside a transaction: True the first time, False after.

    The caller's work must be safe to repeat, since a crash may come between the claim and the work.
    Raises IdempotencyKeyReused when the key came with other content.
    """
    scope, key, print_ = scope_of(request), key_of(request), fingerprint(request)
    if _claim(scope=scope, key=key, fingerprint=print_, now=now):
        return True
    if IdempotencyRecord.objects.get(scope=scope, key=key).fingerprint != print_:
        raise IdempotencyKeyReused()
    return False


def _claim(*, scope: str, key: str, fingerprint: str, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencyrecord (scope, key, fingerprint, created_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (scope, key) DO NOTHING",
            [scope, key, fingerprint, now],
        )
        return bool(cursor.rowcount == 1)


def _replay(*, scope: str, key: str, fingerprint: str) -> Response:
    record = IdempotencyRecord.objects.get(scope=scope, key=key)
    if record.fingerprint != fingerprint:
        raise IdempotencyKeyReused()
    return Response(record.body, status=record.status, headers={"Idempotent-Replayed": "true"})
