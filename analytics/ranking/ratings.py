"""Ratings and reputation, asked from trust."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID


def list_ratings(listing_ids: Collection[UUID]) -> Mapping[UUID, tuple[int, int]]:
    """Listing id -> (average in hundredths, number of ratings)."""
    if find_spec("trust.facade") is None:
        return {}
    ratings: Mapping[UUID, tuple[int, int]] = import_module("trust.facade").listing_ratings(listing_ids)
    return ratings


def find_scorecard(seller_id: UUID) -> Any | None:
    """A seller's reputation figures; None before the first."""
    return import_module("trust.facade").scorecard(seller_id) if find_spec("trust.facade") is not None else None
