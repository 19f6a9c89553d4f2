"""How fast a seller's file becomes listings that search finds: sent, checked, written and indexed."""

from __future__ import annotations

import csv
import io
import threading
import time
from typing import Any
from uuid import UUID

from tests.benchmarks.catalogue import Catalogue
from tests.benchmarks.goods import NOW, write_listings, write_sellers
from tests.benchmarks.ground import Ground, enter_django, ground, tell

BAD_EVERY = 100
"""One row in a hundred has a mistake of one of these kinds."""
COLUMNS = ("category", "title", "description", "price", "stock", "weight_grams", "brand", "material", "colour")
KINDS = ("price", "category", "stock", "title")


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    """One file of 40,000 rows (--quick: 4,000). The clock starts with the upload and stops when the last listing is in
    the index; the index follows the change feed in a thread of its own process, as on a node."""
    rows = 4_000 if quick else 40_000
    with ground() as place:
        enter_django(place)
        content, mistakes = _file(seed=seed, rows=rows)
        tell(f"{rows:,} rows, {len(content) / 1e6:.1f} MB, {mistakes} mistakes")
        return _measure(place, content, rows=rows, mistakes=mistakes, seed=seed)


def _file(*, seed: int, rows: int) -> tuple[bytes, int]:
    from uuid import uuid4

    from marketplace.catalog.selectors import leaf_categories

    leaves = [
        leaf.code for leaf in leaf_categories()
        if not leaf.needs_safety and {"material", "colour"} <= {a["code"] for a in leaf.attributes}
    ]  # fmt: skip
    choices = {
        leaf.code: {a["code"]: a.get("choices") or ["plain"] for a in leaf.attributes} for leaf in leaf_categories()
    }
    goods = Catalogue(seed=seed, sellers=[uuid4()], leaves=leaves)
    buffer, mistakes = io.StringIO(), 0
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for number, row in enumerate(goods.rows(rows)):
        kinds = choices[row["category_id"]]
        cells = {
            "category": row["category_id"], "title": row["title"], "description": row["description"],
            "price": f"{row['price_minor'] / 100:.2f}", "stock": 5, "weight_grams": 400, "brand": row["brand"],
            "material": kinds["material"][number % len(kinds["material"])],
            "colour": kinds["colour"][number % len(kinds["colour"])],
        }  # fmt: skip
        if number % BAD_EVERY == 7:
            mistakes += 1
            cells[KINDS[mistakes % len(KINDS)]] = "x"
        writer.writerow([cells[name] for name in COLUMNS])
    return buffer.getvalue().encode(), mistakes


def _stock_the_market(place: Ground, sellers: list[UUID], *, seed: int, listings: int) -> None:
    """Goods of others: a market is not empty, and PostgreSQL plans the checks of references by what is there."""
    import psycopg

    from marketplace.catalog.selectors import leaf_categories

    goods = Catalogue(seed=seed + 1, sellers=sellers, leaves=[leaf.code for leaf in leaf_categories()])
    write_listings(place.running.admin_url, goods.rows(listings))
    with psycopg.connect(place.running.admin_url, dbname="lonja", autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE")


def _measure(place: Ground, content: bytes, *, rows: int, mistakes: int, seed: int) -> dict[str, Any]:
    import subprocess
    import sys

    from core.actor import Actor, ActorKind
    from marketplace.imports import services
    from marketplace.search.node import SearchNode, node

    seller_id, *others = write_sellers(place.running.admin_url, 200)
    _stock_the_market(place, others, seed=seed, listings=max(rows // 2, 5_000))
    actor = Actor(ActorKind.MEMBER, organisation_id=seller_id, label="bench")
    follower = subprocess.Popen([sys.executable, "-c", _FOLLOW], env=place.house.environment)
    here: SearchNode = node()
    try:
        _until(here.is_ready)
        before = here.searcher().num_docs
        started = time.perf_counter()
        made = services.take_file(file_name="bench.csv", content=content, actor=actor, now=NOW)
        checked = services.check_import(import_id=made.id, now=NOW)
        check_seconds = time.perf_counter() - started
        services.start_import(import_id=made.id, actor=actor, now=NOW)
        written = services.run_import(import_id=made.id, now=NOW)
        write_seconds = time.perf_counter() - started
        _until(lambda: here.searcher().num_docs >= before + written)
        total = time.perf_counter() - started
    finally:
        follower.terminate()
        follower.wait()
    assert written == rows - mistakes, (written, rows, mistakes)
    return {
        "rows_per_s": round(rows / total), "errors_found": checked.errors_total, "errors_made": mistakes,
        "checked_rows_per_s": round(rows / check_seconds), "written_rows_per_s": round(rows / (write_seconds - check_seconds)),
        "seconds": round(total, 1), "listings": written,
    }  # fmt: skip


_FOLLOW = """
import os, threading
os.environ["LONJA_DB_POOL"] = "0"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from marketplace.search.node import follow_forever
follow_forever(threading.Event())
"""
"""What a web process does beside serving: follow the feed into this node's index."""


def _until(condition: Any) -> None:
    waiting = threading.Event()
    for _ in range(6_000):
        if condition():
            return
        waiting.wait(0.05)
    raise RuntimeError("the index does not come up")
