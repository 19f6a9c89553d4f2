"""REST of trust, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from trust.disputes import api as disputes
from trust.reviews import api as reviews
from trust.scorecards import api as scorecards

DISPUTE = "disputes/<uuid:dispute_id>/"

urlpatterns = [
    path("disputes/", disputes.DisputeList.as_view(), name="api_disputes"),
    path(DISPUTE, disputes.DisputeDetail.as_view(), name="api_dispute"),
    path(f"{DISPUTE}messages/", disputes.DisputeMessages.as_view(), name="api_dispute_messages"),
    path(f"{DISPUTE}evidence/", disputes.DisputeEvidence.as_view(), name="api_dispute_evidence"),
    path(
        f"{DISPUTE}evidence/<uuid:evidence_id>/",
        disputes.DisputeEvidenceFile.as_view(),
        name="api_dispute_evidence_file",
    ),
    path(f"{DISPUTE}withdrawal/", disputes.DisputeWithdrawal.as_view(), name="api_dispute_withdrawal"),
    path(f"{DISPUTE}acceptance/", disputes.DisputeAcceptance.as_view(), name="api_dispute_acceptance"),
    path("reviews/", reviews.Reviews.as_view(), name="api_reviews"),
    path("reviews/<uuid:review_id>/answer/", reviews.ReviewAnswer.as_view(), name="api_review_answer"),
    path("listings/<uuid:listing_id>/reviews/", reviews.ListingReviews.as_view(), name="api_listing_reviews"),
    path("sellers/<uuid:seller_id>/scorecard/", scorecards.SellerScorecard.as_view(), name="api_scorecard"),
]
