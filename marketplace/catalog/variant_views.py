"""The seller's page of a listing's variants."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from marketplace.catalog import variants
from marketplace.catalog.forms import ATTRIBUTE_PREFIX, OptionsForm, VariantForm
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import get_own_listing, variants_of
from marketplace.catalog.views import state_label


@member_required
@require_http_methods(["GET", "POST"])
def listing_variants(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """First what the variants differ in, then one after the other."""
    listing = get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    form = _form(request, listing)
    if request.method == "POST" and form.is_valid() and _done(request, listing, form):
        return redirect("listing_variants", listing_id)
    rows = [(one, state_label(one.state)) for one in variants_of(listing.product_id)]
    context = {"listing": listing, "rows": rows, "form": form, "has_options": listing.product is not None}
    return render(request, "marketplace/listing_variants.html", context)


def _form(request: HttpRequest, listing: Listing) -> OptionsForm | VariantForm:
    schema = listing.category.attributes
    if listing.product is None:
        return OptionsForm(request.POST or None, attributes=[a for a in schema if a["code"] in listing.attributes])
    options = [a for a in schema if a["code"] in listing.product.options]
    return VariantForm(
        request.POST or None, options=options, currency=listing.currency, initial={"price": listing.price}
    )


def _done(request: HttpRequest, listing: Listing, form: OptionsForm | VariantForm) -> bool:
    actor, now = actor_of(request), utc_now()
    try:
        if isinstance(form, OptionsForm):
            variants.make_product(
                listing_id=listing.id, options=form.cleaned_data["options"], actor=actor, now=now
            )  # fmt: skip
            messages.success(request, _("Now add the other variants."))
        else:
            values = {name: form.cleaned_data[name] for name in ("price", "stock", "sku", "gtin")}
            variants.add_variant(listing_id=listing.id, attributes=form.attributes, actor=actor, now=now, **values)
            messages.success(request, _("Added as a draft. Put it on sale when its picture fits."))
    except NotFound:
        raise
    except DomainError as error:
        add_error(
            form, error, {f"attributes.{a['code']}": ATTRIBUTE_PREFIX + a["code"] for a in listing.category.attributes}
        )
        return False
    return True
