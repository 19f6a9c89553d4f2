"""Where providers send their news."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.clock import utc_now
from core.errors import DomainError
from payments.providers.port import TooEarly
from payments.webhooks.services import receive_webhook

MAX_BODY = 256 * 1024


@csrf_exempt  # signed by the provider, not by a session
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """204 when taken (new or known), 400 on a bad signature, 404 for an unknown provider, 409 when too early, 413 when
    too large.
    """
    if len(request.body) > MAX_BODY:
        return HttpResponse(status=413)
    try:
        receive_webhook(provider=provider, body=request.body, headers=request.headers, now=utc_now())
    except TooEarly:
        return HttpResponse("Not known yet, send it again.", status=409, content_type="text/plain")
    except DomainError as error:
        return HttpResponse(error.message, status=error.status, content_type="text/plain")
    return HttpResponse(status=204)
