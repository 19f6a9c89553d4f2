"""REST: a seller's places, what is where, and what moved."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from marketplace.catalog.models import Listing
from marketplace.stock import services
from marketplace.stock.models import StockLocation, StockMovement
from marketplace.stock.selectors import (
    StockRow,
    get_own_location,
    get_stock,
    locations_of,
    movements_of,
    stock_of,
    with_shelves,
)
from marketplace.stock.serializers import (
    StockAdjustmentSerializer,
    StockLocationSerializer,
    StockMovementSerializer,
    StockSerializer,
    StockTransferSerializer,
)


class _StockView(ApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:write"

    def _row(self, listing_id: UUID) -> StockRow:
        listing = get_stock(listing_id=listing_id, seller_id=self.actor.organisation_id)
        return with_shelves([listing], locations_of(self.actor.organisation_id))[0]


class StockLocations(_StockView, ListAPIView[StockLocation]):
    pagination_class = CursorPagination
    filter_backends = ()
    serializer_class = StockLocationSerializer

    def get_queryset(self) -> QuerySet[StockLocation]:
        return locations_of(None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id)

    @extend_schema(operation_id="stock_locations_list", tags=["catalog"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The places of the caller's shop, newest first; the shop's own address is not among them."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        request=StockLocationSerializer, responses={201: StockLocationSerializer}, tags=["catalog"],
        operation_id="stock_locations_create",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Another place of the caller's shop."""
        shape = StockLocationSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        made = services.add_location(**shape.validated_data, actor=self.actor, now=utc_now())
        return Response(StockLocationSerializer(made).data, status=201)


class StockLocationDetail(_StockView):
    @extend_schema(responses=StockLocationSerializer, operation_id="stock_locations_retrieve", tags=["catalog"])
    def get(self, request: Request, location_id: UUID) -> Response:
        """One place."""
        found = get_own_location(location_id=location_id, seller_id=self.actor.organisation_id)
        return Response(StockLocationSerializer(found).data)

    @extend_schema(
        request=StockLocationSerializer, responses=StockLocationSerializer, tags=["catalog"],
        operation_id="stock_locations_update",
    )  # fmt: skip
    def put(self, request: Request, location_id: UUID) -> Response:
        """Rename or move a place."""
        get_own_location(location_id=location_id, seller_id=self.actor.organisation_id)
        shape = StockLocationSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        changed = services.change_location(location_id=location_id, **shape.validated_data, actor=self.actor)
        return Response(StockLocationSerializer(changed).data)

    @extend_schema(responses={204: None}, operation_id="stock_locations_close", tags=["catalog"])
    def delete(self, request: Request, location_id: UUID) -> Response:
        """Give an empty place up."""
        services.close_location(location_id=location_id, actor=self.actor, now=utc_now())
        return Response(status=204)


class StockPagination(CursorPagination):
    ordering = ("title", "id")  # type: ignore[assignment]


class StockList(_StockView, ListAPIView[Listing]):
    pagination_class = StockPagination
    filter_backends = ()
    serializer_class = StockSerializer

    def get_queryset(self) -> QuerySet[Listing]:
        if getattr(self, "swagger_fake_view", False):
            return stock_of(None)
        values = self.request.query_params
        return stock_of(self.actor.organisation_id, query=values.get("q", "")[:100], low=values.get("low") == "true")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """A page of listings with what is where, in two queries more."""
        if args:
            args = (with_shelves(args[0], locations_of(self.actor.organisation_id)), *args[1:])
        return super().get_serializer(*args, **kwargs)

    @extend_schema(
        operation_id="stock_list", tags=["catalog"],
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="Title, own number or GTIN"),
            OpenApiParameter("low", OpenApiTypes.BOOL, description="Only what is down to its alert"),
        ],
    )  # fmt: skip
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is where, of all listings of the caller's shop, by title."""
        return self.list(request, *args, **kwargs)


class StockDetail(_StockView):
    @extend_schema(responses=StockSerializer, operation_id="stock_retrieve", tags=["catalog"])
    def get(self, request: Request, listing_id: UUID) -> Response:
        """What is where, of one listing."""
        return Response(StockSerializer(self._row(listing_id)).data)


class StockMovements(_StockView, ListAPIView[StockMovement]):
    pagination_class = CursorPagination
    filter_backends = ()
    serializer_class = StockMovementSerializer

    def get_queryset(self) -> QuerySet[StockMovement]:
        if getattr(self, "swagger_fake_view", False):
            return StockMovement.objects.none()
        return movements_of(
            get_stock(listing_id=self.kwargs["listing_id"], seller_id=self.actor.organisation_id).id
        )  # fmt: skip

    @extend_schema(operation_id="stock_movements_list", tags=["catalog"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What moved of a listing, newest first."""
        return self.list(request, *args, **kwargs)


class StockAdjustments(_StockView):
    @extend_schema(
        request=StockAdjustmentSerializer, responses={201: StockSerializer}, operation_id="stock_adjust",
        tags=["catalog"], parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Correct how many pieces are at a place."""
        get_stock(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = StockAdjustmentSerializer(data=request.data)
        shape.is_valid(raise_exception=True)

        def adjust() -> Response:
            services.adjust_stock(listing_id=listing_id, **shape.validated_data, actor=self.actor, now=utc_now())
            return Response(StockSerializer(self._row(listing_id)).data, status=201)

        return idempotent(request, adjust, now=utc_now())


class StockTransfers(_StockView):
    @extend_schema(
        request=StockTransferSerializer, responses={201: StockSerializer}, operation_id="stock_transfer",
        tags=["catalog"], parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Move pieces from one place to another."""
        get_stock(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = StockTransferSerializer(data=request.data)
        shape.is_valid(raise_exception=True)

        def transfer() -> Response:
            services.transfer_stock(listing_id=listing_id, **shape.validated_data, actor=self.actor, now=utc_now())
            return Response(StockSerializer(self._row(listing_id)).data, status=201)

        return idempotent(request, transfer, now=utc_now())
