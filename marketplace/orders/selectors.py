"""Reads of purchases and orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from core.actor import Actor
from core.errors import NotFound
from core.events import marketplace as events
from core.money import Money, sum_money
from core.statements import Prepared, attach
from logistics.contracts import CustomsLine
from marketplace.contracts import OrderLineView, OrderNotFound, OrderState, OrderView, Place
from marketplace.orders.balances import LineBalance, PackedPieces, balances
from marketplace.orders.models import Order, OrderLine, OrderParcel, OrderTransition, ParcelLine, Purchase
from marketplace.orders.rules import ParcelNotFound

TO_SHIP = OrderState.PAID
UNSENT_STATES = (OrderState.PAID, OrderState.PARTLY_SHIPPED)
EXPORT_BATCH = 500


def _orders() -> QuerySet[Order]:
    return Order.objects.select_related("purchase", "buyer", "seller").prefetch_related("lines")


_whole_orders = Prepared(
    lambda ids: Order.objects.select_related("purchase", "buyer", "seller").filter(id__any_of=ids), ids=list
)
_locked_order = Prepared(lambda order_id: Order.objects.select_for_update().filter(id=order_id)[:1], order_id=UUID)
_purchase = Prepared(lambda purchase_id: Purchase.objects.filter(id=purchase_id)[:1], purchase_id=UUID)
_purchase_by_key = Prepared(
    lambda buyer_id, key: Purchase.objects.filter(buyer_id=buyer_id, key=key)[:1], buyer_id=UUID, key=str
)
_locked_orders = Prepared(
    lambda purchase_id: Order.objects.select_for_update().filter(purchase_id=purchase_id).order_by("id"),
    purchase_id=UUID,
)
_orders_of_purchase = Prepared(
    lambda purchase_id: (
        Order.objects.select_related("purchase", "buyer", "seller").filter(purchase_id=purchase_id).order_by("id")
    ),
    purchase_id=UUID,
)
_order_to_ship = Prepared(
    lambda order_id: Order.objects.select_related("purchase", "seller").filter(id=order_id)[:1], order_id=UUID
)
_lines_with_listings = Prepared(
    lambda order_id: OrderLine.objects.select_related("listing").filter(order_id=order_id).order_by("id"), order_id=UUID
)
_live_parcels = Prepared(
    lambda order_id: OrderParcel.objects.filter(order_id=order_id, voided_at=None, lost_at=None), order_id=UUID
)
_parcel = Prepared(lambda parcel_id: OrderParcel.objects.filter(id=parcel_id)[:1], parcel_id=UUID)
_lines_of_orders = Prepared(lambda ids: OrderLine.objects.filter(order_id__any_of=ids).order_by("id"), ids=list)


def with_lines(order_ids: list[UUID]) -> list[Order]:
    """Orders with purchase, parties and lines, in the order asked for and two queries."""
    orders = {order.id: order for order in _whole_orders.all(ids=order_ids)}
    for order_id, lines in lines_by_order(orders.values()).items():
        attach(orders[order_id], "lines", lines)
    return [orders[order_id] for order_id in order_ids if order_id in orders]


def get_order_for(*, order_id: UUID, actor: Actor) -> Order:
    """An order its buyer, its seller or an operator may see. Raises OrderNotFound for everyone else."""
    order = next(iter(with_lines([order_id])), None)
    if order is None or not (actor.is_operator or actor.acts_for(order.buyer_id) or actor.acts_for(order.seller_id)):
        raise OrderNotFound()
    return order


def get_purchase_for(*, purchase_id: UUID, actor: Actor) -> Purchase:
    """A purchase of the actor's organisation. Raises NotFound."""
    purchase = _purchase.first(purchase_id=purchase_id)
    if purchase is None or not (actor.is_operator or actor.acts_for(purchase.buyer_id)):
        raise NotFound("There is no such purchase.")
    return purchase


def orders_of_purchase(purchase_id: UUID) -> list[Order]:
    orders = _orders_of_purchase.all(purchase_id=purchase_id)
    lines = lines_by_order(orders)
    for order in orders:
        attach(order, "lines", lines[order.id])
    return orders


def find_purchase_by_key(*, buyer_id: UUID, key: str) -> Purchase | None:
    return _purchase_by_key.first(buyer_id=buyer_id, key=key)


def lock_order(order_id: UUID) -> Order:
    order = _locked_order.first(order_id=order_id)
    if order is None:
        raise OrderNotFound()
    return order


def order_to_ship(order_id: UUID) -> tuple[Order, list[OrderLine]]:
    """An order with its purchase and seller, and its lines with their listings; two queries. Raises OrderNotFound."""
    order = _order_to_ship.first(order_id=order_id)
    if order is None:
        raise OrderNotFound()
    return order, _lines_with_listings.all(order_id=order_id)


def get_delivery_place(order_id: UUID) -> Place:
    """Raises OrderNotFound."""
    order = Order.objects.select_related("purchase").filter(id=order_id).first()
    if order is None:
        raise OrderNotFound()
    return order.purchase.address


def find_locked_order(order_id: UUID) -> Order | None:
    """The order, locked; None when there is none (the escrow of a milestone)."""
    return _locked_order.first(order_id=order_id)


def lock_orders_of(purchase_id: UUID) -> list[Order]:
    """All orders of a purchase, locked in id order."""
    return _locked_orders.all(purchase_id=purchase_id)


def orders_bought_by(buyer_id: UUID, *, state: str = "", query: str = "") -> QuerySet[Order]:
    """A buyer's orders, newest first; page it."""
    return _filtered(_orders().filter(buyer_id=buyer_id), state, query).order_by("-placed_at", "-id")


def orders_sold_by(seller_id: UUID, *, state: str = "", query: str = "") -> QuerySet[Order]:
    """A seller's orders: those to ship first by their cut-off, else newest first; page it."""
    orders = _filtered(_orders().filter(seller_id=seller_id), state, query)
    orders = orders.exclude(state=OrderState.AWAITING_PAYMENT)
    return orders.order_by("ship_by", "id") if state == TO_SHIP else orders.order_by("-placed_at", "-id")


def due_within(orders: QuerySet[Order], due: str, *, end_of_day: datetime, now: datetime) -> QuerySet[Order]:
    """Of these orders what is still to be sent and `overdue`, due `today` or `later`, the most urgent first.

    Any other word: all of them as they are.
    """
    limits = {
        "overdue": Q(ship_by__lt=now), "today": Q(ship_by__gte=now, ship_by__lte=end_of_day),
        "later": Q(ship_by__gt=end_of_day),
    }  # fmt: skip
    if due not in limits:
        return orders
    return orders.filter(limits[due], state__in=UNSENT_STATES).order_by("ship_by", "id")


def orders_of_party(organisation_id: UUID | None) -> QuerySet[Order]:
    """Orders an organisation bought, or sold and was paid for; page it."""
    if organisation_id is None:
        return Order.objects.none()
    sold = Q(seller_id=organisation_id) & ~Q(state=OrderState.AWAITING_PAYMENT)
    return _orders().filter(Q(buyer_id=organisation_id) | sold)


def load_orders(purchase: Purchase) -> None:
    """Make `purchase.orders` ready to be shown, in two queries."""
    attach(purchase, "orders", orders_of_purchase(purchase.id))


def purchases_of(buyer_id: UUID | None) -> QuerySet[Purchase]:
    """A buyer's purchases with their orders; page it."""
    if buyer_id is None:
        return Purchase.objects.none()
    return Purchase.objects.filter(buyer_id=buyer_id).prefetch_related(Prefetch("orders", queryset=_orders()))


def _filtered(orders: QuerySet[Order], state: str, query: str) -> QuerySet[Order]:
    if state:
        orders = orders.filter(state=state)
    if query:
        orders = orders.filter(number__icontains=query) | orders.filter(lines__title__icontains=query)
        orders = orders.distinct()
    return orders


def count_orders_by_state(seller_id: UUID) -> dict[str, int]:
    """State -> number of a seller's orders."""
    rows = Order.objects.filter(seller_id=seller_id).values_list("state").annotate(n=Count("id"))
    return dict(rows.order_by())


def count_all_orders_by_state() -> dict[str, int]:
    """State -> number of orders of all sellers."""
    return dict(Order.objects.order_by().values_list("state").annotate(n=Count("id")))


def seller_orders_to_ship(seller_id: UUID, *, limit: int) -> list[OrderView]:
    """A seller's paid orders of which something is not sent yet, the most urgent first."""
    rows = Order.objects.filter(seller_id=seller_id, state__in=UNSENT_STATES).order_by("ship_by", "id")
    return [order_view(order) for order in with_lines(list(rows.values_list("id", flat=True)[:limit]))]


def timeline_of(order_id: UUID) -> list[OrderTransition]:
    return list(OrderTransition.objects.filter(order_id=order_id)[:100])


def quantities_of(orders: Iterable[Order]) -> dict[UUID, int]:
    """Listing id -> pieces in these orders."""
    totals: dict[UUID, int] = {}
    lines = OrderLine.objects.filter(order_id__in=[o.id for o in orders]).values_list("listing_id", "quantity")
    for listing_id, quantity in lines:
        totals[listing_id] = totals.get(listing_id, 0) + quantity
    return totals


def customs_lines(order: Order) -> list[CustomsLine]:
    """What an order's parcel holds, as customs asks: the tariff number of the category, the value as paid, and the maker's
    country as the listing tells it (left open where it does not)."""
    lines = OrderLine.objects.filter(order=order, cancelled__lt=F("quantity")).select_related("listing__category")
    return [_declared(line, line.kept) for line in lines.order_by("id")]


def parcel_customs_lines(parcel_id: UUID) -> list[CustomsLine]:
    """`customs_lines` for a parcel of an order that goes out in parts: its own pieces, and their share of what was paid."""
    parts = ParcelLine.objects.filter(parcel_id=parcel_id).select_related("line__listing__category")
    return [_declared(part.line, part.quantity) for part in parts.order_by("line_id")]


def _declared(line: OrderLine, quantity: int) -> CustomsLine:
    return CustomsLine(
        description=line.title, quantity=quantity, net_grams=quantity * line.listing.weight_grams,
        value=line.worth_of(quantity), hs_code=line.listing.category.hs_code,
        origin_country=line.listing.product_safety.maker_country,
    )  # fmt: skip


def line_balances(order_id: UUID) -> dict[UUID, LineBalance]:
    """Line id -> pieces kept, packed and sent, in two queries."""
    lines = OrderLine.objects.filter(order_id=order_id).order_by("id").values_list("id", "quantity", "cancelled")
    held = ParcelLine.objects.filter(parcel__order_id=order_id, parcel__voided_at=None, parcel__lost_at=None)
    packed = [
        PackedPieces(line_id, quantity, shipped_at is not None)
        for line_id, quantity, shipped_at in held.values_list("line_id", "quantity", "parcel__shipped_at")
    ]
    return balances([(line_id, sold, sold - cancelled) for line_id, sold, cancelled in lines], packed)


def unsent_pieces(order_id: UUID) -> dict[UUID, int]:
    """Listing id -> pieces of an order that were kept and are not with a carrier."""
    listings = dict(OrderLine.objects.filter(order_id=order_id).values_list("id", "listing_id"))
    pieces: dict[UUID, int] = {}
    for one in line_balances(order_id).values():
        pieces[listings[one.line_id]] = pieces.get(listings[one.line_id], 0) + one.to_ship
    return pieces


def live_parcels(order_id: UUID) -> list[OrderParcel]:
    """The parcels of an order that carry their pieces: neither unpacked nor lost."""
    return _live_parcels.all(order_id=order_id)


def parcels_of(order_id: UUID) -> list[OrderParcel]:
    """All parcels that were not unpacked, with what is in them; two queries."""
    found = OrderParcel.objects.filter(order_id=order_id, voided_at=None)
    return list(found.prefetch_related("lines__line"))


def get_parcel(*, order_id: UUID, parcel_id: UUID) -> OrderParcel:
    """Raises ParcelNotFound. The caller checks who asks."""
    found = OrderParcel.objects.select_related("order").filter(order_id=order_id, id=parcel_id).first()
    if found is None:
        raise ParcelNotFound()
    return found


def find_parcel_order(parcel_id: UUID) -> UUID | None:
    """The order a parcel is a part of; None for an order that goes out whole."""
    parcel = _parcel.first(parcel_id=parcel_id)
    return parcel.order_id if parcel else None


def worth_of_parcel(parcel_id: UUID) -> Money | None:
    """What was paid for the goods in a parcel; None when there is no such parcel."""
    parts = list(ParcelLine.objects.filter(parcel_id=parcel_id).select_related("line"))
    return sum_money((part.line.worth_of(part.quantity) for part in parts), parts[0].line.currency) if parts else None


def overdue_rests(*, before: datetime, limit: int) -> list[UUID]:
    """Orders sent in part whose rest was to be sent before a moment."""
    late = Order.objects.filter(state=OrderState.PARTLY_SHIPPED, ship_by__lte=before)
    return list(late.order_by("ship_by", "id").values_list("id", flat=True)[:limit])


def expired_purchases(*, now: datetime, limit: int = 100) -> list[UUID]:
    """Purchases nobody paid in time."""
    unpaid = Purchase.objects.filter(paid_at=None, closed_at=None, expires_at__lte=now)
    return list(unpaid.order_by("expires_at").values_list("id", flat=True)[:limit])


def export_rows(orders: QuerySet[Order], *, other: str) -> Iterator[tuple[str, ...]]:
    """Orders as CSV rows with a head, newest first, in batches: two queries for each.

    `other`: the party that is not the reader, `buyer` or `seller`.
    """
    yield (
        "number",
        "state",
        "placed_at",
        "ship_by",
        other,
        "lines",
        "goods",
        "shipping",
        "total",
        "currency",
        "po_number",
    )
    newest, past = orders.order_by("-placed_at", "-id"), Q()
    while batch := with_lines(list(newest.filter(past).values_list("id", flat=True)[:EXPORT_BATCH])):
        for order in batch:
            yield _export_row(order, getattr(order, other).name)
        if len(batch) < EXPORT_BATCH:
            return
        past = Q(placed_at__lt=order.placed_at) | Q(placed_at=order.placed_at, id__lt=order.id)


def _export_row(order: Order, other: str) -> tuple[str, ...]:
    lines = "; ".join(f"{line.quantity} x {line.title}" for line in order.lines.all())
    return (
        order.number, order.state, order.placed_at.isoformat(), order.ship_by.isoformat(), other, lines,
        str(order.goods.decimal), str(order.shipping.decimal), str(order.total.decimal), order.currency,
        order.purchase.po_number,
    )  # fmt: skip


def line_view(line: OrderLine) -> OrderLineView:
    return OrderLineView(
        line_id=line.id, listing_id=line.listing_id, title=line.title, quantity=line.quantity,
        unit_price=line.unit_price, category_code=line.category_code,
    )  # fmt: skip


def order_view(order: Order) -> OrderView:
    """The contract other modules see; expects `lines`, `seller` and `buyer` to be loaded."""
    return OrderView(
        order_id=order.id, number=order.number, purchase_id=order.purchase_id, buyer_id=order.buyer_id,
        seller_id=order.seller_id, seller_name=order.seller.name, buyer_name=order.buyer.name,
        state=OrderState(order.state), total=order.total, shipping=order.shipping,
        lines=tuple(line_view(line) for line in order.lines.all()), placed_at=order.placed_at, paid_at=order.paid_at,
        shipped_at=order.shipped_at, delivered_at=order.delivered_at, completed_at=order.completed_at,
        ship_by=order.ship_by, promised_latest=order.promised_latest,
    )  # fmt: skip


def find_order(order_id: UUID) -> Order | None:
    """The order with purchase, parties and lines."""
    return next(iter(with_lines([order_id])), None)


def find_order_view(order_id: UUID) -> OrderView | None:
    order = find_order(order_id)
    return order_view(order) if order else None


def order_states(order_ids: Iterable[UUID]) -> dict[UUID, OrderState]:
    """Order id -> state, in one query."""
    rows = Order.objects.filter(id__any_of=list(order_ids)).order_by("id").values_list("id", "state")
    return {order_id: OrderState(state) for order_id, state in rows}


def list_order_views(order_ids: Iterable[UUID]) -> dict[UUID, OrderView]:
    """Several orders in constant queries."""
    return {order.id: order_view(order) for order in with_lines(list(order_ids)[:1000])}


def seller_orders_since(seller_id: UUID, *, since: datetime, limit: int = 5000) -> list[OrderView]:
    """A seller's orders placed since a moment, for scorecards; bounded."""
    orders = _orders().filter(seller_id=seller_id, placed_at__gte=since).exclude(state=OrderState.AWAITING_PAYMENT)
    return [order_view(order) for order in orders.order_by("-placed_at")[:limit]]


def sales_by_day(seller_id: UUID, *, since: datetime) -> list[tuple[str, int, int]]:
    """(ISO day, orders, minor units) of a seller's paid orders, oldest first."""
    rows = (
        Order.objects.filter(seller_id=seller_id, paid_at__gte=since).annotate(day=TruncDate("paid_at")).order_by("day")
        .values_list("day").annotate(n=Count("id"), m=Sum("total_minor"))
    )  # fmt: skip
    return [(day.isoformat(), int(n), int(m)) for day, n, m in rows]


def lines_by_order(orders: Iterable[Order]) -> dict[UUID, list[OrderLine]]:
    """Order id -> its lines, in one query."""
    lines: dict[UUID, list[OrderLine]] = {order.id: [] for order in orders}
    for line in _lines_of_orders.all(ids=list(lines)):
        lines[line.order_id].append(line)
    return lines


def order_facts(order: Order, now: datetime) -> dict[str, Any]:
    """The fields every order event carries."""
    return {
        "order_id": order.id, "number": order.number, "purchase_id": order.purchase_id, "buyer_id": order.buyer_id,
        "seller_id": order.seller_id, "at": now,
    }  # fmt: skip


def event_lines(lines: Iterable[OrderLine]) -> tuple[events.OrderLine, ...]:
    """Lines as an event carries them."""
    return tuple(
        events.OrderLine(listing_id=li.listing_id, title=li.title, quantity=li.quantity, unit_price=li.unit_price)
        for li in lines
    )
