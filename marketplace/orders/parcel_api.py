"""REST: orders that go out in parts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import key_of
from core.api.schema import IDEMPOTENCY_KEY
from core.clock import utc_now
from marketplace.orders import parcels
from marketplace.orders.api import OrderApiView
from marketplace.orders.serializers import (
    OrderDetailSerializer,
    PartParcelSerializer,
    PiecesSerializer,
    ReductionSerializer,
)


class OrderParcels(OrderApiView):
    @extend_schema(responses=PartParcelSerializer(many=True), operation_id="order_parcels_list", tags=["orders"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """The parcels of an order that goes out in parts (at most 50); empty for one that goes out whole."""
        self.find(order_id)
        return Response(self.parcels(order_id))

    @extend_schema(
        request=PiecesSerializer, responses={201: PartParcelSerializer(many=True)}, parameters=[IDEMPOTENCY_KEY],
        operation_id="order_parcels_create", tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The seller packs some pieces and buys their label. The carrier is called after the commit.

        The same key again answers with the same parcels.
        """
        key = key_of(request)
        self.find(order_id)
        shape = PiecesSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        parcels.pack_parcel(order_id=order_id, pieces=shape.pieces(), key=key, actor=self.actor, now=utc_now())
        return Response(self.parcels(order_id), status=201)

    def parcels(self, order_id: UUID) -> Any:
        return PartParcelSerializer(parcels.list_parcels(order_id), many=True).data


class OrderParcelDetail(OrderApiView):
    @extend_schema(responses={204: None}, operation_id="order_parcels_destroy", tags=["orders"])
    def delete(self, request: Request, order_id: UUID, parcel_id: UUID) -> Response:
        """The seller unpacks a parcel that was not handed over; its label is void. Twice changes nothing."""
        self.find(order_id)
        parcels.void_parcel(order_id=order_id, parcel_id=parcel_id, actor=self.actor, now=utc_now())
        return Response(status=204)


class OrderParcelCustoms(OrderApiView):
    @extend_schema(
        responses={(200, "application/pdf"): OpenApiTypes.BINARY}, operation_id="order_parcels_customs", tags=["orders"]
    )
    def get(self, request: Request, order_id: UUID, parcel_id: UUID) -> HttpResponse:
        """The seller's customs papers of one parcel: its pieces, their weight and value. 404 where no border is crossed."""
        self.find(order_id)
        content = parcels.customs_papers(order_id=order_id, parcel_id=parcel_id, actor=self.actor)
        return HttpResponse(content, content_type="application/pdf")


class OrderParcelHandOver(OrderApiView):
    @extend_schema(
        request=None, responses=OrderDetailSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="order_parcels_hand_over", tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID, parcel_id: UUID) -> Response:
        """The seller gave this parcel to the carrier; repeating it is harmless (the carrier is called after commit)."""
        key_of(request)
        self.find(order_id)
        parcels.hand_over_parcel(order_id=order_id, parcel_id=parcel_id, actor=self.actor, now=utc_now())
        return Response(self.shown(order_id))


class OrderReductions(OrderApiView):
    @extend_schema(
        request=ReductionSerializer, responses=OrderDetailSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="order_reductions_create", tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """Buyer or seller takes out pieces that were not packed yet; their price goes back to the buyer."""
        shape = ReductionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reason = shape.validated_data["reason"]
        return self.act(
            request, order_id,
            lambda: parcels.cancel_pieces(
                order_id=order_id, pieces=shape.pieces(), reason=reason, actor=self.actor, now=utc_now()
            ),
        )  # fmt: skip
