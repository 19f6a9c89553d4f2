"""Writes of the search slice: the change feed's length, the operator's synonyms, saved searches."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed, NotFound
from marketplace.catalog.models import ListingChange
from marketplace.search.models import SavedSearch, SynonymGroup

MAX_SAVED: Final = 50


def trim_change_feed(*, before: datetime, limit: int = 50_000) -> int:
    """Drop feed rows older than `before`. A node whose position is older rebuilds its index (search.node)."""
    ids = list(ListingChange.objects.filter(at__lt=before).order_by("id").values_list("id", flat=True)[:limit])
    return ListingChange.objects.filter(id__in=ids).delete()[0]


def keep_synonyms(*, group_id: int | None, words: str, is_active: bool, actor: Actor, now: datetime) -> SynonymGroup:
    """Add or change a group of synonyms. Raises NotAllowed, InvalidInput (fewer than two words)."""
    if not actor.is_operator:
        raise NotAllowed("Only the operator decides this.")
    parts = list(dict.fromkeys(part.strip() for part in words.split(",") if part.strip()))
    if len(parts) < 2:
        raise InvalidInput("A group has at least two words.", field="words", remedy="Separate them by commas.")
    with transaction.atomic():
        row = SynonymGroup(
            pk=group_id, words=", ".join(parts), is_active=is_active, author=actor.reference, updated_at=now
        )
        row.save()
        record(
            actor=actor, action="search.synonyms", subject_type="synonym_group", subject_id=row.pk, now=now,
            words=row.words, is_active=is_active,
        )  # fmt: skip
    return row


def save_search(*, name: str, address: str, actor: Actor, now: datetime) -> SavedSearch:
    """Keep a search of the actor, with alerts for new goods; the same search twice is one. Raises NotAllowed,
    InvalidInput (too many, or nothing to search for)."""
    if actor.user_id is None:
        raise NotAllowed("Log in to save a search.")
    if not address or len(address) > 600:
        raise InvalidInput("This search cannot be saved.", field="address", remedy="Search for something first.")
    with transaction.atomic():
        known = SavedSearch.objects.filter(user_id=actor.user_id, address=address).first()
        if known is not None:
            return known
        if SavedSearch.objects.filter(user_id=actor.user_id).count() >= MAX_SAVED:
            raise InvalidInput("There are enough saved searches.", field="address", remedy="Remove one first.")
        return SavedSearch.objects.create(
            user_id=actor.user_id, name=(name.strip() or address)[:120], address=address, created_at=now, alerted_at=now
        )


def set_alert(*, search_id: UUID, with_alert: bool, actor: Actor, now: datetime) -> SavedSearch:
    """Be told of new goods, or not any more; what came up in between is not told. Raises NotFound."""
    with transaction.atomic():
        row = _lock_own(search_id, actor)
        row.with_alert, row.alerted_at = with_alert, now
        row.save(update_fields=["with_alert", "alerted_at"])
    return row


def forget_search(*, search_id: UUID, actor: Actor) -> None:
    """Raises NotFound."""
    with transaction.atomic():
        _lock_own(search_id, actor).delete()


def mark_alerted(*, search_id: UUID, now: datetime) -> bool:
    """New goods up to now are told by the caller; False when another worker was first or the search is gone."""
    return bool(SavedSearch.objects.filter(id=search_id, with_alert=True, alerted_at__lt=now).update(alerted_at=now))


def _lock_own(search_id: UUID, actor: Actor) -> SavedSearch:
    if actor.user_id is None:
        raise NotFound()
    row = SavedSearch.objects.select_for_update().filter(id=search_id, user_id=actor.user_id).first()
    if row is None:
        raise NotFound()
    return row
