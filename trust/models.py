"""Re-exports the models of the slices so that Django finds them."""

from trust.disputes.models import Dispute, DisputeMessage, DisputeTransition, Evidence
from trust.reviews.models import Review, ReviewTransition
from trust.scorecards.models import DirtySeller, OrderFact, Scorecard
from trust.verification.models import CaseTransition, VerificationCase

__all__ = [
    "CaseTransition", "DirtySeller", "Dispute", "DisputeMessage", "DisputeTransition", "Evidence", "OrderFact",
    "Review", "ReviewTransition", "Scorecard", "VerificationCase",
]  # fmt: skip
