"""How good the first ten results are, judged by people: NDCG@10 of the search service that the pages use.

Two sets of products become listings (a shop, a category without attributes; title, description, brand, GTIN, attributes
as they are), each in an index of its own. The shipped configuration answers all queries; judgments are read afterwards. The
reference is plain BM25 over all fields on the same terms.
"""

from __future__ import annotations

import csv
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.benchmarks.goods import NOW
from tests.benchmarks.ground import Ground, enter_django, ground, milliseconds, tell
from tests.benchmarks.training import DEPTH, Example, dcg, example_of, unseen_ndcg

SETS = ("icecat", "general")


def run(*, seed: int, quick: bool, data: str) -> dict[str, Any]:
    """`data`: a folder with NAME_products.jsonl.gz and NAME_judgments.csv. --quick asks every third query and trains nothing.

    `..._ndcg10` is the shipped model, which was trained on these queries; `..._unseen_ndcg10` is what to expect of others:
    each query ranked by a model trained, with the same features and settings, without it.
    """
    figures: dict[str, Any] = {}
    with ground() as place:
        enter_django(place)
        examples: list[Example] = []
        for name, node, judged in _sets(place, Path(data)):
            asked = dict(list(judged.items())[:: 3 if quick else 1])
            figures |= _measure(name, asked, node)
            made = [] if quick else [example_of(name, query, gains, node) for query, gains in asked.items()]
            examples += [example for example in made if example is not None]
        unseen = unseen_ndcg(examples, seed=seed) if examples else {}
        figures |= {f"{name}_unseen_ndcg10": unseen.get(name) for name in SETS}
    return figures


def gather(place: Ground, data: Path) -> list[Example]:
    """Examples of all sets, for training."""
    examples = []
    for name, node, judged in _sets(place, data):
        made = [example_of(name, query, gains, node) for query, gains in judged.items()]
        examples += [example for example in made if example is not None]
    return examples


def _sets(place: Ground, data: Path) -> Iterator[tuple[str, Any, dict[str, dict[UUID, float]]]]:
    """(name, a node with its listings, judgments) of each set; one after the other, each alone in the database."""
    from marketplace.search.node import SearchNode
    from tests.benchmarks import goods

    goods.write_bench_category(place.running.admin_url)
    (seller_id,) = goods.write_sellers(place.running.admin_url, 1)
    for name in SETS:
        listings = _load(place, data, name, seller_id)
        with tempfile.TemporaryDirectory() as folder:
            node = SearchNode(Path(folder) / "index")
            assert node.become_writer()
            node.rebuild(now=NOW)
            yield name, node, _judgments(data / f"{name}_judgments.csv", listings)
            node.release_writer()
        _clear(place)


def _load(place: Ground, data: Path, name: str, seller_id: UUID) -> dict[str, UUID]:
    """Write a set's products as listings; document id -> listing id."""
    from core.ids import new_id
    from tests.benchmarks import goods

    ids: dict[str, UUID] = {}

    def rows() -> Iterator[dict[str, Any]]:
        for product in goods.lines_of(data / f"{name}_products.jsonl.gz"):
            ids[product["doc_id"]] = listing_id = new_id()
            title, description = product["title"].strip(), product.get("description") or ""
            yield {
                "id": listing_id, "seller_id": seller_id, "category_id": goods.BENCH_CATEGORY, "title": title[:140],
                "description": f"{title[140:]} {description}".strip()[:8000], "brand": (product.get("brand") or "")[:80],
                "gtin": (product.get("gtin") or "")[:14], "attributes": product.get("attributes") or {},
                "price_minor": product.get("price_minor") or 1000,
            }  # fmt: skip

    count = goods.write_listings(place.running.admin_url, rows())
    tell(f"{name}: {count:,} listings")
    return ids


def _clear(place: Ground) -> None:
    import psycopg

    with psycopg.connect(place.running.admin_url, dbname="lonja") as admin:
        admin.execute("SET session_replication_role = replica")
        for table in ("signals", "stock", "listing"):
            admin.execute(f"DELETE FROM marketplace_{table}")


def _judgments(path: Path, listings: dict[str, UUID]) -> dict[str, dict[UUID, float]]:
    """Query -> listing -> gain; queries without any gain are left out."""
    judged: dict[str, dict[UUID, float]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            judged[row["query"]][listings[row["doc_id"]]] = float(row["gain"])
    return {query: gains for query, gains in judged.items() if max(gains.values()) > 0}


def _measure(name: str, judged: dict[str, dict[UUID, float]], node: Any) -> dict[str, Any]:
    import time

    from marketplace.search.rules import SearchQuery
    from marketplace.search.selectors import search

    scores, plain, times = [], [], []
    search(SearchQuery(text="warm up"), now=NOW, at=node)
    for query, gains in judged.items():
        started = time.perf_counter()
        found = [hit.listing_id for hit in search(SearchQuery(text=query), now=NOW, at=node).hits]
        times.append(time.perf_counter() - started)
        ideal = dcg(sorted(gains.values(), reverse=True))
        scores.append(dcg([gains.get(i, 0.0) for i in found]) / ideal)
        plain.append(dcg([gains.get(i, 0.0) for i in _bm25(node, query)]) / ideal)
    worst = sorted(zip(scores, judged, strict=True))[:12]
    tell(f"{name}: lowest " + ", ".join(f"{query} {score:.2f}" for score, query in worst))
    return {
        f"{name}_ndcg10": round(sum(scores) / len(scores), 4), f"{name}_bm25_ndcg10": round(sum(plain) / len(plain), 4),
        f"{name}_queries": len(scores), f"{name}_zero": sum(score == 0 for score in scores),
        f"{name}_p95_ms": milliseconds(times, 0.95),
    }  # fmt: skip


def _bm25(node: Any, query: str) -> list[UUID]:
    """The reference: BM25 over all fields together, English stems, any of the words."""
    import tantivy

    from marketplace.search.text import split_words, term_of

    terms = [
        tantivy.Query.term_query(node.index.schema, "everything", term_of(word, "en"), index_option="freq")
        for word in split_words(query)
    ]
    asked = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
    searcher = node.searcher()
    return [UUID(searcher.doc(address).get_first("id")) for _, address in searcher.search(asked, limit=DEPTH).hits]
