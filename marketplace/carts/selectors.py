"""Reads of carts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.money import Money, sum_money
from core.statements import Prepared
from logistics import facade as logistics
from logistics.contracts import ParcelSpec, QuoteRequest, QuoteSet, ServiceQuote
from logistics.contracts import Place as ShippingPlace
from marketplace.carts.models import CartLine
from marketplace.carts.rules import combined_parcel, pieces_of
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import first_photos, thumbnail
from marketplace.catalog.terms import quantity_problem
from marketplace.contracts import Place
from marketplace.promotions.selectors import Discount, discounts
from marketplace.sellers.models import Seller


@dataclass(frozen=True)
class CartOwner:
    """Whose cart: an organisation's, or a guest's."""

    organisation_id: UUID | None = None
    guest_key: UUID | None = None

    @property
    def is_guest(self) -> bool:
        return self.organisation_id is None

    @property
    def lookup(self) -> dict[str, UUID | None]:
        if self.organisation_id is not None:
            return {"organisation_id": self.organisation_id}
        return {"guest_key": self.guest_key}


@dataclass(frozen=True)
class LineView:
    """A cart line with what it costs now.

    `problem` is empty, UNAVAILABLE, AWAY, NOT_ENOUGH, BELOW_MINIMUM or NOT_IN_PACKS.
    """

    listing: Listing
    quantity: int
    unit_price: Money
    total: Money
    """What the line costs, after `discount`."""

    thumbnail: str
    problem: str
    discount: Money


def packed_parcels(goods: Sequence[tuple[int, Listing]], *, seller_id: UUID) -> list[ParcelSpec]:
    """How (pieces, listing) would be packed: mostly as one parcel, which takes no query, else in cartons."""
    packed = logistics.propose_parcels(
        pieces=pieces_of((str(listing.id), quantity, listing) for quantity, listing in goods),
        stacked=combined_parcel(goods), seller_id=seller_id,
    )  # fmt: skip
    return [parcel.spec for parcel in packed]


@dataclass(frozen=True)
class SellerGroup:
    """The lines of one seller: they become one order and one parcel."""

    seller: Seller
    lines: tuple[LineView, ...]
    discount: Discount | None = None

    def shipping_cost(self, quote: ServiceQuote) -> Money:
        """What the buyer pays for a delivery: nothing when the seller's code says so."""
        is_free = self.discount is not None and self.discount.is_free_shipping
        return Money.zero(quote.price.currency) if is_free else quote.price

    @property
    def goods(self) -> Money:
        return sum_money((line.total for line in self.lines), self.lines[0].total.currency)

    @property
    def handling_days(self) -> int:
        return max(line.listing.days_to_ready(line.quantity) for line in self.lines) + self.seller.extra_days

    @property
    def parcels(self) -> list[ParcelSpec]:
        """How it would be packed: mostly as one parcel; no query for that."""
        return packed_parcels([(line.quantity, line.listing) for line in self.lines], seller_id=self.seller.pk)


@dataclass(frozen=True)
class CartView:
    groups: tuple[SellerGroup, ...]
    code: str = ""

    @property
    def code_problem(self) -> str:
        """Why the code does nothing, in words; empty when it does something or there is none."""
        found = [group.discount for group in self.groups if group.discount is not None]
        if not self.code or any(not discount.problem for discount in found):
            return ""
        return found[0].problem if found else _("No seller of what is in your cart has this code.")

    @property
    def is_empty(self) -> bool:
        return not self.groups

    @property
    def currencies(self) -> set[str]:
        return {group.goods.currency for group in self.groups}

    @property
    def goods(self) -> Money | None:
        """Sum of the goods when all are in one currency."""
        if len(self.currencies) != 1:
            return None
        return sum_money((group.goods for group in self.groups), next(iter(self.currencies)))

    @property
    def count(self) -> int:
        return sum(line.quantity for group in self.groups for line in group.lines)

    @property
    def has_problems(self) -> bool:
        return any(line.problem for group in self.groups for line in group.lines)


def _shown_lines() -> QuerySet[CartLine]:
    lines = CartLine.objects.select_related("cart", "listing__seller__standing", "listing__stock")
    return lines.defer("listing__description", "listing__attributes", "listing__safety")


_lines = Prepared(lambda owner: _shown_lines().filter(cart__organisation_id=owner)[:200], owner=UUID)
_lines_of_guest = Prepared(lambda owner: _shown_lines().filter(cart__guest_key=owner)[:200], owner=UUID)


def list_quantities(owner: CartOwner) -> dict[UUID, int]:
    """Listing id -> pieces in the cart."""
    lines = CartLine.objects.filter(**{f"cart__{name}": value for name, value in owner.lookup.items()})
    return dict(lines.values_list("listing_id", "quantity")[:200])


def view_cart(
    owner: CartOwner, *, with_photos: bool = True, now: datetime | None = None, lock_codes: bool = False
) -> CartView:
    """The cart grouped by seller, in the order things were added; two queries, one without photos, two more with a code.

    Codes count when `now` is told. `lock_codes`: they are being used (see promotions.selectors.discounts).
    """
    rows = _lines_of_guest.all(owner=owner.guest_key) if owner.is_guest else _lines.all(owner=owner.organisation_id)
    photos = first_photos([row.listing_id for row in rows]) if with_photos and rows else {}
    groups: dict[UUID, list[LineView]] = {}
    for row in rows:
        listing = row.listing
        unit_price = listing.price_of(row.quantity)
        line = LineView(
            listing=listing, quantity=row.quantity, unit_price=unit_price, total=unit_price * row.quantity,
            thumbnail=thumbnail(photos.get(row.listing_id)), problem=_problem(listing, row.quantity),
            discount=Money.zero(listing.currency),
        )  # fmt: skip
        groups.setdefault(listing.seller_id, []).append(line)
    sellers = tuple(SellerGroup(lines[0].listing.seller, tuple(lines)) for lines in groups.values())
    code = rows[0].cart.code if rows else ""
    if not code or now is None:
        return CartView(sellers)
    costs = {group.seller.pk: [(li.listing.category_id, li.total) for li in group.lines] for group in sellers}
    found = discounts(code=code, lines=costs, buyer_id=owner.organisation_id, now=now, lock=lock_codes)
    return CartView(tuple(_discounted(group, found.get(group.seller.pk)) for group in sellers), code)


def _discounted(group: SellerGroup, discount: Discount | None) -> SellerGroup:
    """The seller's part with what the code takes off, line by line to the cent."""
    if discount is None or not discount.amount:
        return replace(group, discount=discount)
    lines = tuple(
        replace(line, total=line.total - part, discount=part)
        for line, part in zip(group.lines, discount.lines, strict=True)
    )
    return replace(group, lines=lines, discount=discount)


def _problem(listing: Listing, quantity: int) -> str:
    if not listing.is_published or not listing.seller.is_open:
        return "UNAVAILABLE"
    if listing.seller.is_away:
        return "AWAY"
    if listing.stock.available < quantity:
        return "NOT_ENOUGH"
    return quantity_problem(quantity=quantity, min_quantity=listing.min_quantity, pack_size=listing.pack_size)


def count_items(owner: CartOwner) -> int:
    """Number of lines, for the badge in the bar."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM marketplace_cartline l JOIN marketplace_cart c ON c.id = l.cart_id"
            " WHERE c.organisation_id = %s OR c.guest_key = %s",  # one of the two is NULL
            [owner.organisation_id, owner.guest_key],
        )
        return int(cursor.fetchone()[0])


def delivery_options(*, cart: CartView, address: Place, now: datetime) -> dict[UUID, QuoteSet]:
    """Seller id -> what each carrier offers for that seller's parcel to the address; one question to logistics."""
    parcels = [group.parcels for group in cart.groups]
    requests = [
        QuoteRequest(
            origin=ShippingPlace(country=group.seller.country, postcode=group.seller.postcode),
            destination=ShippingPlace(country=address.country, postcode=address.postcode),
            parcel=first, more=tuple(more), handling_days=group.handling_days, currency=group.goods.currency,
        )
        for group, (first, *more) in zip(cart.groups, parcels, strict=True)
    ]  # fmt: skip
    answers = logistics.quote_many(requests=requests, now=now)
    return {group.seller.pk: answer for group, answer in zip(cart.groups, answers, strict=True)}


@dataclass(frozen=True)
class SellerQuote:
    """What one seller's parcel costs, cheapest first; `landed` is the goods with the cheapest delivery."""

    seller_id: UUID
    goods: Money
    options: tuple[ServiceQuote, ...]
    has_free_shipping: bool = False

    @property
    def landed(self) -> Money | None:
        if self.has_free_shipping and self.options:
            return self.goods
        return self.goods + self.options[0].price if self.options else None


@dataclass(frozen=True)
class CartQuote:
    """Delivery options of a whole cart."""

    sellers: tuple[SellerQuote, ...]

    @property
    def landed_total(self) -> Money | None:
        """Everything with the cheapest delivery; None if a seller cannot deliver or currencies differ."""
        landed = [quote.landed for quote in self.sellers]
        known = [amount for amount in landed if amount is not None]
        if len(known) != len(landed) or len({amount.currency for amount in known}) != 1:
            return None
        return sum_money(known, known[0].currency)


def quote_cart(*, cart: CartView, address: Place, now: datetime) -> CartQuote:
    """`delivery_options` with the landed totals."""
    options = delivery_options(cart=cart, address=address, now=now)
    return CartQuote(
        tuple(
            SellerQuote(
                g.seller.pk, g.goods, tuple(options[g.seller.pk].quotes),
                has_free_shipping=g.discount is not None and g.discount.is_free_shipping,
            )
            for g in cart.groups
        )
    )  # fmt: skip


def landed_total(*, cart: CartView, shipping: Mapping[UUID, Money]) -> Money:
    """Goods and delivery of all sellers together."""
    goods = cart.goods
    assert goods is not None, "checked by the caller: one currency"
    return goods + sum_money(shipping.values(), goods.currency)
