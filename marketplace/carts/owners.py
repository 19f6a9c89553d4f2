"""Who visits a page of the marketplace: the cart's owner and the visit's anonymous id."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest

from core.clock import utc_now
from core.identity.selectors import actor_for_user
from core.models import User
from core.signals import Signal
from core.web.requests import actor_of
from marketplace.carts.selectors import CartOwner, count_items
from marketplace.carts.services import merge_guest_cart

GUEST_KEY = "guest_cart"
VISIT_KEY = "visit"


def cart_owner(request: HttpRequest, *, create: bool = False) -> CartOwner | None:
    """The cart's owner: the actor's organisation, else the guest of this session (made when `create`)."""
    actor = actor_of(request)
    if actor.organisation_id is not None:
        return CartOwner(organisation_id=actor.organisation_id)
    key = request.session.get(GUEST_KEY)
    if key is None:
        if not create:
            return None
        key = request.session[GUEST_KEY] = str(uuid4())
    return CartOwner(guest_key=UUID(key))


def keep_cart_on_log_in(*, request: HttpRequest, user: User, **_facts: Any) -> None:
    """What a guest put into the cart is still there after logging in or signing up."""
    key = request.session.pop(GUEST_KEY, None)
    organisation_id = actor_for_user(user).organisation_id
    if key is not None and organisation_id is not None:
        merge_guest_cart(guest_key=UUID(key), organisation_id=organisation_id, now=utc_now())


def cart_badge(request: HttpRequest) -> dict[str, Any]:
    """The bar's cart count (shell provider): one query, none for visitors without a cart."""
    if not hasattr(request, "session") or not hasattr(request, "actor"):
        return {}
    owner = cart_owner(request)
    return {"cart_count": count_items(owner) if owner else 0}


def visit_id(request: HttpRequest) -> str:
    """A random id of this visit for behaviour signals."""
    visit = request.session.get(VISIT_KEY)
    if visit is None:
        visit = request.session[VISIT_KEY] = uuid4().hex
    return str(visit)


def signal(request: HttpRequest, name: str, **facts: Any) -> Signal:
    """A behaviour signal of this request."""
    return Signal(
        name=name, occurred_at=utc_now(), anon_id=visit_id(request),
        organisation_id=actor_of(request).organisation_id, **facts,
    )  # fmt: skip
