"""Reads of verification cases."""

from __future__ import annotations

from uuid import UUID

from trust.contracts import CaseNotFound, CaseState
from trust.verification.models import VerificationCase


def lock_open_case(seller_id: UUID) -> VerificationCase:
    """The seller's open case, locked. Raises CaseNotFound."""
    case = VerificationCase.objects.select_for_update().filter(seller_id=seller_id, state=CaseState.OPEN).first()
    if case is None:
        raise CaseNotFound()
    return case


def count_open_cases() -> int:
    return VerificationCase.objects.filter(state=CaseState.OPEN).count()
