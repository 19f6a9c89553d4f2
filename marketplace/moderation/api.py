"""REST: how the check of an own listing stands, and papers for it."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from marketplace.catalog.selectors import get_own_listing
from marketplace.moderation import services
from marketplace.moderation.selectors import asked_of, documents_of, find_last_case
from marketplace.moderation.serializers import ListingReviewSerializer, ReviewDocumentSerializer, ReviewUploadSerializer


class ListingReview(ApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:write"
    parser_classes = (MultiPartParser,)

    @extend_schema(responses=ListingReviewSerializer, operation_id="listings_review", tags=["catalog"])
    def get(self, request: Request, listing_id: UUID) -> Response:
        """The last check of an own listing: the rules that fit, what to do, the decision. 404 when it never was checked."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        case = find_last_case(listing_id)
        if case is None:
            raise NotFound("This listing was not checked.")
        rules = [{"title": title, "remedy": remedy} for title, remedy in asked_of(case)]
        shown = {name: getattr(case, name) for name in ("state", "reason", "opened_at", "decided_at")}
        return Response(ListingReviewSerializer({**shown, "rules": rules, "documents": documents_of(case)}).data)

    @extend_schema(
        request={"multipart/form-data": ReviewUploadSerializer}, responses={201: ReviewDocumentSerializer},
        operation_id="listings_review_document", tags=["catalog"],
    )  # fmt: skip
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Send a paper (PDF or picture) about a listing that is being checked."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = ReviewUploadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        sent = services.send_document(
            listing_id=listing_id, upload=shape.validated_data["file"], actor=self.actor, now=utc_now()
        )
        return Response(ReviewDocumentSerializer(sent).data, status=201)
