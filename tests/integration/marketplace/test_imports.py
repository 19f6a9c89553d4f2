"""Many listings at once: all of them or none."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput, NotAllowed
from marketplace.catalog.imports import MAX_ROWS, import_listings
from marketplace.contracts import ImportRow, SellerNotVerified, StoredPhoto
from marketplace.models import Listing, ListingPhoto, ListingRevision, Stock
from marketplace.sellers import services as sellers
from tests import world

pytestmark = pytest.mark.django_db


def _rows(count, **changes):
    photo = StoredPhoto("demo/cup", 800, 600, "A cup")
    return [ImportRow(world.listing_input(title=f"Cup number {n}", stock=n, **changes), (photo,)) for n in range(count)]


def test_an_imported_listing_is_like_one_typed_by_hand(now):
    seller = world.open_seller(now)
    typed = world.published(seller, now, title="Cup number 1", stock=1)
    ids = import_listings(rows=_rows(3), actor=seller.actor, now=now)
    imported = Listing.objects.get(id=ids[1])
    for field in ("title", "description", "price_minor", "currency", "state", "attributes", "version", "published_at"):
        assert getattr(imported, field) == getattr(typed, field), field
    assert Stock.objects.get(listing=imported).on_hand == 1
    assert imported.signals.rating_count == 0
    assert [photo.name for photo in ListingPhoto.objects.filter(listing=imported)] == ["demo/cup"]
    assert ListingRevision.objects.filter(listing=imported).count() == 1


def test_statements_do_not_grow_with_rows(now):
    seller = world.open_seller(now)
    import_listings(rows=_rows(1), actor=seller.actor, now=now)
    with CaptureQueriesContext(connection) as few:
        import_listings(rows=_rows(2), actor=seller.actor, now=now)
    with CaptureQueriesContext(connection) as many:
        import_listings(rows=_rows(40), actor=seller.actor, now=now)
    assert len(many) == len(few)


def test_a_bad_row_is_named_and_nothing_is_written(now):
    seller = world.open_seller(now)
    rows = _rows(3)
    rows[2] = ImportRow(world.listing_input(stock=-1))
    with pytest.raises(InvalidInput) as refused:
        import_listings(rows=rows, actor=seller.actor, now=now)
    assert refused.value.field == "rows[2].stock"
    with pytest.raises(InvalidInput):
        import_listings(rows=_rows(MAX_ROWS + 1), actor=seller.actor, now=now)
    assert not Listing.objects.filter(seller_id=seller.organisation_id).exists()


def test_only_an_open_shop_imports(now):
    with pytest.raises(NotAllowed):
        import_listings(rows=_rows(1), actor=world.person(now, is_operator=True).actor, now=now)
    closed = world.person(now)
    sellers.save_profile(profile=world.profile("Not yet open"), actor=closed.actor, now=now)
    with pytest.raises(SellerNotVerified):
        import_listings(rows=_rows(1), actor=closed.actor, now=now)
