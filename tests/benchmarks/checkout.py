"""The whole purchase through HTTP with eight clients and two web workers, escrow funded for each order; then carts of five
sellers with one client.

One purchase: two cart lines of two sellers, the delivery quotes for an address, placing, payment by the sandbox network.
An order is one seller's part; `orders_per_s` counts purchases, as other shops' checkouts do.
"""

from __future__ import annotations

import multiprocessing
import time
from typing import Any
from uuid import uuid4

from tests.benchmarks.ground import Client, Ground, enter_django, ground, milliseconds, pgbench_tps, tell

CLIENTS = 8
ADDRESS = {"name": "Ana Bench", "street": "Calle Mayor 1", "city": "Valencia", "postcode": "46003", "country": "ES"}


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    seconds = 8 if quick else 45
    with ground() as place:
        tell("Reference: pgbench tpcb-like, scale 10, 8 clients ...")
        reference = pgbench_tps(place.running, scale=10, clients=8, seconds=5 if quick else 20)
        enter_django(place)
        goods, scarce, tokens = _world()
        place.start_web()
        tell(f"Checking out for {seconds} s with {CLIENTS} clients ...")
        _clients(place, tokens, goods, seconds=3)  # warm
        _reset_statements()
        latencies, finished, failed, elapsed = _clients(place, tokens, goods, seconds=seconds)
        statements = _statements()
        tell("Carts of five sellers, one client ...")
        five, five_statements = _five_sellers(place, tokens[0], goods, turns=5 if quick else 40)
        tell("Racing for the last pieces ...")
        oversold, sold = _race(place, tokens, scarce)
        checked = _funded()
    rate = finished / elapsed
    return {
        "orders_per_s": round(rate, 2), "reference_tps": round(reference), "ratio": round(rate / reference, 5),
        "p50_ms": milliseconds(latencies, 0.5), "p95_ms": milliseconds(latencies, 0.95),
        "queries_per_order": round(statements / max(finished, 1), 1), "oversold": oversold, "race_sold": sold,
        "five_sellers_p95_ms": milliseconds(five, 0.95), "five_sellers_queries": five_statements, "failed": failed, "escrows_funded": checked, "clients": CLIENTS,
    }  # fmt: skip


def _world() -> tuple[list[list[str]], str, list[str]]:
    """Listings of several sellers, one with few pieces, and an API token for each buyer."""
    from core.clock import utc_now
    from core.identity.services import issue_token
    from tests import world

    now = utc_now()
    sellers = [world.open_seller(now, name=f"Seller {n}") for n in range(6)]
    goods = [
        [str(world.published(s, now, stock=900_000, title=f"Cup number {n}").id) for n in range(4)] for s in sellers
    ]
    scarce = str(world.published(sellers[0], now, stock=20, title="The last twenty cups").id)
    tokens = []
    for _ in range(CLIENTS):
        buyer = world.person(now)
        scopes = ["catalog:read", "orders:read", "orders:write", "payments:read", "payments:write"]
        tokens.append(issue_token(actor=buyer.actor, name="bench", scopes=scopes, now=now)[1])
    return goods, scarce, tokens


def purchase(client: Client, listings: list[str]) -> tuple[bool, float]:
    """One purchase; (paid, seconds from the first request to the last answer)."""
    started = time.perf_counter()
    for listing in listings:
        status, _body, _took = client.send("PUT", f"/api/v1/cart/lines/{listing}/", {"quantity": 1})
        if status >= 400:
            return False, time.perf_counter() - started
    status, quotes, _took = client.send("POST", "/api/v1/cart/quotes/", {"address": ADDRESS})
    if status >= 400:
        raise RuntimeError(f"quotes: {status} {quotes}")
    delivery = {group["seller_id"]: group["options"][0]["service_code"] for group in quotes["sellers"]}
    body = {"address": ADDRESS, "delivery": delivery}
    status, placed, _took = client.send("POST", "/api/v1/purchases/", body, **{"Idempotency-Key": str(uuid4())})
    if status >= 400:
        return False, time.perf_counter() - started
    path = f"/api/v1/purchases/{placed['id']}/payment/"
    status, paid, _took = client.send(
        "POST", path, {"method_token": "tok_approve"}, **{"Idempotency-Key": str(uuid4())}
    )
    if status >= 400:
        raise RuntimeError(f"payment: {status} {paid}")
    return paid["charge_state"] == "CAPTURED", time.perf_counter() - started


def _work(port: int, token: str, goods: list[list[str]], seconds: float, number: int, answers: Any) -> None:
    client = Client(port, token=token)
    latencies, failed, turn = [], 0, number
    started = time.monotonic()
    deadline = time.perf_counter() + seconds
    try:
        while time.perf_counter() < deadline:
            pair = [goods[turn % len(goods)][turn % 4], goods[(turn + 1) % len(goods)][(turn + 1) % 4]]
            turn += 1
            paid, took = purchase(client, pair)
            if paid:
                latencies.append(took)
            else:
                failed += 1
    finally:  # the parent waits for an answer even when this client broke
        answers.put((latencies, failed, started, time.monotonic()))


def _clients(
    place: Ground, tokens: list[str], goods: list[list[str]], *, seconds: float
) -> tuple[list[float], int, int, float]:
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    workers = [
        context.Process(target=_work, args=(place.port, token, goods, seconds, n, answers))
        for n, token in enumerate(tokens)
    ]
    for worker in workers:
        worker.start()
    gathered = [answers.get(timeout=seconds + 120) for _ in workers]
    for worker in workers:
        worker.join()
    latencies = [took for result, *_ in gathered for took in result]
    elapsed = max(end for *_, end in gathered) - min(start for *_, start, _ in gathered)
    return latencies, len(latencies), sum(failed for _, failed, *_ in gathered), elapsed


def _five_sellers(place: Ground, token: str, goods: list[list[str]], *, turns: int) -> tuple[list[float], float]:
    """Purchases from five sellers at once, from the first request to the money in escrow; seconds, statements each."""
    client = Client(place.port, token=token)
    purchase(client, [shelf[0] for shelf in goods[:5]])  # warm
    _reset_statements()
    took = []
    for turn in range(turns):
        paid, seconds = purchase(client, [shelf[turn % 4] for shelf in goods[:5]])
        if not paid:
            raise AssertionError("a purchase of five sellers was not paid")
        took.append(seconds)
    return took, round(_statements() / turns, 1)


def _race_work(port: int, token: str, listing: str, attempts: int, answers: Any) -> None:
    client = Client(port, token=token)
    won = 0
    try:
        for _ in range(attempts):
            paid, _took = purchase(client, [listing])
            won += paid
    finally:
        answers.put(won)


def _race(place: Ground, tokens: list[str], listing: str) -> tuple[int, int]:
    """All clients want the last twenty pieces; (pieces sold beyond them, pieces sold)."""
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    workers = [context.Process(target=_race_work, args=(place.port, token, listing, 5, answers)) for token in tokens]
    for worker in workers:
        worker.start()
    sold = sum(answers.get(timeout=180) for _ in workers)
    for worker in workers:
        worker.join()
    from marketplace.models import OrderLine, Stock

    stock = Stock.objects.get(listing_id=listing)
    lines = OrderLine.objects.filter(listing_id=listing, order__paid_at__isnull=False).count()
    return max(lines - 20, 0) + max(-stock.on_hand, 0), sold


def _reset_statements() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(calls) FROM pg_stat_statements")
        _statements.before = int(cursor.fetchone()[0] or 0)  # type: ignore[attr-defined]


def _statements() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(calls) FROM pg_stat_statements")
        return int(cursor.fetchone()[0] or 0) - _statements.before  # type: ignore[attr-defined]


def _funded() -> int:
    """Escrows that hold the money of a paid order; must be all of them."""
    from marketplace.models import Order
    from payments.models import Escrow

    paid = set(Order.objects.filter(paid_at__isnull=False).values_list("id", flat=True))
    funded = set(Escrow.objects.filter(state="FUNDED").values_list("order_id", flat=True))
    if paid != funded:
        raise AssertionError(f"{len(paid ^ funded)} orders disagree with their escrow")
    return len(funded)
