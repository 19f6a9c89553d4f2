"""Pages of the shell itself: preferences, the component page, API documentation, errors."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerSplitView

from core.identity.models import User
from core.web.context import LANGUAGE_NAMES, THEME_COOKIE, THEMES
from core.web.design import specimens

YEAR_SECONDS = 365 * 24 * 3600


def back_to(request: HttpRequest, default: str = "/") -> str:
    """Where a small POST form returns to: its `next`, only on this site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else default


def set_preference_cookie(response: HttpResponse, name: str, value: str) -> None:
    """A year-long first-party cookie that holds a choice and identifies nobody."""
    response.set_cookie(
        name, value, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )


def _remember(request: HttpRequest, **fields: str) -> None:
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(**fields)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose auto, light or dark; kept in a cookie and for the signed-in person."""
    chosen = request.POST.get("theme", "")
    if chosen not in THEMES:
        return HttpResponseBadRequest()
    _remember(request, theme=chosen)
    response = HttpResponseRedirect(back_to(request))
    set_preference_cookie(response, THEME_COOKIE, chosen)
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose the language; stays on the page."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(LANGUAGE_NAMES):
        return HttpResponseBadRequest()
    _remember(request, language=chosen)
    response = HttpResponseRedirect(back_to(request))
    set_preference_cookie(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response


@require_GET
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address on pages that name no icon of their own (admin, plain error pages)."""
    return HttpResponseRedirect(static("core/img/mark.svg"))


@require_GET
def design(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    return render(request, "core/design.html", specimens(request))


@require_GET
def api_docs(request: HttpRequest) -> HttpResponse:
    return render(request, "core/api_docs.html")


#: Swagger UI and Redoc set styles and workers of their own; only their two pages get this.
DOCS_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def _with_docs_csp(view: Any) -> Any:
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(request, *args, **kwargs)
        response["Content-Security-Policy"] = DOCS_CSP
        return response

    return wrapped


@method_decorator(_with_docs_csp, name="dispatch")
class SwaggerPage(SpectacularSwaggerSplitView):
    """Swagger UI; its script comes from a second request, so that no inline script is needed."""

    permission_classes = ()


@method_decorator(_with_docs_csp, name="dispatch")
class RedocPage(SpectacularRedocView):
    permission_classes = ()


def _problem_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "core/problem.html", {"title": title, "text": text, "status": status}, status=status)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _("The address may be mistyped, or what was here is gone or not yours to see.")
    return _problem_page(request, 404, _("This page does not exist"), text)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _problem_page(
        request, 403, _("You may not do this"), _("Ask an owner or manager of your organisation for help.")
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _problem_page(
        request, 400, _("We could not read that request"), _("Go back, check what you sent, and try again.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _("The page was open for too long, or cookies are blocked. Go back, reload the page and send it again.")
    return _problem_page(request, 403, _("This form has gone stale"), text)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _problem_page(
        request, 429, _("Too many attempts"), _("Wait a few minutes and try again. Nothing was changed.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Needs no database and no session: they may be what broke."""
    return render(None, "500.html", {"request_id": _request_id()}, status=500)


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
