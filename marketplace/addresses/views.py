"""The address book: what checkout offers."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.identity.selectors import get_organisation
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from marketplace.addresses import services
from marketplace.addresses.forms import CHANGE, AddressForm
from marketplace.addresses.selectors import get_address, list_addresses


def organisation_of(request: HttpRequest) -> UUID:
    """Whose address book."""
    organisation_id = actor_of(request).organisation_id
    assert organisation_id is not None, "members act for an organisation"
    return organisation_id


def changed_fields(request: HttpRequest, form: AddressForm) -> HttpResponse | None:
    """A script asks for the fields of another country: the answer, on every page with an address form."""
    if not (getattr(request, "htmx", False) and CHANGE in request.POST):
        return None
    return render(request, "marketplace/address_fields.html", {"form": form})


@member_required
@require_safe
def addresses(request: HttpRequest) -> HttpResponse:
    """All entries, the last used first."""
    return render(request, "marketplace/addresses.html", {"addresses": list_addresses(organisation_of(request))})


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_address(request: HttpRequest) -> HttpResponse:
    """Another entry, in the form of its country."""
    organisation_id = organisation_of(request)
    form = AddressForm.of(request, initial={"country": get_organisation(organisation_id).country})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_address(organisation_id=organisation_id, address=form.address(), now=utc_now())
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("addresses")
    return changed_fields(request, form) or render(
        request, "marketplace/address.html", {"form": form}, status=422 if form.errors else 200
    )


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """Change an entry; orders that went there keep their own copy."""
    organisation_id = organisation_of(request)
    found = get_address(organisation_id=organisation_id, address_id=address_id)
    form = AddressForm.of(request, initial=asdict(found.place))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_address(organisation_id=organisation_id, address_id=address_id, address=form.address())
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("addresses")
    context = {"form": form, "address": found}
    return changed_fields(request, form) or render(
        request, "marketplace/address.html", context, status=422 if form.errors else 200
    )


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def address_removal(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """Asks first; orders that went there keep their own copy."""
    organisation_id = organisation_of(request)
    if request.method == "POST":
        services.forget_address(organisation_id=organisation_id, address_id=address_id)
        messages.success(request, _("Deleted."))
        return redirect("addresses")
    found = get_address(organisation_id=organisation_id, address_id=address_id)
    return render(request, "marketplace/address_removal.html", {"address": found})
