"""Pages of webhooks: the list, one webhook with its log, one delivery. Members read, owners and managers write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.actor import Actor, Role
from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from core.webhooks import selectors, services
from core.webhooks.forms import WebhookForm
from core.webhooks.models import WebhookMessage, WebhookState, WebhookSubscription
from core.webhooks.rules import MAX_ATTEMPTS

PAGE_SIZE = 25
TONES = {WebhookState.WAITING: "moving", WebhookState.DELIVERED: "available", WebhookState.PARKED: "owed"}


def state_label(state: str) -> str:
    return {"WAITING": _("Waiting"), "DELIVERED": _("Delivered"), "PARKED": _("Given up")}.get(state, state)


def _may_manage(actor: Actor) -> bool:
    return actor.role in (Role.OWNER, Role.MANAGER)


def _row(message: WebhookMessage) -> dict[str, Any]:
    return {
        "message": message,
        "label": state_label(message.state),
        "tone": TONES[WebhookState(message.state)],
    }


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """All webhooks of the organisation, and the form for a new one; its secret is shown once, in the answer."""
    actor, secret = actor_of(request), ""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _made, secret = services.create_webhook(**form.cleaned_data, actor=actor, now=utc_now())
            form = WebhookForm()
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    assert actor.organisation_id is not None
    context = {
        "form": form, "secret": secret, "may_manage": _may_manage(actor),
        "webhooks": list(selectors.subscriptions_of(actor.organisation_id)[:100]),
    }  # fmt: skip
    return render(request, "webhooks/webhooks.html", context, status=422 if form.errors else 200)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """One webhook: what it gets, how sending goes, its log; POST changes it."""
    actor = actor_of(request)
    found = selectors.get_subscription_for(subscription_id=subscription_id, actor=actor)
    form = WebhookForm(
        request.POST or None,
        initial={"url": found.url, "description": found.description, "events": found.events},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_webhook(subscription_id=found.id, **form.cleaned_data, actor=actor, now=utc_now())
            return redirect("account_webhook", found.id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    return _shown(request, found, form=form)


def _shown(
    request: HttpRequest, found: WebhookSubscription, *, form: WebhookForm | None = None, secret: str = ""
) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in WebhookState.__members__ else ""
    page = Paginator(selectors.messages_of(found.id, state=state), PAGE_SIZE).get_page(request.GET.get("page"))
    initial = {"url": found.url, "description": found.description, "events": found.events}
    context = {
        "webhook": found, "form": form or WebhookForm(initial=initial), "secret": secret,
        "may_manage": _may_manage(actor_of(request)), "page_obj": page, "rows": [_row(message) for message in page],
        "state": state, "states": [(s.value, state_label(s.value)) for s in WebhookState],
    }  # fmt: skip
    return render(request, "webhooks/webhook.html", context, status=422 if form and form.errors else 200)


@never_cache
@member_required
@require_POST
def webhook_secret(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """A new secret, shown once; the old one counts for a day more."""
    actor = actor_of(request)
    services.rotate_secret(subscription_id=subscription_id, actor=actor, now=utc_now())
    found = selectors.get_subscription_for(subscription_id=subscription_id, actor=actor)
    return _shown(request, found, secret=services.current_secret(found))


def _act(request: HttpRequest, act: Callable[..., Any], subscription_id: UUID, done: str) -> None:
    attempt(request, lambda: act(subscription_id=subscription_id, actor=actor_of(request), now=utc_now()), done=done)


@member_required
@require_POST
def webhook_activity(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Switch it on (`active=1`) or off."""
    if request.POST.get("active") == "1":
        _act(request, services.enable_webhook, subscription_id, _("Switched on. Events are sent from now on."))
    else:
        _act(request, services.disable_webhook, subscription_id, _("Switched off. Nothing is sent."))
    return redirect("account_webhook", subscription_id)


@member_required
@require_POST
def webhook_ping(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Send a test message."""
    _act(request, services.send_ping, subscription_id, _("A test message is on its way. Reload to see the answer."))
    return redirect("account_webhook", subscription_id)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_removal(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    """Asks first; on POST nothing is sent there any more."""
    actor = actor_of(request)
    found = selectors.get_subscription_for(subscription_id=subscription_id, actor=actor)
    if request.method == "POST":
        _act(request, services.delete_webhook, subscription_id, _("Deleted."))
        return redirect("account_webhooks")
    return render(request, "webhooks/webhook_removal.html", {"webhook": found})


@member_required
@require_GET
def webhook_message(request: HttpRequest, subscription_id: UUID, message_id: UUID) -> HttpResponse:
    """One delivery: what was sent, and how every attempt went."""
    actor = actor_of(request)
    message = selectors.get_message_for(message_id=message_id, subscription_id=subscription_id, actor=actor)
    context = {
        **_row(message), "webhook": message.subscription, "tries": selectors.tries_of(message.id),
        "may_manage": _may_manage(actor), "is_waiting": message.state == WebhookState.WAITING, "most": MAX_ATTEMPTS,
    }  # fmt: skip
    return render(request, "webhooks/message.html", context)


@member_required
@require_POST
def webhook_redelivery(request: HttpRequest, subscription_id: UUID, message_id: UUID) -> HttpResponse:
    """Send it again."""
    attempt(
        request,
        lambda: services.send_again(
            subscription_id=subscription_id, message_id=message_id, actor=actor_of(request), now=utc_now()
        ),
        done=_("It is being sent again."),
    )
    return redirect("account_webhook_message", subscription_id, message_id)
