"""The search index of one node: schema, analysers, and listings as documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import tantivy

from marketplace.catalog.models import Category, Listing
from marketplace.catalog.selectors import first_photos, list_categories, listings_by_id, published_ids

#: Raised whenever schema or analysis change: nodes rebuild indexes of another version.
INDEX_VERSION: Final = "1"

RAW_FACETS: Final = ("department", "category", "country", "condition", "seller", "attribute")
NUMBERS: Final = (
    "price_minor", "rating_hundredths", "rating_count", "units_sold_30d", "click_rate_bp", "conversion_bp",
    "promise_kept_bp", "dispute_rate_bp", "published_day", "has_photo", "available", "verified",
)  # fmt: skip

STEMMERS: Final = {"en": "english", "es": "spanish"}


def build_schema() -> tantivy.Schema:
    """Text in three analyses (folded, English, Spanish), raw facets and numeric columns."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for field in ("title", "body"):
        builder.add_text_field(field, tokenizer_name="folded")
        for language in STEMMERS:
            builder.add_text_field(f"{field}_{language}", tokenizer_name=f"stem_{language}")
    builder.add_text_field("code", tokenizer_name="raw")
    for field in RAW_FACETS:
        builder.add_text_field(field, tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("currency", tokenizer_name="raw", fast=True, index_option="basic")
    for field in NUMBERS:
        builder.add_integer_field(field, fast=True, indexed=True)
    builder.add_text_field("card", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def register_analysers(index: tantivy.Index) -> None:
    """Tokenizers live in the process, not in the index: every opener registers them."""
    folded = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(60)).filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold()).build()
    )  # fmt: skip
    index.register_tokenizer("folded", folded)
    for language, stemmer in STEMMERS.items():
        analyser = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
            .filter(tantivy.Filter.remove_long(60)).filter(tantivy.Filter.lowercase())
            .filter(tantivy.Filter.stemmer(stemmer)).filter(tantivy.Filter.ascii_fold()).build()
        )  # fmt: skip
        index.register_tokenizer(f"stem_{language}", analyser)


def open_index(directory: Path) -> tantivy.Index:
    """Open (or create) the index in a directory. Raises ValueError when the files are not a usable index."""
    directory.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(build_schema(), path=str(directory), reuse=True)
    register_analysers(index)
    return index


def documents(
    listing_ids: Sequence[UUID], categories: dict[str, Category]
) -> Iterator[tuple[UUID, tantivy.Document | None]]:
    """(id, document) per listing; None for one that must not be found. Three queries whatever the number."""
    listings = listings_by_id(listing_ids)
    photos = first_photos(listings)
    for listing_id in dict.fromkeys(listing_ids):
        listing = listings.get(listing_id)
        if listing is None or not listing.is_published or not listing.seller.is_open:
            yield listing_id, None
            continue
        photo = photos.get(listing_id)
        yield listing_id, document(listing, categories, photo.name if photo else "", photo.alt if photo else "")


def document(listing: Listing, categories: dict[str, Category], photo: str, alt: str) -> tantivy.Document:
    """One listing as the index stores it. `card` carries all a result card shows, so results need no database."""
    category = categories[listing.category_id]
    department = categories[category.parent_id] if category.parent_id else category
    standing, signals = listing.seller.standing, listing.signals
    values = " ".join(str(v) for v in listing.attributes.values())
    names = f"{category.name_en} {category.name_es} {department.name_en} {department.name_es}"
    body = f"{listing.description} {listing.brand} {values} {names} {listing.seller.name}"
    published = listing.published_at or listing.created_at
    fields: dict[str, Any] = {
        "id": str(listing.id), "title": listing.title, "title_en": listing.title, "title_es": listing.title,
        "body": body, "body_en": body, "body_es": body,
        "code": [c for c in (listing.gtin, str(listing.id)) if c],
        "department": department.code, "category": category.code, "country": listing.seller.country,
        "condition": listing.condition, "seller": str(listing.seller_id), "currency": listing.currency,
        "attribute": [f"{code}:{value}" for code, value in sorted(listing.attributes.items())],
        "price_minor": listing.price_minor, "rating_hundredths": signals.rating_hundredths,
        "rating_count": signals.rating_count, "units_sold_30d": signals.units_sold_30d,
        "click_rate_bp": signals.click_rate_bp, "conversion_bp": signals.conversion_bp,
        "promise_kept_bp": -1 if standing.promise_kept_bp is None else standing.promise_kept_bp,
        "dispute_rate_bp": -1 if standing.dispute_rate_bp is None else standing.dispute_rate_bp,
        "published_day": published.toordinal(), "has_photo": int(bool(photo)),
        "available": int(listing.stock.available > 0), "verified": int(listing.seller.state == "VERIFIED"),
        "card": json.dumps(_card(listing, photo, alt)),
    }  # fmt: skip
    return tantivy.Document(**fields)


def _card(listing: Listing, photo: str, alt: str) -> dict[str, Any]:
    standing = listing.seller.standing
    return {
        "id": str(listing.id), "title": listing.title, "price_minor": listing.price_minor,
        "currency": listing.currency, "photo": photo, "alt": alt, "seller_id": str(listing.seller_id),
        "seller": listing.seller.name, "slug": listing.seller.slug, "country": listing.seller.country,
        "seller_rating": standing.rating_hundredths, "seller_rating_count": standing.rating_count,
        "rating": listing.signals.rating_hundredths, "rating_count": listing.signals.rating_count,
        "promise_kept_bp": standing.promise_kept_bp, "handling_days": listing.handling_days,
        "weight_grams": listing.weight_grams, "category": listing.category_id, "condition": listing.condition,
        "available": listing.stock.available > 0,
    }  # fmt: skip


def categories_by_code() -> dict[str, Category]:
    return {category.code: category for category in list_categories()}


def write_documents(writer: tantivy.IndexWriter, listing_ids: Sequence[UUID], categories: dict[str, Category]) -> int:
    """Replace these listings in the index; returns how many are findable. The caller commits."""
    found = 0
    for listing_id, built in documents(listing_ids, categories):
        writer.delete_documents_by_term("id", str(listing_id))
        if built is not None:
            writer.add_document(built)
            found += 1
    return found


def all_published(page: int = 400) -> Iterable[list[UUID]]:
    """Ids of all published listings, a page at a time."""
    after: UUID | None = None
    while True:
        ids = published_ids(after=after, limit=page)
        if not ids:
            return
        yield ids
        after = ids[-1]
