"""The sandbox carriers' own REST API, served by this process as if by outside companies (sandbox only)."""

from __future__ import annotations

import hmac
import json

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.clock import utc_now
from logistics.carriers.proxy import answer_sandbox
from logistics.carriers.signatures import sign


@csrf_exempt
@require_POST
def sandbox_api(request: HttpRequest, carrier_code: str, operation: str) -> JsonResponse:
    """One operation: book, cancel, hand-over or track, with the customer's bearer token."""
    if not settings.LONJA["SANDBOX"]:
        return JsonResponse({"error": "No such page."}, status=404)
    token = sign(secret=settings.WEBHOOK_SECRET, carrier_code=carrier_code, timestamp="api", body=b"")
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        return JsonResponse({"error": "Unknown customer."}, status=401)
    try:
        payload = json.loads(request.body)
    except ValueError:
        return JsonResponse({"error": "Not JSON."}, status=422)
    status, body = answer_sandbox(carrier_code, operation, payload, now=utc_now())
    return JsonResponse(body, status=status)
