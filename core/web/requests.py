"""Typed access to what the middleware puts on a request."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from core.actor import Actor
from core.errors import NotAllowed, NotFound

View = Callable[..., HttpResponse]


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a page request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def member_required(view: View) -> View:
    """Page for people who act for an organisation: others are asked to log in; operators get a 404.

    NotFound and NotAllowed raised inside become a 404: a stranger does not learn that the thing exists.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        if not actor.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if actor.organisation_id is None:
            raise Http404
        try:
            return view(request, *args, **kwargs)
        except (NotFound, NotAllowed) as error:
            raise Http404(error.message) from error

    return wrapped
