"""Simulated weeks of trade: buyers buy, sellers ship, carriers carry, some things go wrong, people say how it was."""

from __future__ import annotations

import contextlib
import gc
import heapq
import itertools
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from random import Random
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from analytics import facade as analytics
from config.demo import aftermath, benches, collecting, names, parts, people, routes, shelves, talks, unhappy
from config.demo.people import Good, Party
from core import signals
from core.actor import Actor
from core.ids import new_id, seeded_ids
from core.money import Money
from core.outbox import services as outbox
from core.signals import Signal
from logistics import facade as logistics
from marketplace import facade as marketplace
from marketplace.contracts import NotEnoughStock, OrderState, OrderView, Place, PlaceRequest
from payments import facade as payments
from trust import facade as trust
from trust.contracts import DisputeReason, DisputeWish

TICK = timedelta(hours=24)
HALVES = 2
CARRIERS = ("ruta", "correo-sur")
"""Processes that live the trade; the machine this is measured on has two cores."""
MEETING_SECONDS = 120
NEVER_SENT, DOUBTED = 8, 3
"""Of each half: the purchase that is never sent, and the delivery its buyer denies. The bank takes both back: lost, and won."""
DISPUTE_REASONS = (
    DisputeReason.NOT_AS_DESCRIBED, DisputeReason.DAMAGED, DisputeReason.WRONG_ITEM, DisputeReason.SHORT,
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How large a world is."""

    sellers: int
    buyers: int
    listings: int
    orders: int
    days: int


FULL = Size(sellers=45, buyers=140, listings=3000, orders=1000, days=28)
SMALL = Size(sellers=6, buyers=10, listings=60, orders=44, days=24)


@dataclass
class World:
    """A simulated world while it runs. `say` starts a named progress bar and returns its tick."""

    size: Size
    random: Random
    end: datetime
    say: Callable[[str, int], Callable[[], None]]
    operator: Party | None = None
    sellers: dict[UUID, Party] = field(default_factory=dict)
    assortments: list[tuple[Party, tuple[str, ...]]] = field(default_factory=list)
    buyers: list[Party] = field(default_factory=list)
    goods: list[Good] = field(default_factory=list)
    appeal: list[float] = field(default_factory=list)
    todo: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    under_way: dict[UUID, Party] = field(default_factory=dict)
    seen_delivered: set[UUID] = field(default_factory=set)
    counter: Any = field(default_factory=itertools.count)
    number: int = 0
    bought: int = 0
    doubted: bool = False
    meeting: Any = None

    @property
    def start(self) -> datetime:
        return self.end - timedelta(days=self.size.days)

    def at(self, moment: datetime, act: Callable[[datetime], None]) -> None:
        """Do `act` at a moment of the simulation; what lies after its end is never done."""
        heapq.heappush(self.todo, (moment, next(self.counter), act))


def load(*, size: Size, seed: int, end: datetime, say: Callable[[str, int], Callable[[], None]]) -> None:
    """Make a world that ends at `end`. The same size, seed and end give the same people, goods and trade.

    People and goods are made first; then two processes live half of the buyers each, in lockstep of days.
    """
    world = World(size=size, random=Random(seed), end=end, say=say)  # noqa: S311
    settings.LONJA["CARRIER_TRANSPORT"] = "in-process"  # no web server runs yet; this command's process only
    _hurry()
    gc.freeze()  # what is loaded by now stays; the collector need not look at it again
    gc.set_threshold(50_000, 20, 50)
    with seeded_ids(seed):
        _settle_people(world)
    _list_goods(world, seed)
    _leave_database()
    lockstep = multiprocessing.get_context("fork")
    meeting = lockstep.Barrier(HALVES)
    halves = [lockstep.Process(target=_live_half, args=(world, seed, number, meeting)) for number in range(HALVES)]
    for half in halves:
        half.start()
    for half in halves:
        half.join()
    if any(half.exitcode for half in halves):
        raise RuntimeError("A half of the demo world came to a bad end; its error stands above.")
    _hurry()
    _close_books(world, seed)


def _leave_database() -> None:
    """Before a fork: two processes must not share a connection."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def _hurry() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")  # a demo world is made again, not recovered


def _live_half(world: World, seed: int, number: int, meeting: Barrier) -> None:
    """One process: the purchases of every second buyer. Both meet after each step of a tick."""
    world.number, world.meeting = number, meeting
    world.random = Random(f"{seed}/{number}")  # noqa: S311
    world.buyers = world.buyers[number::HALVES]
    if number:
        world.say = lambda _title, _total: lambda: None
    try:
        _hurry()
        with logistics.telling_carriers_later():
            _plan_purchases(world)
            _live(world, seed)
    except BaseException:
        meeting.abort()
        raise
    finally:
        connection.close()


def _settle_people(world: World) -> None:
    tick = world.say("People and shops", world.size.sellers + 2)
    before = world.start - timedelta(days=20)
    operator_place = Place(name="Lonja", street="Plaza del Mercado 1", city="Valencia", postcode="46001", country="ES")
    world.operator = people.make_person(
        "operator@demo.lonja.example", "Olga Operator", place=operator_place, now=before, patience=1.0, is_operator=True
    )
    payments.register_bank_account(
        number="ES7921000813610123456789", holder="Lonja", currency="EUR", bic="CAIXESBBXXX", now=before,
        address={"street": "Plaza del Mercado", "building": "1", "postcode": "46001", "town": "Valencia"},
        actor=Actor.system("demo"),
    )  # fmt: skip
    made = people.make_sellers(world.random, world.size.sellers, world.operator, before)
    unhappy.keep_reserve(made[2][0], world.operator, now=before)
    world.sellers = {party.organisation_id: party for party, _categories in made}
    world.assortments = made
    tick()
    world.buyers = people.make_buyers(world.random, world.size.buyers, before)
    outbox.drain(now=before)
    tick()


def _list_goods(world: World, seed: int) -> None:
    """Two processes draw the pictures and list the goods, every second seller's each."""
    schemas = {code: marketplace.category_attributes(code) for code in marketplace.leaf_category_codes()}
    planned = people.plan_goods(world.random, world.assortments, world.size.listings, schemas)
    halves = [planned[number::HALVES] for number in range(HALVES)]
    keys = sorted({picture for _seller, _listing, picture, _appeal in planned})
    _leave_database()
    lockstep = multiprocessing.get_context("fork")
    answers = lockstep.Queue()
    children = [
        lockstep.Process(target=_list_half, args=(world, half, keys[number::HALVES], seed, number, answers))
        for number, half in enumerate(halves)
    ]
    for child in children:
        child.start()
    made = dict(answers.get(timeout=600) for _ in children)
    for child in children:
        child.join()
    world.goods = [good for number in range(HALVES) for good in made[number]]
    world.random.shuffle(world.goods)
    world.appeal = list(itertools.accumulate(good.appeal for good in world.goods))


def _list_half(
    world: World, planned: list[people.Planned], keys: list[people.PictureKey], seed: int, number: int, answers: Any
) -> None:
    _hurry()
    draw_tick = world.say("Pictures", len(keys)) if number == 0 else lambda: None
    people.draw_pictures(keys, draw_tick)
    tick = world.say("Listings with pictures", len(planned)) if number == 0 else lambda: None
    first = world.start - timedelta(days=15)
    with seeded_ids(seed + 1 + number):
        goods = people.list_goods(planned, first, days=15 + world.size.days // 2, tick=tick)
    connection.close()
    answers.put((number, goods))


def _plan_purchases(world: World) -> None:
    """Purchases over all days, more towards the end; each of one or two sellers."""
    expected_orders = 1.70
    count = round(world.size.orders / expected_orders / HALVES)
    span = (world.end - world.start).total_seconds()
    for _ in range(count):
        share = world.random.random() ** 0.8
        moment = world.start + timedelta(seconds=span * share)
        buyer = world.buyers[0] if world.random.random() < 0.02 else world.random.choice(world.buyers)
        world.at(moment, partial(_buy, world, buyer))
    for number in range(2):  # the last half hour: somebody is about to pay
        buyer = world.buyers[number % len(world.buyers)]
        world.at(world.end - timedelta(minutes=5 + number), partial(_buy, world, buyer, pays=False))


def _live(world: World, seed: int) -> None:
    ticks = int((world.end - world.start) / TICK)
    tick = world.say("Weeks of trade", ticks)
    moment = world.start
    for number in range(ticks):
        moment += TICK
        with seeded_ids(seed * 1_000_000 + number * HALVES + world.number):
            _act_until(world, moment)
        _pass_time(world, moment)
        tick()
    with seeded_ids(seed * 1_000_000 + ticks * HALVES + world.number):
        _act_until(world, world.end)


def _act_until(world: World, moment: datetime) -> None:
    while world.todo and world.todo[0][0] <= moment:
        due, _number, act = heapq.heappop(world.todo)
        act(due)


def _pass_time(world: World, now: datetime) -> None:
    """What the scheduler does, shared between the halves, and what people notice afterwards."""
    world.meeting.wait(MEETING_SECONDS)
    outbox.drain(now=now)
    world.meeting.wait(MEETING_SECONDS)
    logistics.simulate_sandbox(now=now, carrier_code=CARRIERS[world.number])
    if world.number:
        payments.run_due_work(now=now)
        marketplace.expire_unpaid(now=now)
    world.meeting.wait(MEETING_SECONDS)
    outbox.drain(now=now)
    world.meeting.wait(MEETING_SECONDS)
    arrived = []
    for order_id, state in marketplace.order_states(world.under_way).items():
        if state in {OrderState.COMPLETED, OrderState.CANCELLED, OrderState.REFUNDED}:
            world.under_way.pop(order_id, None)
        elif state is OrderState.DELIVERED and order_id not in world.seen_delivered:
            world.seen_delivered.add(order_id)
            arrived.append(order_id)
    for _order_id, order in sorted(marketplace.list_orders(arrived).items()):
        _plan_reaction(world, order, now)


# ------------------------------------------------------------------------------------------------ buying


def _single(codes: Sequence[str]) -> list[str]:
    """What goes with one carrier; a few parcels go over several at the end (routes.py)."""
    return [code for code in codes if code != "route"]


def _buy(world: World, buyer: Party, now: datetime, *, pays: bool = True) -> None:
    chosen = _chosen_goods(world, buyer)
    _browse(world, buyer, chosen, now)
    for good in chosen:
        with contextlib.suppress(NotEnoughStock):
            quantity = world.random.choice((1, 1, 1, 2, 3))
            marketplace.put_in_cart(
                organisation_id=buyer.organisation_id, listing_id=good.listing_id, quantity=quantity, now=now
            )
    options = marketplace.delivery_choices(organisation_id=buyer.organisation_id, address=buyer.address, now=now)
    if not options or not all(options.values()):
        _put_back(buyer, chosen, now)
        return
    delivery = {seller: world.random.choice(_single(codes)) for seller, codes in options.items()}
    request = PlaceRequest(key=str(new_id()), address=buyer.address, delivery=delivery)
    try:
        purchase_id = marketplace.place_purchase(request=request, actor=buyer.actor, now=now)
    except NotEnoughStock:  # somebody else was quicker
        _put_back(buyer, chosen, now)
        return
    if not pays:
        return
    if world.random.random() < 0.03:
        marketplace.pay_purchase(purchase_id=purchase_id, method_token="tok_decline", actor=buyer.actor, now=now)  # noqa: S106
        return
    world.bought += 1
    if world.bought == NEVER_SENT:
        marketplace.pay_purchase(purchase_id=purchase_id, method_token="tok_chargeback", actor=buyer.actor, now=now)  # noqa: S106
        return
    marketplace.pay_purchase(purchase_id=purchase_id, method_token="tok_approve", actor=buyer.actor, now=now)  # noqa: S106
    for order in marketplace.list_orders_of_purchase(purchase_id):
        world.under_way[order.order_id] = buyer
        _plan_shipping(world, order, buyer, now)


def _put_back(buyer: Party, chosen: list[Good], now: datetime) -> None:
    """What cannot be bought or delivered leaves the cart, or it would spoil the next purchase."""
    for good in chosen:
        marketplace.put_in_cart(organisation_id=buyer.organisation_id, listing_id=good.listing_id, quantity=0, now=now)


def _chosen_goods(world: World, buyer: Party) -> list[Good]:
    count = world.random.choices((1, 2, 3), weights=(3, 4, 2))[0]
    available = world.random.choices(world.goods, cum_weights=world.appeal, k=count + 2)
    distinct = list({good.listing_id: good for good in available}.values())
    return distinct[:count]


def _browse(world: World, buyer: Party, chosen: list[Good], now: datetime) -> None:
    """What the buyer looked at before: impressions, clicks, views, the cart."""
    others = world.random.choices(world.goods, cum_weights=world.appeal, k=10)
    query_id, visit = new_id(), f"{world.random.getrandbits(64):016x}"
    facts: dict[str, Any] = {"occurred_at": now, "anon_id": visit, "organisation_id": buyer.organisation_id}
    seen = [Signal(name=signals.SEARCHED, query_id=query_id, **facts)]
    for position, good in enumerate([*chosen, *others], start=1):
        about = {**facts, "listing_id": good.listing_id, "seller_id": good.seller.organisation_id}
        seen.append(Signal(name=signals.IMPRESSION, query_id=query_id, position=position, **about))
        is_chosen = position <= len(chosen)
        if is_chosen or world.random.random() < 0.2:
            seen.append(Signal(name=signals.CLICKED, query_id=query_id, position=position, **about))
            seen.append(Signal(name=signals.VIEWED, query_id=query_id, **about))
        if is_chosen:
            seen.append(Signal(name=signals.ADDED_TO_CART, **about))
    analytics.store_signals(signals=seen, now=now)


# ------------------------------------------------------------------------------------------------ shipping


def _plan_shipping(world: World, order: OrderView, buyer: Party, now: datetime, *, promptly: bool = False) -> None:
    seller = world.sellers[order.seller_id]
    if world.random.random() < 0.025:
        by_buyer = world.random.random() < 0.5
        who, reason = (buyer, "I changed my mind.") if by_buyer else (seller, "The last piece broke.")
        moment = now + timedelta(hours=world.random.uniform(2, 20))
        world.at(moment, lambda at: marketplace.cancel_order(
            order_id=order.order_id, reason=reason, actor=who.actor, now=at))  # fmt: skip
        return
    assert order.ship_by is not None
    window = max((order.ship_by - now) / timedelta(hours=1), 4.0)
    punctual = world.random.random() < seller.patience
    hours = window * world.random.uniform(0.3, 0.92) if punctual else window + world.random.uniform(4, 40)

    def send(at: datetime) -> None:
        if marketplace.order_states([order.order_id])[order.order_id] is not OrderState.PAID:
            return  # the buyer's bank was quicker
        marketplace.book_shipment(order_id=order.order_id, actor=seller.actor, now=at)
        marketplace.hand_over(order_id=order.order_id, actor=seller.actor, now=at)

    world.at(now + timedelta(hours=hours), send)


# ------------------------------------------------------------------------------------------------ afterwards


def _plan_reaction(world: World, order: OrderView, now: datetime) -> None:
    buyer, seller = world.under_way[order.order_id], world.sellers[order.seller_id]
    if not world.doubted and len(world.seen_delivered) >= DOUBTED and _is_alone(order):
        world.doubted = True
        payments.simulate_chargeback(order_id=order.order_id, now=now)
        return
    trouble = world.random.random() < 0.02 + (1 - seller.patience) * 0.22
    if trouble:
        world.at(
            now + timedelta(hours=world.random.uniform(2, 60)), lambda at: _dispute(world, order, buyer, seller, at)
        )
        return
    if world.random.random() < 0.72:
        moment = now + timedelta(hours=world.random.uniform(3, 90))
        world.at(moment, lambda at: marketplace.confirm_receipt(order_id=order.order_id, actor=buyer.actor, now=at))
    if world.random.random() < 0.66:
        moment = now + timedelta(hours=world.random.uniform(20, 140))
        world.at(moment, lambda at: _review(world, order, buyer, seller, at))


def _is_alone(order: OrderView) -> bool:
    """The only order of its purchase: what the bank takes back touches no other."""
    return len(marketplace.list_orders_of_purchase(order.purchase_id)) == 1


def _review(world: World, order: OrderView, buyer: Party, seller: Party, now: datetime) -> None:
    quality = seller.patience * 0.85 + world.random.uniform(-0.25, 0.35)
    rating = 5 if quality > 0.80 else 4 if quality > 0.62 else 3 if quality > 0.5 else 2 if quality > 0.42 else 1
    line = order.lines[0]
    trust.post_review(
        order_id=order.order_id, line_id=line.line_id, rating=rating, title="",
        text=world.random.choice(names.REVIEW_TEXTS[rating]), actor=buyer.actor, now=now,
    )  # fmt: skip


def _dispute(world: World, order: OrderView, buyer: Party, seller: Party, now: datetime) -> None:
    if marketplace.get_order(order.order_id).state is not OrderState.DELIVERED:
        return
    dispute = trust.open_dispute(
        order_id=order.order_id, reason=world.random.choice(DISPUTE_REASONS), wish=DisputeWish.FULL_REFUND,
        description="It is not what I ordered: see the picture of the box and the label.", actor=buyer.actor, now=now,
    )  # fmt: skip
    trust.post_message(
        dispute_id=dispute.dispute_id, text="I am sorry. We packed it with care; can you send a picture of the damage?",
        actor=seller.actor, now=now + timedelta(hours=6),
    )  # fmt: skip
    held = dispute.amount  # the order's total, less what a broken promise has given back
    refund = {0: held, 1: Money(held.minor // 2, held.currency), 2: Money.zero(held.currency)}[
        world.random.choices((0, 1, 2), weights=(4, 3, 2))[0]
    ]
    moment = now + timedelta(days=world.random.uniform(2, 6))
    assert world.operator is not None
    operator = world.operator

    def decide(at: datetime) -> None:
        reason = (
            "Pictures and the carrier's weight fit what the buyer says."
            if refund.minor
            else "The listing says so plainly."
        )
        trust.decide_dispute(
            dispute_id=dispute.dispute_id, refund=refund, seller_at_fault=refund.minor > 0, reason=reason,
            actor=operator.actor, now=at,
        )  # fmt: skip

    world.at(moment, decide)


def _add_up(now: datetime) -> None:
    """What buyers saw in weeks, by days; in a process of its own beside the last day's trade."""
    _hurry()
    analytics.roll_up(now=now)
    connection.close()


def _close_books(world: World, seed: int) -> None:
    """The rest of the last day, reputation, ranking signals, the search index."""
    tick = world.say("Reputation, ranking, search index", 4)
    now = world.end
    outbox.drain(now=now)
    _leave_database()
    adding_up = multiprocessing.get_context("fork").Process(target=_add_up, args=(now,))
    adding_up.start()
    _hurry()
    with seeded_ids(seed + 9):
        unhappy.go_wrong(world)
        aftermath.send_back(world)
        talks.negotiate(world)
        parts.divide(world)
        routes.go_far(world, seed)
        benches.lay_out(world)
        shelves.fill(world)
        collecting.arrange(world)
    outbox.drain(now=now)
    adding_up.join()
    tick()
    trust.recompute_due_scorecards(now=now, limit=10_000)
    tick()
    analytics.roll_up(now=now)  # what was seen meanwhile
    analytics.compute_listing_signals(now=now)
    outbox.drain(now=now)
    tick()
    collecting.tell(world)
    marketplace.sync_search(now=now)
    tick()
