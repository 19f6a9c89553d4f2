"""The seller's page of a listing's versions."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.clock import utc_now
from core.money import Money
from core.web.actions import attempt
from core.web.money_format import format_money
from core.web.requests import actor_of, member_required
from marketplace.catalog.models import Category, Listing, ListingRevision
from marketplace.catalog.selectors import get_own_listing, list_categories, names_of_actors, revisions_of
from marketplace.catalog.versions import restore_version
from marketplace.catalog.views import state_label

PAGE_SIZE = 20
LONG = 60


@member_required
@require_GET
def listing_versions(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """What changed, when, by whom; the newest first."""
    listing = get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    page = Paginator(revisions_of(listing.id), PAGE_SIZE).get_page(request.GET.get("page"))
    names = names_of_actors(revision.actor for revision in page)
    categories = {category.code: category for category in list_categories()}
    numbers = [revision.version for revision in page]
    rows = [
        {
            "comes_back": numbers.index(revision.version) == place and revision.version < listing.version,
            "revision": revision, "who": names.get(revision.actor) or _who(revision.actor),
            "differences": list(_differences(revision, listing, categories)), "reason": revision.changes.get("reason", ""),
        }
        for place, revision in enumerate(page)
    ]  # fmt: skip
    return render(request, "marketplace/listing_versions.html", {"listing": listing, "page_obj": page, "rows": rows})


@member_required
@require_POST
def version_restoration(request: HttpRequest, listing_id: UUID, version: int) -> HttpResponse:
    """Write an old version anew."""
    actor = actor_of(request)
    attempt(
        request, lambda: restore_version(listing_id=listing_id, version=version, actor=actor, now=utc_now()),
        done=_("Version %(n)s is back, as a new version.") % {"n": version},
    )  # fmt: skip
    return redirect("listing_versions", listing_id)


def _who(reference: str) -> str:
    return _("The operator") if reference.startswith("OPERATOR") else "Lonja"


def _differences(
    revision: ListingRevision, listing: Listing, categories: dict[str, Category]
) -> Iterator[dict[str, Any]]:
    """{title, before, after} in words; of long texts `parts`, [(kind, words)] with what went and what came."""
    for name, pair in revision.changes.items():
        if name == "reason":
            continue
        before, after = (_shown(name, value, listing, categories) for value in pair)
        parts = _parts(before, after) if max(len(before), len(after)) > LONG and before and after else []
        yield {"title": field_title(name), "before": before, "after": after, "parts": parts}


def _shown(name: str, value: Any, listing: Listing, categories: dict[str, Category]) -> str:
    if value in (None, "", {}, []):
        return ""
    if name in {"price_minor", "prior_minor"}:
        return format_money(Money(value, listing.currency))
    if name == "state":
        return state_label(value)
    if name == "category_id" and value in categories:
        return categories[value].name
    if isinstance(value, dict):
        return ", ".join(f"{key}: {one}" for key, one in value.items())
    return json.dumps(value) if isinstance(value, list) else str(value)


def _parts(before: str, after: str) -> list[tuple[str, str]]:
    old, new = before.split(), after.split()
    parts: list[tuple[str, str]] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", " ".join(old[i:j])))
            continue
        parts += [("gone", " ".join(old[i:j]))] if i < j else []
        parts += [("new", " ".join(new[k:m]))] if k < m else []
    return parts


def field_title(name: str) -> str:
    """A column of a listing in plain words."""
    return {
        "title": _("Title"), "description": _("Description"), "brand": _("Brand"), "gtin": _("GTIN"), "sku": _("SKU"),
        "condition": _("Condition"), "attributes": _("Properties"), "category_id": _("Category"), "state": _("State"),
        "price_minor": _("Price"), "prior_minor": _("Price before the reduction"), "tiers": _("Prices by quantity"),
        "min_quantity": _("Minimum"), "pack_size": _("Pack"), "unit": _("Unit"), "safety": _("Product safety"),
        "weight_grams": _("Weight (g)"), "length_mm": _("Length (mm)"), "width_mm": _("Width (mm)"),
        "height_mm": _("Height (mm)"), "handling_days": _("Days to get it ready"), "photos": _("Pictures"),
        "publish_at": _("Goes on sale"), "variant": _("Variant"), "created": _("Made"),
    }.get(name, name)  # fmt: skip
