"""Celery tasks of trust: scorecards that are due, letters to the parties."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from core.clock import utc_now
from trust.contracts import DisputeParty
from trust.disputes import letters as dispute_letters
from trust.scorecards import services as scorecards
from trust.verification import letters as verification_letters


@shared_task
def recompute_scorecards_task() -> int:
    return scorecards.recompute_due(now=utc_now())


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def dispute_letter_task(dispute_id: str, occasion: str, written_by: str) -> None:
    """Tell everyone but the one who acted."""
    dispute_letters.send_letters(
        dispute_id=UUID(dispute_id), occasion=dispute_letters.Occasion(occasion), written_by=DisputeParty(written_by)
    )


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def verification_letter_task(seller_id: str, approved: bool, reason: str) -> None:
    verification_letters.send_letters(seller_id=UUID(seller_id), approved=approved, reason=reason)
