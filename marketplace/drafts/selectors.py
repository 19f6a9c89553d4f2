"""Reads of drafts."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
from marketplace.drafts.models import ListingDraft


def get_own_draft(*, draft_id: UUID, seller_id: UUID | None) -> ListingDraft:
    """With its category and seller. Raises NotFound for others."""
    draft = None
    if seller_id is not None:
        found = ListingDraft.objects.select_related("category__parent", "seller")
        draft = found.filter(id=draft_id, seller_id=seller_id).first()
    if draft is None:
        raise NotFound("There is no such draft.")
    return draft


def lock_own_draft(*, draft_id: UUID, seller_id: UUID | None) -> ListingDraft:
    """The same, locked."""
    draft = None
    if seller_id is not None:
        draft = ListingDraft.objects.select_for_update().filter(id=draft_id, seller_id=seller_id).first()
    if draft is None:
        raise NotFound("There is no such draft.")
    return draft


def drafts_of(seller_id: UUID) -> QuerySet[ListingDraft]:
    """The newest first; page it."""
    return ListingDraft.objects.select_related("category").filter(seller_id=seller_id).order_by("-updated_at", "-id")
