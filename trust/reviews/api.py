"""REST: reviews of listings, and posting and answering them."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from trust.reviews import selectors, services
from trust.reviews.serializers import AnswerSerializer, ReviewRequestSerializer, ReviewSerializer


class Reviews(ApiView):
    write_scope = "trust:write"

    @extend_schema(
        operation_id="trust_review_create", request=ReviewRequestSerializer, responses={201: ReviewSerializer},
        tags=["trust"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Review a line of a delivered order (its buyer), once."""
        shape = ReviewRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        review = services.post_review(**shape.validated_data, actor=self.actor, now=utc_now())
        return Response(ReviewSerializer(selectors.review_views([review])[0]).data, status=201)


class ReviewAnswer(ApiView):
    write_scope = "trust:write"

    @extend_schema(
        operation_id="trust_review_answer", request=AnswerSerializer, responses={201: ReviewSerializer}, tags=["trust"]
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        """The seller's one public answer."""
        shape = AnswerSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        text = shape.validated_data["text"]
        review = services.answer_review(review_id=review_id, text=text, actor=self.actor, now=utc_now())
        return Response(ReviewSerializer(selectors.review_views([review])[0]).data, status=201)


class ListingReviews(ApiView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="trust_listing_review_list", responses=ReviewSerializer(many=True), tags=["trust"])
    def get(self, request: Request, listing_id: UUID) -> Response:
        """Published reviews of a listing, newest first, paged; for everyone."""
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.published_reviews(listing_id), request, view=self) or []
        return pages.get_paginated_response(ReviewSerializer(selectors.review_views(page), many=True).data)
