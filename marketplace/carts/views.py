"""The cart."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import signals
from core.clock import utc_now
from core.web.actions import attempt
from marketplace.carts import services
from marketplace.carts.forms import QuantityForm
from marketplace.carts.owners import cart_owner, signal
from marketplace.carts.selectors import CartView, view_cart


@require_GET
def cart(request: HttpRequest) -> HttpResponse:
    """What is in the cart, by seller."""
    owner = cart_owner(request)
    return render(
        request, "marketplace/cart.html", {"cart": view_cart(owner, now=utc_now()) if owner else CartView(())}
    )


@require_POST
def cart_lines(request: HttpRequest) -> HttpResponse:
    """Put a listing into the cart."""
    form = QuantityForm(request.POST)
    try:
        listing_id = UUID(request.POST.get("listing", ""))
    except ValueError:
        return redirect("cart")
    quantity = form.cleaned_data["quantity"] if form.is_valid() else 0
    owner = cart_owner(request, create=True)
    assert owner is not None
    if attempt(
        request,
        lambda: services.add_to_cart(owner=owner, listing_id=listing_id, quantity=quantity, now=utc_now()),
        done=_("It is in your cart."),
    ):
        signals.emit(signal(request, signals.ADDED_TO_CART, listing_id=listing_id))
        return redirect("cart")
    return redirect("listing", listing_id)


@require_POST
def cart_line(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Change how many, or take out (`quantity=0`, with a way back)."""
    form = QuantityForm(request.POST)
    owner = cart_owner(request)
    if owner is None or not form.is_valid():
        messages.error(request, _("Type a whole number from 0 to 999."))
        return redirect("cart")
    attempt(
        request,
        lambda: services.set_line(
            owner=owner, listing_id=listing_id, quantity=form.cleaned_data["quantity"], now=utc_now()
        ),
    )
    return redirect("cart")


@require_POST
def cart_code(request: HttpRequest) -> HttpResponse:
    """Put in a seller's code, or take it out (empty)."""
    owner, code = cart_owner(request), request.POST.get("code", "")[:30]
    if owner is not None:
        attempt(request, lambda: services.set_code(owner=owner, code=code, now=utc_now()),
                done=_("The code is in your cart.") if code else _("The code is out of your cart."))  # fmt: skip
    return redirect("cart")
