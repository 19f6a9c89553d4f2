"""REST: one change to many own listings, tried or done; plans and versions of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from marketplace.catalog.bulk import BulkAction, BulkChange, change_listings
from marketplace.catalog.bulk_serializers import (
    BulkChangeSerializer,
    BulkRowSerializer,
    PublicationPlanSerializer,
    VersionSerializer,
)
from marketplace.catalog.copies import duplicate_listing
from marketplace.catalog.models import ListingRevision
from marketplace.catalog.scheduling import cancel_publication, schedule_publication
from marketplace.catalog.selectors import get_own_listing, revisions_of
from marketplace.catalog.serializers import OwnListingSerializer
from marketplace.catalog.versions import restore_version


class ListingChanges(ApiView):
    write_scope = "catalog:write"

    @extend_schema(
        request=BulkChangeSerializer, responses=BulkRowSerializer(many=True), operation_id="listings_change",
        tags=["catalog"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Try a change on own listings, or make it (`is_trial` false); the outcome of each. Prices in minor units."""
        shape = BulkChangeSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        values = dict(shape.validated_data)
        ids, is_trial = values.pop("listing_ids"), values.pop("is_trial")
        change = BulkChange(action=BulkAction(values.pop("bulk_action")), **values)
        rows = change_listings(listing_ids=ids, change=change, is_trial=is_trial, actor=self.actor, now=utc_now())
        return Response(BulkRowSerializer(rows, many=True).data)


class ListingSchedule(ApiView):
    write_scope = "catalog:write"

    @extend_schema(
        request=PublicationPlanSerializer,
        responses=PublicationPlanSerializer,
        operation_id="listings_schedule",
        tags=["catalog"],
    )
    def put(self, request: Request, listing_id: UUID) -> Response:
        """Have it go on sale by itself."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = PublicationPlanSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        at = shape.validated_data["publish_at"]
        row = schedule_publication(listing_id=listing_id, at=at, actor=self.actor, now=utc_now())
        return Response(PublicationPlanSerializer(row).data)

    @extend_schema(responses={204: None}, operation_id="listings_schedule_cancel", tags=["catalog"])
    def delete(self, request: Request, listing_id: UUID) -> Response:
        """Do not put it on sale by itself."""
        cancel_publication(listing_id=listing_id, actor=self.actor, now=utc_now())
        return Response(status=204)


class ListingVersions(ApiView, ListAPIView[ListingRevision]):
    read_scope = "catalog:read"
    serializer_class = VersionSerializer
    pagination_class = CursorPagination

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return ListingRevision.objects.none()
        get_own_listing(listing_id=self.kwargs["listing_id"], seller_id=self.actor.organisation_id)
        return revisions_of(self.kwargs["listing_id"])

    @extend_schema(operation_id="listings_versions", tags=["catalog"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What changed in an own listing, newest first."""
        return self.list(request, *args, **kwargs)


class VersionRestoration(ApiView):
    write_scope = "catalog:write"

    @extend_schema(
        request=None, responses=OwnListingSerializer, operation_id="listings_version_restoration", tags=["catalog"]
    )
    def post(self, request: Request, listing_id: UUID, version: int) -> Response:
        """Write an old version anew; prices, stock and pictures stay."""
        restore_version(listing_id=listing_id, version=version, actor=self.actor, now=utc_now())
        row = get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        return Response(OwnListingSerializer(row).data)


class ListingCopy(ApiView):
    write_scope = "catalog:write"

    @extend_schema(request=None, responses={201: OwnListingSerializer}, operation_id="listings_copy", tags=["catalog"])
    def post(self, request: Request, listing_id: UUID) -> Response:
        """A draft that says the same, without stock and numbers."""
        made = duplicate_listing(listing_id=listing_id, actor=self.actor, now=utc_now())
        row = get_own_listing(listing_id=made.id, seller_id=self.actor.organisation_id)
        return Response(OwnListingSerializer(row).data, status=201)
