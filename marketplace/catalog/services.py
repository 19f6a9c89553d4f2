"""Writes of the catalogue: listings, photos, stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import ListingPublished, ListingWithdrawn
from core.money import Money
from core.outbox.services import publish
from marketplace.catalog import rules
from marketplace.catalog.holding import hold, screened, screened_row
from marketplace.catalog.models import (
    Category,
    Listing,
    Product,
    Signals,
    Stock,
    attribute_schema,
)
from marketplace.catalog.ports import moderation
from marketplace.catalog.pricing import follow_price, set_price
from marketplace.catalog.revisions import move, revise
from marketplace.catalog.selectors import leaves_by_code, lock_own_listing
from marketplace.catalog.states import ListingAction, ListingState
from marketplace.catalog.terms import checked_terms
from marketplace.catalog.variants import SHARED, check_sku, checked_variant, lock_product_of, share
from marketplace.contracts import (
    ListingInput,
    ListingNotFound,
    ListingSignals,
    NotEnoughStock,
    ProductSafety,
    SellerNotVerified,
)
from marketplace.screening import Finding, ListingUnderReview
from marketplace.sellers.selectors import get_seller

_BOUNDS = (
    ("stock", 0, rules.MAX_STOCK),
    ("weight_grams", 1, rules.MAX_WEIGHT_GRAMS),
    ("length_mm", 1, rules.MAX_SIDE_MM),
    ("width_mm", 1, rules.MAX_SIDE_MM),
    ("height_mm", 1, rules.MAX_SIDE_MM),
    ("handling_days", 0, rules.MAX_HANDLING_DAYS),
)


_CONDITIONS = frozenset(Listing.Condition.values)
_COLUMNS = tuple(
    f.name for f in fields(ListingInput) if f.name not in {"category_code", "price", "stock", "terms", "safety"}
)
"""What an input and a listing have under the same name."""


def checked_listing(
    listing: ListingInput, *, currency: str, leaves: Mapping[str, Category]
) -> tuple[Category, dict[str, Any]]:
    """The category and the column values of an input. Raises InvalidInput naming the field."""
    if len(listing.title.strip()) < 5:
        raise InvalidInput("The title is too short.", field="title", remedy="Say what it is in 5 to 140 characters.")
    if not listing.description.strip():
        raise InvalidInput("A description is needed.", field="description", remedy="Two sentences are a good start.")
    if listing.price.currency != currency:
        raise InvalidInput(
            "Prices of this shop are in another currency.",
            field="price",
            remedy=_("Use %(currency)s.") % {"currency": currency},
        )
    if listing.price.minor <= 0:
        raise InvalidInput("The price must be above zero.", field="price", remedy="Type what one piece costs.")
    for name, low, high in _BOUNDS:
        if not low <= getattr(listing, name) <= high:
            raise InvalidInput(
                "This number is out of range.",
                field=name,
                remedy=_("Between %(low)s and %(high)s.") % {"low": low, "high": high},
            )
    category = leaves.get(listing.category_code)
    if category is None:
        raise InvalidInput("Choose a category.", field="category", remedy="Pick the most exact one.")
    if listing.condition not in _CONDITIONS:
        raise InvalidInput("Unknown condition.", field="condition", remedy="NEW, USED or REFURBISHED.")
    values = {name: getattr(listing, name) for name in _COLUMNS}
    values |= {
        "title": listing.title.strip(),
        "sku": listing.sku.strip()[:60],
        "gtin": rules.checked_gtin(listing.gtin),
        "attributes": rules.checked_attributes(attribute_schema(category), listing.attributes),
        "price_minor": listing.price.minor,
    }
    if listing.terms is not None:
        values |= checked_terms(listing.terms, price=listing.price, max_handling_days=rules.MAX_HANDLING_DAYS)
    if listing.safety is not None:
        values["safety"] = rules.checked_safety(listing.safety, is_needed=False)
    return category, values


def create_listing(*, listing: ListingInput, actor: Actor, now: datetime) -> Listing:
    """Create a draft in the actor's shop, with its stock. Raises InvalidInput naming the field."""
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller can list goods.")
    seller = get_seller(actor.organisation_id)
    category, values = checked_listing(listing, currency=seller.currency, leaves=leaves_by_code())
    with transaction.atomic():
        check_sku(seller_id=seller.pk, sku=values["sku"])
        row = Listing.objects.create(
            seller=seller, category=category, currency=seller.currency, created_at=now, updated_at=now,
            marks=category.marks, **values,
        )  # fmt: skip
        Stock.objects.create(listing=row, on_hand=listing.stock)
        Signals.objects.create(listing=row)
        revise(row, {"created": [None, row.title]}, actor=actor, now=now)
    return row


def update_listing(*, listing_id: UUID, listing: ListingInput, actor: Actor, now: datetime) -> Listing:
    """Change a listing of the actor's shop; orders keep what they were sold as. Locks product, listing, its variants, stock.
    What variants have in common changes on all of them. What is on sale is screened anew: it may be refused
    (ListingProhibited) or held (state HELD); what is held cannot be changed (ListingUnderReview).

    Stock is the number of pieces on hand; it cannot go below what is promised to buyers (NotEnoughStock).
    """
    with transaction.atomic():
        product = lock_product_of(listing_id)
        row = lock_own_listing(listing_id, actor)
        if row.state == ListingState.HELD:
            raise ListingUnderReview()
        category, values = checked_listing(listing, currency=row.currency, leaves=leaves_by_code())
        check_sku(seller_id=row.seller_id, sku=values["sku"], except_for=row.id)
        if product is not None:
            values["variant"] = checked_variant(product, values["attributes"], category=category, except_for=row.id)
            shared = {name: values[name] for name in SHARED} | {"category_id": category.code}
            share(product, row, shared, actor=actor, now=now)
        if row.is_published:
            safety = listing.safety or row.product_safety
            rules.checked_safety(safety, is_needed=category.needs_safety)
            screening = moderation().screening(row.seller_id)
            found = screened(category, values, screening=screening, listing_id=row.id)
        else:
            found = ()
        changes = {
            name: [_plain(getattr(row, name)), _plain(value)]
            for name, value in {**values, "category_id": category.code}.items()
            if getattr(row, name) != value
        }
        follow_price(row, values["price_minor"], now=now)
        for name, value in values.items():
            setattr(row, name, value)
        row.category = category
        _set_stock(row.id, listing.stock)
        if changes:
            row.version += 1
            row.updated_at = now
            row.save()
            revise(row, changes, actor=actor, now=now)
        if found:
            hold(_on_sale_with(row, product), found, actor=actor, now=now)
    return row


def _on_sale_with(row: Listing, product: Product | None) -> list[Listing]:
    """The listing, and the variants on sale that have the same words."""
    if product is None:
        return [row]
    others = product.variants.select_for_update(no_key=True).filter(state=ListingState.PUBLISHED).exclude(id=row.id)
    return [row, *others.order_by("id")]


def set_price_and_stock(*, listing_id: UUID, price: Money, stock: int, actor: Actor, now: datetime) -> Listing:
    """Quick edit of the two figures that change most. Raises what set_price and set_stock do."""
    with transaction.atomic():
        row = set_price(listing_id=listing_id, price=price, actor=actor, now=now)
        set_stock(listing_id=listing_id, stock=stock, actor=actor)
    return row


def set_stock(*, listing_id: UUID, stock: int, actor: Actor) -> None:
    """Say how many pieces are on hand. Locks the listing, then its stock. Raises InvalidInput (stock), NotEnoughStock."""
    if not 0 <= stock <= rules.MAX_STOCK:
        bounds = {"low": 0, "high": rules.MAX_STOCK}
        raise InvalidInput(
            "The stock is not usable.", field="stock", remedy=_("Between %(low)s and %(high)s.") % bounds
        )
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        _set_stock(row.id, stock)


def set_handling_days(*, listing_id: UUID, days: int, actor: Actor, now: datetime) -> Listing:
    """Say in how many working days an own listing is ready. Locks the listing. Raises InvalidInput (handling_days)."""
    if not 0 <= days <= rules.MAX_HANDLING_DAYS:
        bounds = {"low": 0, "high": rules.MAX_HANDLING_DAYS}
        raise InvalidInput(
            "This number is out of range.", field="handling_days", remedy=_("Between %(low)s and %(high)s.") % bounds
        )
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        if row.handling_days != days:
            changes = {"handling_days": [row.handling_days, days]}
            row.handling_days, row.version, row.updated_at = days, row.version + 1, now
            row.save(update_fields=["handling_days", "version", "updated_at"])
            revise(row, changes, actor=actor, now=now)
    return row


def move_to_category(*, listing_id: UUID, category_code: str, actor: Actor, now: datetime) -> Listing:
    """Put an own listing into another category; it keeps the properties that category has. Raises what update_listing does."""
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        category = leaves_by_code().get(category_code)
        known = {attribute["code"] for attribute in attribute_schema(category)} if category else set()
        kept = {code: value for code, value in row.attributes.items() if code in known}
        moved = replace(input_of(row), category_code=category_code, attributes=kept)
        return update_listing(listing_id=listing_id, listing=moved, actor=actor, now=now)


def input_of(row: Listing) -> ListingInput:
    """A listing as if it were typed anew."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    return ListingInput(category_code=row.category_id, price=row.price, stock=row.stock.on_hand, **values)


def set_safety(*, listing_id: UUID, safety: ProductSafety, actor: Actor, now: datetime) -> Listing:
    """Say who made an own listing's goods and who answers for them; variants share it. Locks product, listing, variants.

    Raises ListingNotFound, InvalidInput (`safety.<field>`); what is on sale must keep what its category needs.
    """
    with transaction.atomic():
        product = lock_product_of(listing_id)
        row = lock_own_listing(listing_id, actor)
        needed = row.is_published and row.category.needs_safety
        checked = rules.checked_safety(safety, is_needed=needed)
        if row.safety != checked:
            if product is not None:
                share(product, row, {"safety": checked}, actor=actor, now=now)
            changes = {"safety": [row.safety, checked]}
            row.safety, row.version, row.updated_at = checked, row.version + 1, now
            row.save(update_fields=["safety", "version", "updated_at"])
            revise(row, changes, actor=actor, now=now)
    return row


def publish_listing(*, listing_id: UUID, actor: Actor, now: datetime) -> Listing:
    """Offer the listing to buyers; what a rule holds back waits for the operator first (state HELD).

    Raises SellerNotVerified until the shop is verified and open, ListingProhibited, InvalidInput (`safety.<field>`) where the
    category needs what the GPSR asks.
    """
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        found = fit_for_sale(row)
        row.publish_at = None
        if found:
            hold([row], found, actor=actor, now=now)
            return row
        move(row, ListingAction.PUBLISH, actor=actor, now=now)
        row.published_at = row.published_at or now
        row.save(update_fields=["state", "published_at", "publish_at", "updated_at"])
        publish(ListingPublished(listing_id=row.id, seller_id=row.seller_id, at=now), actor=actor, now=now)
    return row


def fit_for_sale(row: Listing) -> tuple[Finding, ...]:
    """What a person must look at before the listing goes on sale. Raises what publish_listing does."""
    if not get_seller(row.seller_id).is_open:
        raise SellerNotVerified(remedy="Open your shop first; the operator verifies the business profile.")
    rules.checked_safety(row.product_safety, is_needed=row.category.needs_safety)
    return screened_row(row)


def withdraw_listing(*, listing_id: UUID, actor: Actor, now: datetime) -> Listing:
    """Take the listing off sale, or back from being checked; open orders are not touched."""
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        was_published = row.is_published
        move(row, ListingAction.WITHDRAW, actor=actor, now=now)
        row.save(update_fields=["state", "updated_at"])
        if was_published:
            publish(ListingWithdrawn(listing_id=row.id, seller_id=row.seller_id, at=now), actor=actor, now=now)
        else:
            moderation().take_back([row.id], actor=actor, now=now)
    return row


def block_listing(*, listing_id: UUID, reason: str, actor: Actor, now: datetime) -> Listing:
    """The operator takes a listing off sale against its seller's will; open orders are not touched.

    Publishes ListingWithdrawn when it was on sale. Raises InvalidInput (no reason), NotAllowed, TransitionRefused.
    """
    with transaction.atomic():
        row = _lock_as_operator(listing_id, reason, actor)
        was_published = row.is_published
        move(row, ListingAction.BLOCK, actor=actor, now=now, reason=reason)
        row.save(update_fields=["state", "updated_at"])
        if was_published:
            publish(ListingWithdrawn(listing_id=row.id, seller_id=row.seller_id, at=now), actor=actor, now=now)
        record(actor=actor, action="listing.block", subject_type="listing", subject_id=row.id, now=now, reason=reason)
    return row


def unblock_listing(*, listing_id: UUID, reason: str, actor: Actor, now: datetime) -> Listing:
    """The operator lifts a block: the listing is off sale and its seller may publish it again. Errors as above."""
    with transaction.atomic():
        row = _lock_as_operator(listing_id, reason, actor)
        move(row, ListingAction.UNBLOCK, actor=actor, now=now, reason=reason)
        row.save(update_fields=["state", "updated_at"])
        record(actor=actor, action="listing.unblock", subject_type="listing", subject_id=row.id, now=now, reason=reason)
    return row


def _lock_as_operator(listing_id: UUID, reason: str, actor: Actor) -> Listing:
    if not (actor.is_operator or actor.is_system):
        raise NotAllowed("Only the operator decides this.")
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason", remedy="Say why; the seller can read it.")
    row = Listing.objects.select_for_update().filter(id=listing_id).first()
    if row is None:
        raise ListingNotFound()
    return row


#: Rows are locked in id order before any is changed, in the same statement.
_HELD_STOCK = (
    "WITH held AS MATERIALIZED (SELECT listing_id FROM marketplace_stock WHERE listing_id = ANY(%s::uuid[])"
    " ORDER BY listing_id FOR UPDATE)"
)


def reserve_stock(*, quantities: Mapping[UUID, int]) -> None:
    """Promise pieces to a buyer who is about to pay, in the caller's transaction. Rows are locked in id order.

    All or nothing: raises NotEnoughStock naming the listing, and the database refuses an oversold row in any case.
    """
    ids = sorted(quantities)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_HELD_STOCK} UPDATE marketplace_stock s SET reserved = s.reserved + q.quantity"  # noqa: S608
            " FROM held h JOIN unnest(%s::uuid[], %s::int[]) AS q(listing_id, quantity) USING (listing_id)"
            " WHERE s.listing_id = h.listing_id AND s.on_hand - s.reserved >= q.quantity RETURNING s.listing_id",
            [ids, ids, [quantities[i] for i in ids]],
        )
        done = {row[0] for row in cursor.fetchall()}
    for listing_id in ids:
        if listing_id not in done:
            raise NotEnoughStock(field=str(listing_id))


def give_back_reservation(*, quantities: Mapping[UUID, int]) -> None:
    """An unpaid purchase ended: its pieces are free again."""
    _change_stock(quantities, "reserved = s.reserved - q.quantity")


def sell_reserved(*, quantities: Mapping[UUID, int]) -> list[UUID]:
    """A purchase was paid: reserved pieces leave the stock. Returns the listings that lie at several places: from which of
    them the pieces go is the caller's to say in the same transaction (stock.allocation.choose_places)."""
    return _change_stock(quantities, "reserved = s.reserved - q.quantity, on_hand = s.on_hand - q.quantity")


def restock(*, quantities: Mapping[UUID, int]) -> None:
    """A paid order was cancelled before shipping: its pieces are on hand again."""
    _change_stock(quantities, "on_hand = s.on_hand + q.quantity")


def _change_stock(quantities: Mapping[UUID, int], assignment: str) -> list[UUID]:
    """Returns the listings of which some pieces lie elsewhere."""
    ids = sorted(quantities)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_HELD_STOCK} UPDATE marketplace_stock s SET {assignment}"  # noqa: S608 - `assignment` is one of ours
            " FROM held h JOIN unnest(%s::uuid[], %s::int[]) AS q(listing_id, quantity) USING (listing_id)"
            " WHERE s.listing_id = h.listing_id RETURNING s.listing_id, s.elsewhere",
            [ids, ids, [quantities[i] for i in ids]],
        )
        return [listing_id for listing_id, elsewhere in cursor.fetchall() if elsewhere]


def record_signals(*, signals: Sequence[ListingSignals]) -> int:
    """Store behaviour figures computed by analytics; only rows that differ are written (each write re-indexes)."""
    current = {row.listing_id: row for row in Signals.objects.filter(listing_id__in=[s.listing_id for s in signals])}
    names = ("rating_hundredths", "rating_count", "units_sold_30d", "views_30d", "click_rate_bp", "conversion_bp")
    changed = []
    for new in signals:
        row = current.get(new.listing_id)
        if row is None or all(getattr(row, name) == getattr(new, name) for name in names):
            continue
        for name in (*names, "computed_at"):
            setattr(row, name, getattr(new, name))
        changed.append(row)
    Signals.objects.bulk_update(changed, [*names, "computed_at"], batch_size=500)
    return len(changed)


def _set_stock(listing_id: UUID, on_hand: int) -> None:
    stock = Stock.objects.select_for_update().get(listing_id=listing_id)
    if on_hand < stock.reserved:
        raise NotEnoughStock(
            _("%(n)s pieces are promised to buyers.") % {"n": stock.reserved},
            field="stock",
            remedy="Type at least that many.",
        )
    if on_hand < stock.elsewhere:
        raise NotEnoughStock(
            _("%(n)s pieces are at other places.") % {"n": stock.elsewhere},
            field="stock",
            remedy="Change what is there on the stock page.",
        )
    if stock.on_hand != on_hand:
        stock.on_hand = on_hand
        stock.save(update_fields=["on_hand"])


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | dict | list | type(None)) else str(value)
