"""The search index of one node: schema, analysers, and listings as documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

import tantivy

from marketplace.catalog.models import Category, Listing
from marketplace.catalog.selectors import families_of, first_photos, list_categories, published_ids
from marketplace.catalog.states import ListingState
from marketplace.search.source import SourceRow, source_rows
from marketplace.search.texts import TextFile
from marketplace.search.tokens import listing_text
from marketplace.sellers.models import Seller

#: Raised whenever schema or analysis change: nodes rebuild indexes of another version.
INDEX_VERSION: Final = "5"

RAW_FACETS: Final = ("department", "category", "country", "condition", "seller", "attribute")
NUMBERS: Final = (
    "price_minor", "rating_hundredths", "rating_count", "units_sold_30d", "click_rate_bp", "conversion_bp",
    "promise_kept_bp", "dispute_rate_bp", "published_day", "has_photo", "available", "business",
    "min_quantity", "handling_days", "weight_grams", "place",
)  # fmt: skip


def build_schema() -> tantivy.Schema:
    """Terms made by search.text (split at spaces here), raw facets and numeric columns. `word` keeps title words as written,
    for spelling and completion; `text_at` where in the node's file of texts stands what re-ranking reads; `card` all a
    result card shows."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("title", tokenizer_name="terms")
    builder.add_text_field("everything", tokenizer_name="terms", index_option="freq")
    builder.add_text_field("word", tokenizer_name="terms", index_option="basic")
    builder.add_text_field("code", tokenizer_name="raw", index_option="basic")
    for field in RAW_FACETS:
        builder.add_text_field(field, tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_text_field("currency", tokenizer_name="raw", fast=True, index_option="basic")
    for field in NUMBERS:
        builder.add_integer_field(field, fast=True, indexed=True)
    builder.add_integer_field("text_at", fast=True)
    builder.add_text_field("card", stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def register_analysers(index: tantivy.Index) -> None:
    """Tokenizers live in the process, not in the index: every opener registers them."""
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())


def open_index(directory: Path) -> tantivy.Index:
    """Open (or create) the index in a directory. Raises ValueError when the files are not a usable index."""
    directory.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(build_schema(), path=str(directory), reuse=True)
    register_analysers(index)
    return index


class Written(NamedTuple):
    """A listing as the index stores it, and its packed text, which stands beside the index."""

    document: tantivy.Document
    text: bytes


def documents(listing_ids: Sequence[UUID], categories: dict[str, Category]) -> Iterator[tuple[UUID, Written | None]]:
    """(id, what to write) per listing and per variant of its product; None for one that must not be found. Three queries whatever
    the number. Of the variants of a product one is found, for all of them: the cheapest that is in stock."""
    families = families_of(listing_ids)
    ids = list(dict.fromkeys([*listing_ids, *families]))
    rows = source_rows(ids)
    photos = first_photos(rows)
    variants: dict[UUID, list[SourceRow]] = {}
    for listing_id, product_id in families.items():
        if listing_id in rows:
            variants.setdefault(product_id, []).append(rows[listing_id])
    for listing_id in ids:
        row = rows.get(listing_id)
        family = variants.get(families[listing_id], []) if listing_id in families else []
        if row is None or (family and row is not min(family, key=_standing_for_all)):
            yield listing_id, None
            continue
        photo = photos.get(listing_id)
        yield listing_id, document(row, categories, photo.name if photo else "", photo.alt if photo else "", family)


def _standing_for_all(row: SourceRow) -> tuple[bool, int, UUID]:
    return (row.on_hand <= row.reserved, row.price_minor, row.id)


def document(
    row: SourceRow, categories: dict[str, Category], photo: str, alt: str, variants: Sequence[SourceRow] = ()
) -> Written:
    """One listing, found by what any of its `variants` is. `card` carries all a result card shows,
    so results need no database."""
    family = variants or (row,)
    properties = sorted({pair for one in family for pair in _properties(one)}, key=str)
    category = categories[row.category_id]
    department = categories[category.parent_id] if category.parent_id else category
    values = " ".join(str(v) for _code, v in properties if not isinstance(v, bool))
    names = f"{category.name_en} {category.name_es} {department.name_en} {department.name_es}"
    numbers = " ".join(one.sku for one in family)
    codes = [code for one in family for code in (one.gtin.lstrip("0"), str(one.id)) if code]
    text = listing_text(row.title, row.description, f"{row.brand} {values} {names} {row.seller_name} {numbers}")
    identity = str(row.id)
    written = tantivy.Document(
        id=identity, title=text.title, everything=text.everything, word=text.words,
        code=codes, department=department.code, category=category.code,
        country=row.seller_country, condition=row.condition, seller=str(row.seller_id), currency=row.currency,
        attribute=[f"{code}:{value}" for code, value in properties],
        price_minor=row.price_minor, rating_hundredths=row.rating_hundredths, rating_count=row.rating_count,
        units_sold_30d=row.units_sold_30d, click_rate_bp=row.click_rate_bp, conversion_bp=row.conversion_bp,
        promise_kept_bp=-1 if row.promise_kept_bp is None else row.promise_kept_bp,
        dispute_rate_bp=-1 if row.dispute_rate_bp is None else row.dispute_rate_bp,
        published_day=row.published_at.toordinal(), has_photo=int(bool(photo)),
        available=int(row.on_hand > row.reserved), business=int(row.seller_kind == Seller.Kind.BUSINESS),
        min_quantity=row.min_quantity, handling_days=row.handling_days, weight_grams=row.weight_grams,
        place=place_of_listing(row.id),
        card=json.dumps(_card(row, photo, alt) | {"variants": len(variants)}),
    )  # fmt: skip
    return Written(written, text.packed)


def place_of_listing(listing_id: UUID) -> int:
    """A number of a listing that never changes: where it stands among others of the same value."""
    return int.from_bytes(listing_id.bytes[8:], "big") >> 2


def _properties(row: SourceRow) -> Iterator[tuple[str, Any]]:
    """(attribute, value), several where several are chosen."""
    for code, value in row.attributes.items():
        for one in value if isinstance(value, list) else [value]:
            yield code, one


def _card(row: SourceRow, photo: str, alt: str) -> dict[str, Any]:
    return {
        "id": str(row.id), "title": row.title, "price_minor": row.price_minor, "currency": row.currency,
        "prior_minor": row.prior_minor, "photo": photo, "alt": alt, "seller_id": str(row.seller_id), "seller": row.seller_name,
        "slug": row.seller_slug, "country": row.seller_country, "seller_rating": row.seller_rating_hundredths,
        "seller_rating_count": row.seller_rating_count, "rating": row.rating_hundredths,
        "rating_count": row.rating_count, "promise_kept_bp": row.promise_kept_bp, "handling_days": row.handling_days,
        "weight_grams": row.weight_grams, "category": row.category_id, "condition": row.condition,
        "available": row.on_hand > row.reserved,
        "published_at": row.published_at.isoformat(),
    }  # fmt: skip


def categories_by_code() -> dict[str, Category]:
    return {category.code: category for category in list_categories()}


def write_documents(
    writer: tantivy.IndexWriter,
    texts: TextFile,
    listing_ids: Sequence[UUID],
    categories: dict[str, Category],
    *,
    place_known: Callable[[UUID], int | None] = lambda _listing_id: None,
) -> int:
    """Replace these listings in the index; returns how many of them are findable. The caller commits.

    `place_known` tells where the text of a listing stood so far; one that has not changed stays there.
    """
    found = 0
    for listing_id, built in documents(listing_ids, categories):
        writer.delete_documents_by_term("id", str(listing_id))
        if built is not None:
            built.document.add_integer("text_at", texts.put(built.text, known=place_known(listing_id)))
            writer.add_document(built.document)
            found += 1
    texts.flush()
    return found


def count_published() -> int:
    """How many listings a full build reads."""
    return Listing.objects.filter(state=ListingState.PUBLISHED).count()


def all_published(page: int = 2_000) -> Iterable[list[UUID]]:
    """Ids of all published listings, a page at a time."""
    after: UUID | None = None
    while True:
        ids = published_ids(after=after, limit=page)
        if not ids:
            return
        yield ids
        after = ids[-1]
