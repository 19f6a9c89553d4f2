"""Saved searches: reading them, and what is new for them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.http import QueryDict

from marketplace.search.forms import read_query
from marketplace.search.models import SavedSearch
from marketplace.search.rules import FILTERS, Sort
from marketplace.search.selectors import Hit, search

KEPT: Final = ("q", *FILTERS, "price_from", "price_to", "available", "business", "rated", "buying", "ship_to")
ALERT_EVERY: Final = timedelta(days=1)
MAX_TOLD: Final = 5


def saved_searches_of(user_id: UUID | None) -> list[SavedSearch]:
    """A person's saved searches, newest first (at most MAX_SAVED exist)."""
    return list(SavedSearch.objects.filter(user_id=user_id)) if user_id else []


def readable_address(address: str) -> str:
    """A search's query string with what belongs to the search itself: no page, no order."""
    data = QueryDict(address[:2_000])
    kept = QueryDict(mutable=True)
    for name in KEPT:
        values = [value for value in data.getlist(name) if value]
        if values:
            kept.setlist(name, values[:20])
    return kept.urlencode()


def due_for_alert(*, now: datetime, limit: int = 200) -> list[SavedSearch]:
    """Searches whose people were not written to for ALERT_EVERY, the longest waiting first."""
    due = SavedSearch.objects.filter(with_alert=True, alerted_at__lte=now - ALERT_EVERY, user__is_active=True)
    return list(due.select_related("user").order_by("alerted_at")[:limit])


def new_for(saved: SavedSearch, *, now: datetime) -> list[Hit]:
    """Goods that fit the search and were put on sale since the last alert; nothing that fits only in part."""
    data = QueryDict(mutable=True)
    data.update(QueryDict(saved.address))
    data["sort"] = Sort.NEWEST.value
    query, _errors = read_query(data)
    found = search(query, now=now)
    if found.relaxed == "ANY":
        return []
    return [hit for hit in found.hits if hit.published_at > saved.alerted_at][:MAX_TOLD]
