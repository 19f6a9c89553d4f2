"""Sellers and listings in the bench's database, written by COPY: what the search benches stand on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db.models import JSONField, Model
from psycopg.types.json import Jsonb

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BENCH_CATEGORY = "bench-goods"


def copy_rows(admin_url: str, model: type[Model], rows: Iterable[dict[str, Any]]) -> int:
    """COPY rows (attribute name -> value; fields left out take their default). Triggers rest meanwhile."""
    fields = [field for field in model._meta.concrete_fields if field.db_default.__class__.__name__ == "type"]
    names = ", ".join(f'"{field.column}"' for field in fields)
    count = 0
    with psycopg.connect(admin_url, dbname="lonja") as admin:
        admin.execute("SET session_replication_role = replica")
        with admin.cursor().copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_value(field, row) for field in fields])
                count += 1
    return count


def _value(field: Any, row: dict[str, Any]) -> Any:
    value = row[field.attname] if field.attname in row else field.get_default()
    if isinstance(field, JSONField):
        return Jsonb(value)
    return value


def write_sellers(admin_url: str, count: int) -> list[UUID]:
    """Open, verified shops."""
    from core.ids import new_id
    from core.models import Organisation
    from marketplace.sellers.models import Seller, Standing

    ids = [new_id() for _ in range(count)]
    countries = ("ES", "PT", "FR", "DE", "IT", "NL", "PL", "IE")
    shops = [(i, f"Shop {n}", countries[n % len(countries)]) for n, i in enumerate(ids)]
    copy_rows(
        admin_url, Organisation, ({"id": i, "name": name, "country": c, "created_at": NOW} for i, name, c in shops)
    )
    copy_rows(admin_url, Seller, (
        {
            "organisation_id": i, "name": name, "slug": f"bench-{n}", "legal_name": name, "street": "Calle Mayor 1",
            "city": "Valencia", "postcode": "46001", "country": c, "currency": "EUR", "state": "VERIFIED",
            "created_at": NOW, "opened_at": NOW,
        }
        for n, (i, name, c) in enumerate(shops)
    ))  # fmt: skip
    copy_rows(admin_url, Standing, (
        {
            "seller_id": i, "rating_hundredths": 380 + n % 110, "rating_count": n % 900, "orders_count": n % 2000,
            "promise_kept_bp": 8500 + n % 1500, "dispute_rate_bp": n % 300,
        }
        for n, i in enumerate(ids)
    ))  # fmt: skip
    return ids


def write_listings(admin_url: str, listings: Iterable[dict[str, Any]]) -> int:
    """Published listings with stock and figures. `listings`: rows of the model, with `stock` and `signals` beside."""
    from marketplace.catalog.models import Listing, Signals, Stock

    stock: list[dict[str, Any]] = []
    figures: list[dict[str, Any]] = []

    def rows() -> Iterator[dict[str, Any]]:
        for row in listings:
            stock.append({"listing_id": row["id"], "on_hand": row.get("stock", 10)})
            figures.append({"listing_id": row["id"], **row.get("signals", {})})
            yield {
                "currency": "EUR", "weight_grams": 500, "length_mm": 200, "width_mm": 150, "height_mm": 100,
                "state": "PUBLISHED", "created_at": NOW, "updated_at": NOW, "published_at": NOW, **row,
            }  # fmt: skip

    count = copy_rows(admin_url, Listing, rows())
    copy_rows(admin_url, Stock, stock)
    copy_rows(admin_url, Signals, figures)
    return count


def write_bench_category(admin_url: str) -> None:
    """A category without attributes of its own, for goods whose kind nobody told."""
    from marketplace.catalog.models import Category

    copy_rows(admin_url, Category, [
        {"code": BENCH_CATEGORY, "name_en": "Goods", "name_es": "Bienes", "google_path": "Goods", "position": 999}
    ])  # fmt: skip


def lines_of(path: Any) -> Iterator[dict[str, Any]]:
    import gzip

    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
