"""Pages of trust."""

from __future__ import annotations

from django.urls import path

from trust.disputes import views as disputes
from trust.reviews import views as reviews
from trust.scorecards import views as scorecards

ORDER = "orders/<uuid:order_id>/"

urlpatterns = [
    path(f"{ORDER}dispute/", disputes.order_dispute, name="order_dispute"),
    path(f"{ORDER}dispute/messages/", disputes.dispute_messages, name="dispute_messages"),
    path(f"{ORDER}dispute/evidence/", disputes.dispute_evidence, name="dispute_evidence"),
    path(f"{ORDER}dispute/evidence/<uuid:evidence_id>/", disputes.dispute_file, name="dispute_file"),
    path(f"{ORDER}dispute/withdrawal/", disputes.dispute_withdrawal, name="dispute_withdrawal"),
    path(f"{ORDER}dispute/acceptance/", disputes.dispute_acceptance, name="dispute_acceptance"),
    path(f"{ORDER}reviews/", reviews.order_reviews, name="order_reviews"),
    path("listings/<uuid:listing_id>/reviews/", reviews.listing_reviews, name="listing_reviews"),
    path("sell/disputes/", disputes.disputes, name="disputes"),
    path("sell/reviews/", reviews.seller_reviews, name="seller_reviews"),
    path("sell/reputation/", scorecards.reputation, name="reputation"),
]
