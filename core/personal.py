"""Marks model fields that hold personal data, so that export, erasure and log rules can find them."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Field

F = TypeVar("F", bound="Field[Any, Any]")


def personal(field: F) -> F:
    """Mark `field` as personal data (GDPR art. 4)."""
    field.is_personal = True  # type: ignore[attr-defined]
    return field
