"""Writes of carts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.statements import Prepared, insert, update
from marketplace.carts.models import Cart, CartLine
from marketplace.carts.rules import MAX_LINES, MAX_QUANTITY
from marketplace.carts.selectors import CartOwner, view_cart
from marketplace.catalog.selectors import get_listing_on_sale
from marketplace.catalog.terms import check_quantity
from marketplace.contracts import CodeRefused, NotEnoughStock, OwnGoods, ShopAway
from marketplace.promotions.rules import plain_code

_lock_of_organisation = Prepared(
    lambda owner: Cart.objects.select_for_update().filter(organisation_id=owner)[:1], owner=UUID
)
_lock_of_guest = Prepared(lambda owner: Cart.objects.select_for_update().filter(guest_key=owner)[:1], owner=UUID)
_lines_of = Prepared(lambda cart: CartLine.objects.filter(cart_id=cart)[:MAX_LINES], cart=UUID)


def lock_cart_of(organisation_id: UUID) -> Cart | None:
    """The organisation's cart, locked in the caller's transaction."""
    return _lock_of_organisation.first(owner=organisation_id)


def _lock_cart(owner: CartOwner, *, now: datetime) -> Cart:
    locked = _lock_of_guest if owner.is_guest else _lock_of_organisation
    cart = locked.first(owner=owner.guest_key or owner.organisation_id)
    if cart is None:
        Cart.objects.get_or_create(**owner.lookup, defaults={"updated_at": now})
        cart = Cart.objects.select_for_update().get(**owner.lookup)
    return cart


def set_line(*, owner: CartOwner, listing_id: UUID, quantity: int, now: datetime) -> None:
    """Have `quantity` pieces of the listing in the cart; 0 removes the line. Locks the cart.

    Raises InvalidInput (quantity), QuantityRefused (below the minimum, not in packs), ListingNotFound, NotEnoughStock,
    OwnGoods, ShopAway.
    """
    if not 0 <= quantity <= MAX_QUANTITY:
        raise InvalidInput(
            "This quantity is not possible.",
            field="quantity",
            remedy=_("Between %(low)s and %(high)s.") % {"low": 1, "high": MAX_QUANTITY},
        )
    with transaction.atomic():
        cart = _lock_cart(owner, now=now)
        if quantity == 0:
            cart.lines.filter(listing_id=listing_id).delete()
        else:
            _put(cart, owner, listing_id, quantity, now=now)
        cart.updated_at = now
        update(cart, columns=["updated_at"])


def add_to_cart(*, owner: CartOwner, listing_id: UUID, quantity: int, now: datetime) -> None:
    """Add pieces to what is already in the cart; errors as `set_line`."""
    if quantity < 1:
        raise InvalidInput("This quantity is not possible.", field="quantity", remedy="At least 1.")
    with transaction.atomic():
        cart = _lock_cart(owner, now=now)
        present = cart.lines.filter(listing_id=listing_id).values_list("quantity", flat=True).first() or 0
        set_line(owner=owner, listing_id=listing_id, quantity=present + quantity, now=now)


def _put(cart: Cart, owner: CartOwner, listing_id: UUID, quantity: int, *, now: datetime) -> None:
    listing = get_listing_on_sale(listing_id)
    if listing.seller_id == owner.organisation_id:
        raise OwnGoods()
    if listing.seller.is_away:
        raise ShopAway(field="quantity")
    check_quantity(quantity=quantity, min_quantity=listing.min_quantity, pack_size=listing.pack_size)
    if listing.stock.available < quantity:
        raise NotEnoughStock(
            _("Only %(n)s are left.") % {"n": listing.stock.available},
            field="quantity",
            remedy="Choose a smaller quantity.",
        )
    lines = {line.listing_id: line for line in _lines_of.all(cart=cart.id)}
    line = lines.get(listing_id)
    if line is None:
        if len(lines) >= MAX_LINES:
            raise InvalidInput(
                "The cart is full.", field="listing", remedy=_("At most %(n)s different things.") % {"n": MAX_LINES}
            )
        insert(CartLine(cart=cart, listing=listing, quantity=quantity, added_at=now))
    elif line.quantity != quantity:
        line.quantity = quantity
        update(line, columns=["quantity"])


def set_code(*, owner: CartOwner, code: str, now: datetime) -> None:
    """Keep a code in the cart; an empty one takes it out. Locks the cart. Raises CodeRefused (code): it does nothing."""
    with transaction.atomic():
        cart = _lock_cart(owner, now=now)
        cart.code = plain_code(code)[:30]
        update(cart, columns=["code"])
        if cart.code:
            problem = view_cart(owner, with_photos=False, now=now).code_problem
            if problem or not cart.lines.exists():
                raise CodeRefused(problem or None, field="code")


def merge_guest_cart(*, guest_key: UUID, organisation_id: UUID, now: datetime) -> None:
    """After log-in: what the guest had is added; the larger quantity wins. Doing it twice changes nothing."""
    with transaction.atomic():
        guest = Cart.objects.select_for_update().filter(guest_key=guest_key).first()
        if guest is None:
            return
        cart = _lock_cart(CartOwner(organisation_id=organisation_id), now=now)
        if guest.code and not cart.code:
            cart.code = guest.code
            update(cart, columns=["code"])
        present = {line.listing_id: line for line in cart.lines.all()}
        for line in guest.lines.select_related("listing"):
            known = present.get(line.listing_id)
            if known is not None and known.quantity < line.quantity:
                known.quantity = line.quantity
                known.save(update_fields=["quantity"])
            elif known is None and line.listing.seller_id != organisation_id:
                CartLine.objects.create(cart=cart, listing=line.listing, quantity=line.quantity, added_at=now)
        guest.lines.all().delete()
        guest.delete()


def empty_cart(*, organisation_id: UUID, listing_ids: list[UUID]) -> None:
    """Take out what was bought, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM marketplace_cartline l USING marketplace_cart c"
            " WHERE c.id = l.cart_id AND c.organisation_id = %s AND l.listing_id = ANY(%s)",
            [organisation_id, listing_ids],
        )


def forget_code(*, organisation_id: UUID) -> None:
    """The code was used, in the caller's transaction."""
    Cart.objects.filter(organisation_id=organisation_id).update(code="")


def forget_idle_guest_carts(*, before: datetime, limit: int = 1000) -> int:
    """Delete carts of guests who never came back."""
    ids = list(Cart.objects.filter(guest_key__isnull=False, updated_at__lt=before).values_list("id", flat=True)[:limit])
    CartLine.objects.filter(cart_id__in=ids).delete()
    return Cart.objects.filter(id__in=ids).delete()[0]
