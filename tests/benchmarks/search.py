"""How fast search answers: retrieval, facets, re-ranking and cards, warm, at two sizes; over HTTP; and how soon a change
is found. The reference is PostgreSQL full-text search with the same facets on the same goods in the same run.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tests.benchmarks.catalogue import Catalogue
from tests.benchmarks.goods import NOW, write_listings, write_sellers
from tests.benchmarks.ground import Client, Ground, enter_django, ground, milliseconds, percentile, tell

SELLERS = 10_000
CLIENTS = 8
CHANGES_PER_SECOND = 50
PROBE_EVERY = 10
"""Every tenth change is looked for until it is found."""


def run(*, seed: int, quick: bool, size: int = 1_000_000) -> dict[str, Any]:
    """At a tenth of `size` and at `size` listings; --quick at 4,000 and 20,000 under the same keys."""
    small, large = (4_000, 20_000) if quick else (size // 10, size)
    asked, referred, seconds = (100, 20, 4) if quick else (600, 40, 30)
    with ground() as place:
        enter_django(place)
        goods = _goods(place, seed=seed, sellers=SELLERS // 20 if quick else SELLERS)
        queries = goods.queries(asked)
        figures: dict[str, Any] = {"listings_small": small, "listings_large": large}
        _grow(place, goods, small)
        small_times, _node = _measure(place, queries)
        _grow(place, goods, large - small)
        large_times, built = _measure(place, queries)
        figures |= _verdict(small_times, large_times) | built
        figures |= _reference(place, queries[:referred])
        figures["speedup"] = round(figures["pg_fts_p95_ms_1m"] / figures["p95_ms_1m"], 1)
        place.start_web()
        figures |= _over_http(place, queries, seconds=seconds)
        figures |= _freshness(place, seconds=seconds)
        figures["rss_mb"] = _rss_mb(place)
    return figures


def _goods(place: Ground, *, seed: int, sellers: int) -> Catalogue:
    from marketplace.catalog.selectors import leaf_categories

    ids = write_sellers(place.running.admin_url, sellers)
    return Catalogue(seed=seed, sellers=ids, leaves=[category.code for category in leaf_categories()])


def _grow(place: Ground, goods: Catalogue, count: int) -> None:
    started = time.perf_counter()
    write_listings(place.running.admin_url, goods.rows(count))
    with psycopg.connect(place.running.admin_url, dbname="lonja", autocommit=True) as admin:
        admin.execute("ANALYZE")
    tell(f"{count:,} listings written in {time.perf_counter() - started:.0f} s")


def _measure(place: Ground, queries: list[str]) -> tuple[list[float], dict[str, Any]]:
    """Build this node's index anew, then seconds of each search: the whole service, warm."""
    from marketplace.search.node import node
    from marketplace.search.rules import SearchQuery
    from marketplace.search.selectors import search

    here = node()
    assert here.become_writer()
    started = time.perf_counter()
    count = here.rebuild(now=NOW)
    took = time.perf_counter() - started
    here.release_writer()  # waits for merges
    size = sum(file.stat().st_size for file in here.files.iterdir()) / 1e6
    tell(f"{count:,} listings indexed in {took:.0f} s, {size:.0f} MB")
    here.index.reload()
    for query in queries[: len(queries) // 3]:
        search(SearchQuery(text=query), now=NOW, at=here)
    times = []
    for query in queries:
        started = time.perf_counter()
        found = search(SearchQuery(text=query), now=NOW, at=here)
        times.append(time.perf_counter() - started)
        assert found.total >= len(found.hits)
    built = {"index_mb": round(size), "indexed_per_s": round(count / took), "segments": here.searcher().num_segments}
    tell(f"  p50 {milliseconds(times, 0.5)} ms, p95 {milliseconds(times, 0.95)} ms, {built['segments']} segments")
    return times, built


def _verdict(small: list[float], large: list[float]) -> dict[str, Any]:
    return {
        "p50_ms_100k": milliseconds(small, 0.5), "p95_ms_100k": milliseconds(small, 0.95),
        "p50_ms_1m": milliseconds(large, 0.5), "p95_ms_1m": milliseconds(large, 0.95),
        "growth": round(percentile(large, 0.95) / percentile(small, 0.95), 2),
    }  # fmt: skip


FTS = """
    CREATE TABLE bench_fts AS
    SELECT l.id, l.title, l.price_minor, l.category_id, l.condition, s.country, l.attributes->>'material' AS material,
           setweight(to_tsvector('english', l.title), 'A')
           || to_tsvector('english', l.description || ' ' || l.brand) AS words
    FROM marketplace_listing l JOIN marketplace_seller s ON s.organisation_id = l.seller_id
"""
FOUND = """
    WITH found AS MATERIALIZED (
        SELECT * FROM bench_fts WHERE words @@ plainto_tsquery('english', %(q)s))
    SELECT 'hit', id::text, 0::bigint, ts_rank(words, plainto_tsquery('english', %(q)s)) AS rank FROM found
    ORDER BY rank DESC LIMIT 24
"""
FACETS = """
    WITH found AS MATERIALIZED (
        SELECT * FROM bench_fts WHERE words @@ plainto_tsquery('english', %(q)s))
    SELECT 'category', category_id, count(*) FROM found GROUP BY category_id
    UNION ALL SELECT 'country', country, count(*) FROM found GROUP BY country
    UNION ALL SELECT 'condition', condition, count(*) FROM found GROUP BY condition
    UNION ALL SELECT 'material', material, count(*) FROM found GROUP BY material
"""


def _reference(place: Ground, queries: list[str]) -> dict[str, Any]:
    """PostgreSQL full-text search: the best 24 by ts_rank and four facets, with a GIN index, statistics and warm caches."""
    with psycopg.connect(place.running.admin_url, dbname="lonja", autocommit=True) as admin:
        admin.execute("SET maintenance_work_mem = '512MB'")
        admin.execute(FTS)
        admin.execute("CREATE INDEX ON bench_fts USING gin (words)")
        admin.execute("VACUUM ANALYZE bench_fts")
        admin.execute("SET work_mem = '256MB'")
        times = []
        for number, query in enumerate([*queries[:5], *queries]):
            started = time.perf_counter()
            admin.execute(FOUND, {"q": query}).fetchall()
            admin.execute(FACETS, {"q": query}).fetchall()
            if number >= 5:
                times.append(time.perf_counter() - started)
        admin.execute("DROP TABLE bench_fts")
    tell(f"PostgreSQL full-text search: p50 {milliseconds(times, 0.5)} ms, p95 {milliseconds(times, 0.95)} ms")
    return {"pg_fts_p50_ms_1m": milliseconds(times, 0.5), "pg_fts_p95_ms_1m": milliseconds(times, 0.95)}


def _address(query: str) -> str:
    from urllib.parse import urlencode

    return "/api/v1/search/?" + urlencode({"q": query})


def _over_http(place: Ground, queries: list[str], *, seconds: int) -> dict[str, Any]:
    """The API by one client, then by eight at once."""
    _wait_ready(place)
    client = Client(place.port)
    times = []
    for number, query in enumerate([*queries[:60], *queries[: min(len(queries), 300)]]):
        status, _body, took = client.send("GET", _address(query))
        assert status == 200, status
        if number >= 60:
            times.append(took)
    end = time.perf_counter() + seconds
    counts = [0] * CLIENTS

    def ask(number: int) -> None:
        mine = Client(place.port)
        while time.perf_counter() < end:
            status, _body, _took = mine.send(
                "GET", _address(queries[(counts[number] * CLIENTS + number) % len(queries)])
            )
            assert status == 200, status
            counts[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "http_p50_ms_1m": milliseconds(times, 0.5), "http_p95_ms_1m": milliseconds(times, 0.95),
        "http_requests_per_s_8": round(sum(counts) / seconds, 1),
    }  # fmt: skip


def _wait_ready(place: Ground) -> None:
    client = Client(place.port)
    for _ in range(600):
        status, _body, _took = client.send("GET", "/readyz")
        if status == 200:
            return
        time.sleep(0.1)
    raise RuntimeError("the web server does not become ready")


def _freshness(place: Ground, *, seconds: int) -> dict[str, Any]:
    """Fifty listings a second get a new title; every tenth is searched for by its new word until it is found."""
    with psycopg.connect(place.running.admin_url, dbname="lonja", autocommit=True) as admin:
        ids: list[UUID] = [
            row[0]
            for row in admin.execute("SELECT id FROM marketplace_listing LIMIT %s", [seconds * CHANGES_PER_SECOND])
        ]
        delays: list[float] = []
        probes = []
        started = time.perf_counter()
        for number, listing_id in enumerate(ids):
            word = f"fresh{number}x"
            admin.execute("UPDATE marketplace_listing SET title = %s WHERE id = %s", [f"Renamed {word}", listing_id])
            if number % PROBE_EVERY == 0:
                probe = threading.Thread(target=_look_for, args=(place.port, word, time.perf_counter(), delays))
                probe.start()
                probes.append(probe)
            time.sleep(max(0.0, started + (number + 1) / CHANGES_PER_SECOND - time.perf_counter()))
        for probe in probes:
            probe.join()
    assert len(delays) == len(probes), "a change was not found within ten seconds"
    return {"freshness_p50_s": round(percentile(delays, 0.5), 2), "freshness_p95_s": round(percentile(delays, 0.95), 2)}


def _look_for(port: int, word: str, since: float, delays: list[float]) -> None:
    client = Client(port)
    while time.perf_counter() < since + 10:
        _status, body, _took = client.send("GET", _address(word))
        if body["total"] and not body["relaxed"]:
            delays.append(time.perf_counter() - since)
            return
        time.sleep(0.1)


def _rss_mb(place: Ground) -> int:
    """The largest web worker's resident memory; the index's files are mapped, what of them is in use counts too."""
    web = next(process for name, process in place.house.children if name == "web")
    family = {web.pid, *_children(web.pid)}
    return round(max(_resident_kb(pid) for pid in family) / 1000)


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
        except OSError:
            continue  # it has ended meanwhile
    return found


def _resident_kb(pid: int) -> int:
    lines = (Path("/proc") / str(pid) / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
