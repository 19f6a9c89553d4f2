"""Writes of the search slice: keeping the change feed short."""

from __future__ import annotations

from datetime import datetime

from marketplace.catalog.models import ListingChange


def trim_change_feed(*, before: datetime, limit: int = 50_000) -> int:
    """Drop feed rows older than `before`. A node whose position is older rebuilds its index (search.node)."""
    ids = list(ListingChange.objects.filter(at__lt=before).order_by("id").values_list("id", flat=True)[:limit])
    return ListingChange.objects.filter(id__in=ids).delete()[0]
