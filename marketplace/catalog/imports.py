"""Many listings of one shop at once: checked one by one, written together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import JSONField, Model
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import ListingPublished, ListingWithdrawn
from core.ids import new_id
from core.outbox.services import publish_all
from core.states import next_state
from marketplace.catalog.holding import screened
from marketplace.catalog.models import Category, Listing, ListingPhoto, ListingRevision, Product, Signals, Stock
from marketplace.catalog.ports import Screening, moderation
from marketplace.catalog.rules import checked_safety
from marketplace.catalog.selectors import MAX_VARIANTS, leaves_by_code
from marketplace.catalog.services import checked_listing
from marketplace.catalog.states import TRANSITIONS, ListingAction, ListingState
from marketplace.catalog.variants import check_options, variant_name
from marketplace.contracts import ImportRow, ProductSafety, SellerNotVerified
from marketplace.screening import Finding
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import get_seller

MAX_ROWS = 500


def import_listings(*, rows: Sequence[ImportRow], actor: Actor, now: datetime) -> list[UUID]:
    """Create and publish listings in the actor's shop, with stock and pictures; all of them or none.

    What a rule holds back waits for the operator (state HELD). Publishes ListingPublished for each of the others; returns
    their ids in the rows' order. Raises InvalidInput (`rows[3].price`: the row counts from 0), NotAllowed, SellerNotVerified.
    """
    if len(rows) > MAX_ROWS:
        raise InvalidInput("Too many rows at once.", field="rows", remedy=_("At most %(n)s.") % {"n": MAX_ROWS})
    seller = importing_seller(actor)
    leaves, screening = leaves_by_code(), moderation().screening(seller.pk)
    checked, taken = [], Taken(rows, seller=seller)
    for number, row in enumerate(rows):
        try:
            checked.append(check_row(row, seller=seller, leaves=leaves, screening=screening))
            taken.add(checked[-1])
        except InvalidInput as error:
            raise InvalidInput(error.message, field=f"rows[{number}].{error.field}", remedy=error.remedy) from error
    with transaction.atomic():
        return write_rows(checked, seller=seller, actor=actor, now=now)


@dataclass(frozen=True)
class CheckedRow:
    """A row that can be written: its category, its column values, and what stands beside."""

    row: ImportRow
    category: Category
    values: Mapping[str, Any]
    variant: str = ""
    findings: tuple[Finding, ...] = ()
    """What a person must look at before it goes on sale."""


def importing_seller(actor: Actor) -> Seller:
    """The actor's open shop. Raises NotAllowed, SellerNotVerified."""
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller can list goods.")
    seller = get_seller(actor.organisation_id)
    if not seller.is_open:
        raise SellerNotVerified(remedy="Open your shop first; the operator verifies the business profile.")
    return seller


def check_row(row: ImportRow, *, seller: Seller, leaves: Mapping[str, Category], screening: Screening) -> CheckedRow:
    """Raises InvalidInput naming the field, ListingProhibited among them."""
    category, values = checked_listing(row.listing, currency=seller.currency, leaves=leaves)
    checked_safety(row.listing.safety or ProductSafety(), is_needed=category.needs_safety)
    found, variant = screened(category, values, screening=screening), ""
    if row.product:
        check_options(row.options, category=category)
        variant = variant_name(row.options, values["attributes"])
    return CheckedRow(row, category, values, variant, found)


class Taken:
    """The numbers and variants a shop has already, and those of the rows seen so far: no two may be the same."""

    def __init__(self, rows: Sequence[ImportRow], *, seller: Seller) -> None:
        skus = [row.listing.sku.strip() for row in rows if row.listing.sku.strip()]
        codes = sorted({row.product for row in rows if row.product})
        own = Listing.objects.filter(seller=seller)
        self.skus = set(own.filter(sku__any_of=skus).values_list("sku", flat=True)) if skus else set()
        products = Product.objects.filter(seller=seller, code__any_of=codes) if codes else Product.objects.none()
        self.options = {product.code: tuple(product.options) for product in products}
        known = own.filter(product__code__any_of=codes) if codes else Listing.objects.none()
        self.variants = set(known.values_list("product__code", "variant"))

    def add(self, one: CheckedRow) -> None:
        """Raises InvalidInput (sku, options, attributes.<code>) when the row repeats what is there."""
        sku, code = one.values["sku"], one.row.product
        if sku and sku in self.skus:
            raise InvalidInput("Another listing of yours has this number.", field="sku", remedy="Choose another one.")
        if code and self.options.get(code, one.row.options) != one.row.options:
            raise InvalidInput(
                "The other variants of this product differ in something else.", field="options",
                remedy=_("Type: %(options)s.") % {"options": ", ".join(self.options[code])},
            )  # fmt: skip
        if code and (code, one.variant) in self.variants:
            raise InvalidInput(
                _("There is a variant “%(variant)s” already.") % {"variant": one.variant},
                field=f"attributes.{one.row.options[0]}", remedy="Change one of the values.",
            )  # fmt: skip
        if code and sum(known == code for known, _variant in self.variants) >= MAX_VARIANTS:
            raise InvalidInput(
                "There are enough variants.", field="product", remedy=_("At most %(n)s.") % {"n": MAX_VARIANTS}
            )
        self.skus.add(sku)
        if code:
            self.options.setdefault(code, one.row.options)
            self.variants.add((code, one.variant))


def write_rows(checked: Sequence[CheckedRow], *, seller: Seller, actor: Actor, now: datetime) -> list[UUID]:
    """Write checked rows as published or held listings; joins the caller's transaction. Publishes ListingPublished."""
    pairs = [(new_id(), one) for one in checked]
    products = _products_of(checked, seller=seller, now=now)
    moments = {"created_at": now, "updated_at": now}
    copy_in(Listing, [
        {
            "id": listing_id, "seller_id": seller.pk, "category_id": one.category.code, "currency": seller.currency,
            "state": _state_of(one), "published_at": None if one.findings else now,
            "product_id": products.get(one.row.product), "variant": one.variant, "marks": one.category.marks,
            **moments, **one.values,
        }
        for listing_id, one in pairs
    ])  # fmt: skip
    copy_in(Stock, [{"listing_id": i, "on_hand": one.row.listing.stock} for i, one in pairs])
    copy_in(Signals, [{"listing_id": i} for i, _one in pairs])
    copy_in(ListingPhoto, [
        {
            "listing_id": i, "position": position, "name": photo.name, "width": photo.width, "height": photo.height,
            "alt": photo.alt.strip()[:160],
        }
        for i, one in pairs
        for position, photo in enumerate(one.row.photos)
    ])  # fmt: skip
    copy_in(ListingRevision, [
        {
            "listing_id": i, "version": 1, "actor": actor.reference, "at": now,
            "changes": {"created": [None, one.values["title"]], "state": [ListingState.DRAFT.value, _state_of(one).value]},
        }
        for i, one in pairs
    ])  # fmt: skip
    published = [ListingPublished(listing_id=i, seller_id=seller.pk, at=now) for i, one in pairs if not one.findings]
    publish_all(published, actor=actor, now=now)
    held = {i: one.findings for i, one in pairs if one.findings}
    if held:
        moderation().hold(held, seller_id=seller.pk, actor=actor, now=now)
    return [i for i, _one in pairs]


def _state_of(one: CheckedRow) -> ListingState:
    action = ListingAction.HOLD if one.findings else ListingAction.PUBLISH
    return next_state(TRANSITIONS, ListingState.DRAFT, action)


def _products_of(checked: Sequence[CheckedRow], *, seller: Seller, now: datetime) -> dict[str, UUID]:
    """Code -> product of the rows that are variants, made where it is not there yet."""
    options = {one.row.product: one.row.options for one in checked if one.row.product}
    if not options:
        return {}
    new = [
        Product(id=new_id(), seller=seller, code=code, options=list(names), created_at=now)
        for code, names in options.items()
    ]
    Product.objects.bulk_create(new, ignore_conflicts=True)
    known = Product.objects.filter(seller=seller, code__any_of=list(options))
    return dict(known.order_by("id").select_for_update().values_list("code", "id"))


def withdraw_listings(*, listing_ids: Sequence[UUID], actor: Actor, now: datetime) -> int:
    """Take those of the actor's listings that are on sale or held off sale; joins the caller's transaction. Returns how many.

    Locks them in id order; publishes ListingWithdrawn for each. Open orders are not touched.
    """
    offered = [ListingState.PUBLISHED, ListingState.HELD]
    own = Listing.objects.filter(id__in=listing_ids, seller_id=actor.organisation_id, state__in=offered)
    rows = list(own.select_for_update().order_by("id"))
    if not rows:
        return 0
    before = {row.id: ListingState(row.state) for row in rows}
    for row in rows:
        row.state, row.updated_at = next_state(TRANSITIONS, before[row.id], ListingAction.WITHDRAW), now
    Listing.objects.bulk_update(rows, ["state", "updated_at"], batch_size=500)
    copy_in(ListingRevision, [
        {
            "listing_id": row.id, "version": row.version, "actor": actor.reference, "at": now,
            "changes": {"state": [before[row.id].value, row.state], "reason": "import undone"},
        }
        for row in rows
    ])  # fmt: skip
    on_sale = [row for row in rows if before[row.id] is ListingState.PUBLISHED]
    publish_all(
        [ListingWithdrawn(listing_id=r.id, seller_id=r.seller_id, at=now) for r in on_sale], actor=actor, now=now
    )
    held = [row.id for row in rows if before[row.id] is ListingState.HELD]
    if held:
        moderation().take_back(held, actor=actor, now=now)
    return len(rows)


def copy_in(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new rows (attribute name -> value; what is left out takes its default) by COPY: for hundreds of rows several
    times as fast as INSERT, and without model instances. No signals."""
    if not rows:
        return
    statement, documents, defaults = _copying(model)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = [row[name] if name in row else default() for name, default in defaults]
            for place in documents:
                values[place] = json.dumps(values[place])
            copy.write_row(values)


@lru_cache
def _copying(model: type[Model]) -> tuple[str, tuple[int, ...], tuple[tuple[str, Callable[[], Any]], ...]]:
    """The COPY of a model: its statement, which places hold JSON, and each column's attribute with its default."""
    fields = [f for f in model._meta.concrete_fields if not f.has_db_default()]
    names = ", ".join(f'"{f.column}"' for f in fields)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    documents = tuple(place for place, f in enumerate(fields) if isinstance(f, JSONField))
    return statement, documents, tuple((f.attname, f.get_default) for f in fields)
