"""Placing and paying a purchase: the one path on which a cart becomes orders and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.events import marketplace as events
from core.ids import new_id, order_number, short_code
from core.money import Money
from core.outbox.services import publish_all
from core.statements import insert
from logistics.contracts import ServiceQuote
from marketplace.addresses.rules import checked_address
from marketplace.approvals.services import ask_if_above_limit, check_payable
from marketplace.carts.selectors import CartOwner, CartView, SellerGroup, delivery_options, view_cart
from marketplace.carts.services import empty_cart, forget_code, lock_cart_of
from marketplace.catalog.services import reserve_stock
from marketplace.catalog.terms import check_quantity
from marketplace.contracts import (
    CodeRefused,
    DeliveryUnavailable,
    EmptyCart,
    ListingUnavailable,
    MixedCurrencies,
    NotEnoughStock,
    OrderState,
    Place,
    PlaceRequest,
    PriceChanged,
    ShopAway,
)
from marketplace.orders.models import MAX_GIFT_NOTE, MAX_PO_NUMBER, Order, OrderLine, OrderTransition, Purchase
from marketplace.orders.rules import PAYMENT_WINDOW, delivery_record, purchase_fingerprint
from marketplace.orders.selectors import (
    event_lines,
    find_purchase_by_key,
    lines_by_order,
    lock_orders_of,
    order_facts,
    quantities_of,
)
from marketplace.orders.services import confirm_payment
from marketplace.promotions.services import redeem
from payments import facade as payments
from payments.contracts import ChargeState, ChargeView, EscrowLine, EscrowRequest, LineKind

MAX_SELLERS = 20


def place_purchase(*, request: PlaceRequest, actor: Actor, now: datetime) -> Purchase:
    """Turn the actor's cart into one purchase with an order per seller, reserve stock and open one charge.

    Idempotent by (buyer, key): the same request again returns the first purchase; other content is refused. Locks the
    cart, codes, then stock in id order. Publishes OrderPlaced per order. Raises EmptyCart, CodeRefused, MixedCurrencies,
    ListingUnavailable, NotEnoughStock, QuantityRefused, DeliveryUnavailable, PriceChanged, InvalidInput (address, key).
    """
    buyer_id = actor.organisation_id
    if buyer_id is None:
        raise NotAllowed("Log in to buy.")
    if not 8 <= len(request.key) <= 120:
        raise InvalidInput(
            "The key is not usable.", field="key", remedy="Send 8 to 120 characters, a UUID for example."
        )
    address = checked_address(request.address)
    with transaction.atomic():
        lock_cart_of(buyer_id)  # two submissions of one key wait here for each other; without a cart nothing is placed
        placed = find_purchase_by_key(buyer_id=buyer_id, key=request.key)
        if placed is not None:
            return _same_or_refuse(placed, request, address)
        cart = view_cart(CartOwner(organisation_id=buyer_id), now=now, lock_codes=True)
        return _place(request=request, address=address, cart=cart, buyer_id=buyer_id, actor=actor, now=now)


def _same_or_refuse(placed: Purchase, request: PlaceRequest, address: Place) -> Purchase:
    """A repeated submit finds its purchase. A key that comes with another address or other services is a mistake."""
    quantities = quantities_of(placed.orders.all())
    again = purchase_fingerprint(address=address, delivery=request.delivery, quantities=quantities)
    if again != placed.fingerprint:
        raise InvalidInput("This key was used for another purchase.", field="key", remedy="Send a new key.")
    return placed


def _place(
    *, request: PlaceRequest, address: Place, cart: CartView, buyer_id: UUID, actor: Actor, now: datetime
) -> Purchase:
    _check_cart(cart)
    quotes = _chosen_quotes(cart=cart, address=address, delivery=request.delivery, now=now)
    currency = next(iter(cart.currencies))
    total = Money.zero(currency)
    for group in cart.groups:
        total = total + group.goods + group.shipping_cost(quotes[group.seller.pk])
    if request.expected_total is not None and request.expected_total != total:
        raise PriceChanged()
    quantities = {line.listing.id: line.quantity for group in cart.groups for line in group.lines}
    reserve_stock(quantities=quantities)
    purchase_id = new_id()
    built = [_build_order(group, quotes[group.seller.pk], purchase_id, buyer_id, now=now) for group in cart.groups]
    for order, _lines in built:
        order.gift_note = request.gift_notes.get(order.seller_id, "").strip()[:MAX_GIFT_NOTE]
    charge = payments.open_charge(
        purchase_id=purchase_id, buyer_id=buyer_id, amount=total,
        escrows=tuple(_escrow_request(order, lines) for order, lines in built), actor=actor, now=now,
    )  # fmt: skip
    purchase = Purchase(
        id=purchase_id, number=short_code(purchase_id, prefix="LP"), buyer_id=buyer_id, key=request.key,
        fingerprint=purchase_fingerprint(address=address, delivery=request.delivery, quantities=quantities),
        charge_id=charge.charge_id, total_minor=total.minor, currency=currency, ship_to=asdict(address),
        placed_at=now, expires_at=now + PAYMENT_WINDOW, po_number=request.po_number.strip()[:MAX_PO_NUMBER],
    )  # fmt: skip
    orders = [order for order, _ in built]
    insert(purchase)
    insert(*orders)
    insert(*(line for _, lines in built for line in lines))
    insert(
        *(
            OrderTransition(
                order=order, from_state="", to_state=order.state, action="PLACE", actor=actor.reference, at=now
            )
            for order in orders
        )
    )
    placed = [
        events.OrderPlaced(**order_facts(order, now), total=order.total, lines=event_lines(lines))
        for order, lines in built
    ]
    publish_all(placed, actor=actor, now=now)
    if cart.code:
        used = [
            (group.discount, order.id)
            for group, order in zip(cart.groups, orders, strict=True)
            if group.discount is not None and not group.discount.problem
        ]
        redeem(uses=used, purchase_id=purchase_id, buyer_id=buyer_id, now=now)
        forget_code(organisation_id=buyer_id)
    empty_cart(organisation_id=buyer_id, listing_ids=list(quantities))
    ask_if_above_limit(purchase=purchase, actor=actor, now=now)
    return purchase


def _check_cart(cart: CartView) -> None:
    if cart.is_empty:
        raise EmptyCart(field="cart")
    if cart.code_problem:
        raise CodeRefused(cart.code_problem, field="code")
    if len(cart.currencies) != 1:
        raise MixedCurrencies(field="cart")
    if len(cart.groups) > MAX_SELLERS:
        raise InvalidInput(
            "Too many sellers in one purchase.", field="cart", remedy=_("At most %(n)s.") % {"n": MAX_SELLERS}
        )
    for group in cart.groups:
        for line in group.lines:
            if line.problem == "UNAVAILABLE":
                raise ListingUnavailable(
                    _("“%(title)s” is no longer sold.") % {"title": line.listing.full_title}, field=str(line.listing.id)
                )
            if line.problem == "AWAY":
                raise ShopAway(field=str(line.listing.id))
            if line.problem == "NOT_ENOUGH":
                raise NotEnoughStock(
                    _("Only %(n)s of “%(title)s” are left.")
                    % {"n": line.listing.stock.available, "title": line.listing.full_title},
                    field=str(line.listing.id),
                )
            check_quantity(
                quantity=line.quantity, min_quantity=line.listing.min_quantity, pack_size=line.listing.pack_size,
                field=str(line.listing.id),
            )  # fmt: skip


def _chosen_quotes(
    *, cart: CartView, address: Place, delivery: Mapping[UUID, str], now: datetime
) -> dict[UUID, ServiceQuote]:
    options = delivery_options(cart=cart, address=address, now=now)
    chosen = {}
    for group in cart.groups:
        code = delivery.get(group.seller.pk)
        offers = [offer for offer in options[group.seller.pk].quotes if offer.service_code == code]
        if not offers:
            raise DeliveryUnavailable(field=f"delivery.{group.seller.pk}")
        chosen[group.seller.pk] = offers[0]
    return chosen


def _build_order(
    group: SellerGroup, quote: ServiceQuote, purchase_id: UUID, buyer_id: UUID, *, now: datetime
) -> tuple[Order, list[OrderLine]]:
    order_id = new_id()
    shipping, code = group.shipping_cost(quote), group.discount
    order = Order(
        id=order_id, number=order_number(order_id), purchase_id=purchase_id, buyer_id=buyer_id,
        seller=group.seller, state=OrderState.AWAITING_PAYMENT, goods_minor=group.goods.minor,
        shipping_minor=shipping.minor, total_minor=group.goods.minor + shipping.minor,
        code=code.code if code is not None and not code.problem else "",
        contribution_minor=code.amount.minor if code is not None and code.by_platform else 0,
        currency=group.goods.currency, delivery=delivery_record(quote), promised_latest=quote.latest,
        ship_by=quote.ship_by, placed_at=now,
    )  # fmt: skip
    lines = [
        OrderLine(
            order=order, listing=line.listing, title=line.listing.full_title, sku=line.listing.sku,
            category_code=line.listing.category_id, photo=line.thumbnail, quantity=line.quantity,
            unit_price_minor=line.unit_price.minor,
            discount_minor=line.discount.minor, currency=line.listing.currency,
        )
        for line in group.lines
    ]  # fmt: skip
    return order, lines


def _escrow_request(order: Order, lines: list[OrderLine]) -> EscrowRequest:
    return EscrowRequest(
        order_id=order.id, seller_id=order.seller_id, amount=order.total, contribution=order.contribution,
        lines=(
            *(
                EscrowLine(str(line.id), line.total, category=line.category_code, quantity=line.quantity)
                for line in lines
            ),
            EscrowLine("shipping", order.shipping, kind=LineKind.SHIPPING),
        ),
    )  # fmt: skip


def pay_purchase(
    *, purchase: Purchase, method_token: str | None, return_url: str, actor: Actor, now: datetime,
    charge: ChargeView | None = None, saved_method_id: UUID | None = None,
) -> ChargeView:  # fmt: skip
    """Ask the provider for the money (outside any transaction) and, when it is there, mark the orders paid.

    A failed attempt may be repeated: a new charge is opened for the same orders. `charge`: the purchase's, when the
    caller has just read it; `saved_method_id`: pay from the buyer's wallet. Raises NotAllowed once it expired,
    SavedMethodNotFound, AwaitsApproval.
    """
    if purchase.closed_at is not None:
        raise NotAllowed("This purchase was cancelled or not paid in time.", remedy="Put the goods in the cart again.")
    check_payable(purchase_id=purchase.id)
    charge = charge or payments.get_charge(purchase.charge_id)
    if charge.state is ChargeState.FAILED:
        charge = _open_next_charge(purchase, actor=actor, now=now)
    if charge.state in {ChargeState.CREATED, ChargeState.REQUIRES_ACTION}:
        charge = payments.submit_charge(
            charge_id=charge.charge_id, method_token=method_token, saved_method_id=saved_method_id,
            return_url=return_url, actor=actor, now=now,
        )  # fmt: skip
    _keep_for_transfer(purchase, charge)
    return _settle(purchase, charge, now=now)


def _keep_for_transfer(purchase: Purchase, charge: ChargeView) -> None:
    """A bank transfer takes days: the goods are kept as long as the money may still come."""
    if charge.state is not ChargeState.PENDING:
        return
    transfer = payments.transfer_instructions(charge.charge_id)
    if transfer is not None and transfer.expires_at > purchase.expires_at:
        purchase.expires_at = transfer.expires_at
        purchase.save(update_fields=["expires_at"])


def refresh_payment(*, purchase: Purchase, now: datetime) -> ChargeView:
    """Ask how the payment stands (the buyer comes back from the provider's page)."""
    return _settle(purchase, payments.refresh_charge(charge_id=purchase.charge_id, now=now), now=now)


def _settle(purchase: Purchase, charge: ChargeView, *, now: datetime) -> ChargeView:
    if charge.state is ChargeState.CAPTURED:
        confirm_payment(purchase_id=purchase.id, actor=Actor.system("checkout"), now=now)
    return charge


def _open_next_charge(purchase: Purchase, *, actor: Actor, now: datetime) -> ChargeView:
    with transaction.atomic():
        orders = lock_orders_of(purchase.id)
        lines = lines_by_order(orders)
        charge = payments.open_charge(
            purchase_id=purchase.id, buyer_id=purchase.buyer_id, amount=purchase.total,
            escrows=tuple(_escrow_request(order, lines[order.id]) for order in orders), actor=actor, now=now,
        )  # fmt: skip
        purchase.charge_id = charge.charge_id
        purchase.save(update_fields=["charge_id"])
    return charge
