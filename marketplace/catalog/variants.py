"""Writes of variants: listings of one product, each with its own SKU, stock, price and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput
from core.ids import new_id
from core.money import Money
from marketplace.catalog.copies import copy_photos
from marketplace.catalog.models import Category, Listing, Product, Signals, Stock, attribute_schema
from marketplace.catalog.revisions import revise
from marketplace.catalog.rules import MAX_STOCK, checked_attributes, checked_gtin
from marketplace.catalog.selectors import MAX_VARIANTS, lock_own_listing

MAX_OPTIONS: Final = 4
SHARED: Final = ("title", "description", "brand", "condition")
"""What variants have in common, besides the category."""

_COPIED: Final = (
    *SHARED, "weight_grams", "length_mm", "width_mm", "height_mm", "handling_days", "min_quantity", "pack_size", "unit",
    "safety", "marks",
)  # fmt: skip


def make_product(*, listing_id: UUID, options: Sequence[str], actor: Actor, now: datetime) -> Product:
    """Make an own listing the first variant of a product; `options` are attributes of its category that it has values for.

    Locks the listing; one that has a product keeps it. Raises ListingNotFound, InvalidInput (options).
    """
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        if row.product is not None:
            return row.product
        check_options(options, category=row.category)
        product_id = new_id()
        product = Product(id=product_id, seller=row.seller, code=str(product_id), options=list(options), created_at=now)
        variant = variant_name(product.options, row.attributes)
        product.save()
        row.product, row.variant = product, variant
        row.version, row.updated_at = row.version + 1, now
        row.save(update_fields=["product", "variant", "version", "updated_at"])
        revise(row, {"variant": ["", variant]}, actor=actor, now=now)
    return product


def add_variant(
    *, listing_id: UUID, attributes: Mapping[str, Any], price: Money, stock: int, sku: str, gtin: str, actor: Actor,
    now: datetime,
) -> Listing:  # fmt: skip
    """A further variant of an own listing's product, as a draft with the same words, sizes and pictures.

    Locks the product, then the listing. Raises ListingNotFound, InvalidInput (attributes, price, stock, sku, gtin, listing).
    """
    with transaction.atomic():
        product = lock_product_of(listing_id)
        model = lock_own_listing(listing_id, actor)
        if product is None:
            raise InvalidInput("Say first what the variants differ in.", field="options")
        if product.variants.count() >= MAX_VARIANTS:
            raise InvalidInput(
                "There are enough variants.", field="listing", remedy=_("At most %(n)s.") % {"n": MAX_VARIANTS}
            )
        if price.currency != model.currency or price.minor <= 0:
            raise InvalidInput(
                "The price is not usable.",
                field="price",
                remedy=_("Above zero, in %(currency)s.") % {"currency": model.currency},
            )
        if not 0 <= stock <= MAX_STOCK:
            raise InvalidInput(
                "The stock is not usable.",
                field="stock",
                remedy=_("Between %(low)s and %(high)s.") % {"low": 0, "high": MAX_STOCK},
            )
        values = checked_attributes(attribute_schema(model.category), {**model.attributes, **attributes})
        variant = checked_variant(product, values, category=model.category)
        check_sku(seller_id=model.seller_id, sku=sku.strip())
        row = Listing.objects.create(
            seller_id=model.seller_id, category_id=model.category_id, product=product, variant=variant, attributes=values,
            price_minor=price.minor, currency=model.currency, sku=sku.strip()[:60], gtin=checked_gtin(gtin),
            created_at=now, updated_at=now, **{name: getattr(model, name) for name in _COPIED},
        )  # fmt: skip
        Stock.objects.create(listing=row, on_hand=stock)
        Signals.objects.create(listing=row)
        copy_photos(model, row)
        revise(row, {"created": [None, row.full_title]}, actor=actor, now=now)
    return row


def check_options(options: Sequence[str], *, category: Category) -> None:
    """Raises InvalidInput (options): none, too many, twice the same, or not of the category."""
    known = {attribute["code"] for attribute in attribute_schema(category)}
    if not 0 < len(set(options)) == len(options) <= MAX_OPTIONS or not set(options) <= known:
        raise InvalidInput(
            "These cannot tell variants apart.", field="options",
            remedy=_("Choose from: %(names)s.") % {"names": ", ".join(sorted(known))},
        )  # fmt: skip


def variant_name(options: Sequence[str], attributes: Mapping[str, Any]) -> str:
    """ "blue, M". Raises InvalidInput (attributes.<code>) when a value is missing."""
    for code in options:
        if attributes.get(code) in (None, ""):
            raise InvalidInput("A variant needs this.", field=f"attributes.{code}", remedy="Choose a value.")
    return ", ".join(str(attributes[code]) for code in options)[:120]


def checked_variant(
    product: Product, attributes: Mapping[str, Any], *, category: Category, except_for: UUID | None = None
) -> str:
    """The name of a variant no other of the product has; the caller has locked the product. Raises InvalidInput."""
    check_options(product.options, category=category)
    variant = variant_name(product.options, attributes)
    if _others(product.variants.filter(variant=variant), except_for).exists():
        raise InvalidInput(
            _("There is a variant “%(variant)s” already.") % {"variant": variant},
            field=f"attributes.{product.options[0]}", remedy="Change one of the values.",
        )  # fmt: skip
    return variant


def check_sku(*, seller_id: UUID, sku: str, except_for: UUID | None = None) -> None:
    """Raises InvalidInput when another listing of the shop bears the number."""
    if sku and _others(Listing.objects.filter(seller_id=seller_id, sku=sku), except_for).exists():
        raise InvalidInput("Another listing of yours has this number.", field="sku", remedy="Choose another one.")


def _others(listings: QuerySet[Listing], except_for: UUID | None) -> QuerySet[Listing]:
    return listings.exclude(id=except_for) if except_for else listings


def lock_product_of(listing_id: UUID) -> Product | None:
    """The product a listing is a variant of, locked: changes of its variants wait for each other."""
    return Product.objects.select_for_update(of=("self",)).filter(variants=listing_id).first()


def share(product: Product, row: Listing, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """What changed on one variant and is common to all is written to the others; the caller has locked product and row."""
    if all(getattr(row, name) == value for name, value in values.items()):
        return
    for other in product.variants.select_for_update().exclude(id=row.id).order_by("id"):
        changes = {
            name: [getattr(other, name), value] for name, value in values.items() if getattr(other, name) != value
        }
        for name, value in values.items():
            setattr(other, name, value)
        other.version, other.updated_at = other.version + 1, now
        other.save(update_fields=[*values, "version", "updated_at"])
        revise(other, changes, actor=actor, now=now)
