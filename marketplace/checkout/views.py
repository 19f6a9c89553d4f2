"""Checkout: address, delivery and total on one page; then payment; then where the money is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import signals
from core.clock import utc_now
from core.errors import DomainError, InvalidInput, NotFound
from core.identity.selectors import get_organisation
from core.money import Money
from core.web.actions import attempt, told
from core.web.requests import actor_of, member_required
from logistics.contracts import ServiceQuote
from marketplace.addresses.forms import AddressForm
from marketplace.addresses.rules import checked_address
from marketplace.addresses.selectors import get_address, list_addresses
from marketplace.addresses.services import remember_address
from marketplace.addresses.views import changed_fields
from marketplace.approvals.selectors import find_approval
from marketplace.buyers.selectors import vat_number_of
from marketplace.carts.owners import signal
from marketplace.carts.selectors import (
    CartOwner,
    CartView,
    delivery_options,
    landed_total,
    view_cart,
)
from marketplace.checkout.services import pay_purchase, place_purchase, refresh_payment
from marketplace.contracts import Place, PlaceRequest
from marketplace.orders.proforma import render_proforma
from marketplace.orders.selectors import get_purchase_for, orders_of_purchase
from marketplace.orders.services import cancel_order
from payments import facade as payments
from payments.contracts import ChargeState, ChargeView


@member_required
@require_http_methods(["GET", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Step one: where to. The last addresses are offered; a new one is checked by its country's rules."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    cart = view_cart(CartOwner(organisation_id=actor.organisation_id))
    if cart.is_empty:
        return redirect("cart")
    known = list_addresses(actor.organisation_id)
    start = asdict(known[0].place) if known else {"country": get_organisation(actor.organisation_id).country}
    form, address = AddressForm.of(request, initial=start), None
    if "address" in request.POST:
        form, address = _from_the_book(request, actor.organisation_id)
    elif request.method == "POST" and form.is_valid():
        address = form.address()
    if address is not None:
        request.session["ship_to"] = asdict(address)
        return redirect("checkout_review")
    if request.method == "GET":
        signals.emit(signal(request, signals.CHECKOUT_STARTED))
    context = {"cart": cart, "form": form, "known": known[:4]}
    return changed_fields(request, form) or render(request, "marketplace/checkout.html", context)


def _from_the_book(request: HttpRequest, organisation_id: UUID) -> tuple[AddressForm, Place | None]:
    """A saved address; one that no parcel can go to any more comes back as a form that says why."""
    try:
        address_id = UUID(request.POST["address"])
    except ValueError:
        raise NotFound("There is no such address.") from None
    place = get_address(organisation_id=organisation_id, address_id=address_id).place
    try:
        return AddressForm(initial=asdict(place)), checked_address(place)
    except InvalidInput:
        return AddressForm(asdict(place)), None


@member_required
@require_http_methods(["GET", "POST"])
def checkout_review(request: HttpRequest) -> HttpResponse:
    """Step two: delivery per seller, the whole cost, and the promise. POST places the order; twice is one order."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    saved = request.session.get("ship_to")
    if saved is None:
        return redirect("checkout")
    address = Place(**saved)
    if request.method == "POST" and "place" in request.POST:
        purchase_url = _place(request, address)
        if purchase_url:
            return redirect(purchase_url)
    cart = view_cart(CartOwner(organisation_id=actor.organisation_id), now=utc_now())
    if cart.is_empty:
        return redirect("cart")
    context = _review(request, cart, address)
    return render(request, "marketplace/checkout_review.html", context)


def _review(request: HttpRequest, cart: CartView, address: Place) -> dict[str, Any]:
    options = delivery_options(cart=cart, address=address, now=utc_now())
    chosen: dict[UUID, ServiceQuote] = {}
    rows = []
    for group in cart.groups:
        offers = options[group.seller.pk].quotes
        wanted = request.POST.get(f"delivery_{group.seller.pk}") or request.GET.get(f"delivery_{group.seller.pk}")
        pick = next((o for o in offers if o.service_code == wanted), offers[0] if offers else None)
        if pick is not None:
            chosen[group.seller.pk] = pick
        rows.append((group, offers, pick, request.POST.get(f"gift_{group.seller.pk}", "")))
    total = None
    if len(chosen) == len(cart.groups) and cart.goods is not None:
        shipping_of = {group.seller.pk: group.shipping_cost(chosen[group.seller.pk]) for group in cart.groups}
        total = landed_total(cart=cart, shipping=shipping_of)
    shipping = total - cart.goods if total is not None and cart.goods is not None else None
    return {
        "po_number": request.POST.get("po_number", ""),
        "rows": rows, "address": address, "total": total, "goods": cart.goods, "shipping": shipping,
        "key": request.POST.get("key") or str(uuid4()), "cart": cart,
    }  # fmt: skip


def _place(request: HttpRequest, address: Place) -> str:
    """Place the order of the form; the address of its payment page, or an empty string with a message."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    delivery = _by_seller(request, "delivery_")
    seen = request.POST.get("total_minor", "")
    expected = Money(int(seen), request.POST.get("currency", "EUR")) if seen.isdigit() else None
    try:
        placing = PlaceRequest(
            key=request.POST.get("key", ""), address=address, delivery=delivery, expected_total=expected,
            gift_notes=_by_seller(request, "gift_"), po_number=request.POST.get("po_number", ""),
        )  # fmt: skip
        purchase = place_purchase(request=placing, actor=actor, now=utc_now())
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, told(error))
        return ""
    remember_address(organisation_id=actor.organisation_id, address=address, now=utc_now())
    return reverse("payment", args=[purchase.id])


def _by_seller(request: HttpRequest, prefix: str) -> dict[UUID, str]:
    """Seller id -> what was chosen or written for that seller. Names that are not of ours are passed over."""
    found = {}
    for name, value in request.POST.items():
        if name.startswith(prefix):
            with suppress(ValueError):
                found[UUID(name.removeprefix(prefix))] = str(value)
    return found


@member_required
@require_http_methods(["GET", "POST"])
def payment(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """Step three: pay on the provider's page. Card data never touches this site."""
    actor = actor_of(request)
    purchase = get_purchase_for(purchase_id=purchase_id, actor=actor)
    if purchase.paid_at is not None:
        return redirect("purchase", purchase.id)
    if request.method == "POST":
        return_url = request.build_absolute_uri(reverse("payment_return", args=[purchase.id]))
        charge = None

        def act() -> None:
            nonlocal charge
            charge = pay_purchase(
                purchase=purchase, method_token=_method(request), saved_method_id=_saved_method(request),
                return_url=return_url, actor=actor, now=utc_now(),
            )  # fmt: skip

        if attempt(request, act) and charge is not None:
            if charge.redirect_url and charge.state is ChargeState.REQUIRES_ACTION:
                return redirect(charge.redirect_url)
            if charge.state is ChargeState.FAILED and "saved" in request.POST:
                return redirect("payment", purchase.id)
            return redirect("purchase", purchase.id)
    charge_view = payments.get_charge(purchase.charge_id)
    if charge_view.state is ChargeState.PENDING and payments.transfer_instructions(charge_view.charge_id):
        return redirect("purchase", purchase.id)
    context = {
        "purchase": purchase, "orders": orders_of_purchase(purchase.id), "charge": charge_view,
        "saved_methods": _saved_methods(purchase.buyer_id, charge_view),
        "takes_transfers": payments.takes_bank_transfers(purchase.currency), "approval": find_approval(purchase.id),
    }  # fmt: skip
    return render(request, "marketplace/payment.html", context)


def _saved_methods(buyer_id: UUID, charge: ChargeView) -> list[Any]:
    """The wallet, unless this payment is already under way on the provider's page."""
    if charge.state is ChargeState.REQUIRES_ACTION:
        return []
    return payments.list_saved_methods(buyer_id=buyer_id, now=utc_now())


def _saved_method(request: HttpRequest) -> UUID | None:
    """The card of the wallet that the pressed button names."""
    try:
        return UUID(request.POST["saved"]) if "saved" in request.POST else None
    except ValueError:
        raise NotFound("There is no such payment method.") from None


def _method(request: HttpRequest) -> str | None:
    """Card data is never sent here: without a choice it is the provider's page."""
    return "bank_transfer" if request.POST.get("method") == "bank_transfer" else None


@member_required
@require_GET
def proforma(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """What the purchase will cost, as PDF, for those who need a paper before they pay."""
    found = get_purchase_for(purchase_id=purchase_id, actor=actor_of(request))
    content = render_proforma(
        found, orders_of_purchase(found.id), buyer=found.buyer.name, vat_number=vat_number_of(found.buyer_id)
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="pro-forma-{found.number}.pdf"'
    return response


@member_required
@require_GET
def payment_return(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """The buyer is back from the provider: ask how it went."""
    purchase = get_purchase_for(purchase_id=purchase_id, actor=actor_of(request))
    charge = refresh_payment(purchase=purchase, now=utc_now())
    if charge.state is ChargeState.FAILED:
        return redirect("payment", purchase.id)
    return redirect("purchase", purchase.id)


@member_required
@require_GET
def purchase(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """After paying: the orders of the purchase and where the money is."""
    found = get_purchase_for(purchase_id=purchase_id, actor=actor_of(request))
    charge = payments.get_charge(found.charge_id)
    if found.paid_at is None and charge.state in {ChargeState.PENDING, ChargeState.UNKNOWN, ChargeState.CAPTURED}:
        charge = refresh_payment(purchase=found, now=utc_now())
        found = get_purchase_for(purchase_id=purchase_id, actor=actor_of(request))
    orders = orders_of_purchase(found.id)
    escrows = payments.list_escrows(order.id for order in orders)
    rows = [(order, escrows.get(order.id)) for order in orders]
    waits = charge.state is ChargeState.PENDING and found.paid_at is None
    transfer = payments.transfer_instructions(charge.charge_id) if waits else None
    context = {"purchase": found, "rows": rows, "charge": charge, "transfer": transfer}
    return render(request, "marketplace/purchase.html", context)


@member_required
@require_POST
def purchase_cancellation(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """Give up an unpaid purchase."""
    actor = actor_of(request)
    found = get_purchase_for(purchase_id=purchase_id, actor=actor)
    order = orders_of_purchase(found.id)[0]
    attempt(
        request,
        lambda: cancel_order(order_id=order.id, reason=_("given up before paying"), actor=actor, now=utc_now()),
        done=_("Cancelled. Nothing was charged."),
    )  # fmt: skip
    return redirect("orders")
