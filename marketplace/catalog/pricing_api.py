"""REST: how an own listing is sold, and its reduction."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from marketplace.catalog import pricing
from marketplace.catalog.selectors import find_reduction, get_own_listing
from marketplace.catalog.serializers import (
    OwnListingSerializer,
    ReductionInputSerializer,
    ReductionSerializer,
    TermsSerializer,
)


class ListingTerms(ApiView):
    write_scope = "catalog:write"

    @extend_schema(
        request=TermsSerializer, responses=OwnListingSerializer, operation_id="listings_terms", tags=["catalog"]
    )
    def put(self, request: Request, listing_id: UUID) -> Response:
        """Minimum quantity, pack size, unit, and prices by quantity of an own listing."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = TermsSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        pricing.set_terms(listing_id=listing_id, terms=shape.terms(), actor=self.actor, now=utc_now())
        listing = get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        return Response(OwnListingSerializer(listing).data)


class ListingReduction(ApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:write"

    @extend_schema(responses=ReductionSerializer, operation_id="listings_reduction_retrieve", tags=["catalog"])
    def get(self, request: Request, listing_id: UUID) -> Response:
        """The reduction that runs; 404 without one."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        reduction = find_reduction(listing_id)
        if reduction is None:
            raise NotFound("No reduction runs.")
        return Response(ReductionSerializer(reduction).data)

    @extend_schema(
        request=ReductionInputSerializer, responses=ReductionSerializer, operation_id="listings_reduction_start",
        tags=["catalog"],
    )  # fmt: skip
    def put(self, request: Request, listing_id: UUID) -> Response:
        """Announce a reduced price, or lower it further; refused unless it is below the lowest price of the last 30 days."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = ReductionInputSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reduction = pricing.start_reduction(
            listing_id=listing_id, actor=self.actor, now=utc_now(), **shape.validated_data
        )
        return Response(ReductionSerializer(reduction).data)

    @extend_schema(responses={204: None}, operation_id="listings_reduction_end", tags=["catalog"])
    def delete(self, request: Request, listing_id: UUID) -> Response:
        """End it: the price of before is back."""
        pricing.end_reduction(listing_id=listing_id, actor=self.actor, now=utc_now())
        return Response(status=204)
