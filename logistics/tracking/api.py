"""REST: a shipment, its label, its tracking, and its hand-over. Strangers get 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import HEADER, idempotent
from core.api.views import ApiView, PublicApiView
from core.clock import utc_now
from core.errors import NotFound
from logistics.shipments import selectors as shipments
from logistics.shipments import services as shipments_write
from logistics.tracking import selectors, services
from logistics.tracking.scorecards import carrier_scorecards
from logistics.tracking.serializers import (
    CarrierEventsSerializer,
    CarrierScorecardSerializer,
    IntakeSerializer,
    LegSerializer,
    ShipmentSerializer,
    TrackingSerializer,
)

IDEMPOTENCY = OpenApiParameter(name=HEADER, location=OpenApiParameter.HEADER, required=True, type=str)


class ShipmentView(ApiView):
    """A shipment, for its seller, its buyer and operators."""

    read_scope = "shipping:read"

    @extend_schema(operation_id="shipping_shipment", responses={200: ShipmentSerializer})
    def get(self, request: Request, shipment_id: UUID) -> Response:
        return Response(ShipmentSerializer(shipments.get_shipment_for(shipment_id, actor=self.actor)).data)


class LabelView(ApiView):
    """The label as PDF, or as ZPL for label printers, for the seller."""

    read_scope = "shipping:read"

    @extend_schema(
        operation_id="shipping_label", responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        parameters=[OpenApiParameter(name="as", type=str, enum=["pdf", "zpl"])],
    )  # fmt: skip
    def get(self, request: Request, shipment_id: UUID) -> HttpResponse:
        shipments.get_shipment_for(shipment_id, actor=self.actor, seller_only=True)
        if request.query_params.get("as") == "zpl":
            return HttpResponse(shipments.label_zpl(shipment_id), content_type="application/x-zpl")
        return HttpResponse(shipments.label_pdf(shipment_id), content_type="application/pdf")


class TrackingView(ApiView):
    """The parcel's story in the caller's language."""

    read_scope = "shipping:read"

    @extend_schema(operation_id="shipping_tracking", responses={200: TrackingSerializer})
    def get(self, request: Request, shipment_id: UUID) -> Response:
        shipment = shipments.get_shipment_for(shipment_id, actor=self.actor)
        body = {
            "tracking_number": shipment.tracking_number, "status": shipment.tracking_status,
            "entries": selectors.timeline_of(shipment),
        }  # fmt: skip
        return Response(TrackingSerializer(body).data)


class LegsView(ApiView):
    """Who carries a shipment from where to where; empty for one carrier all the way. Prices and numbers for its seller alone."""

    read_scope = "shipping:read"

    @extend_schema(operation_id="shipping_legs", responses={200: LegSerializer(many=True)})
    def get(self, request: Request, shipment_id: UUID) -> Response:
        """In order; a leg whose carrier failed is followed by the one that goes instead."""
        shipment = shipments.get_shipment_for(shipment_id, actor=self.actor)
        is_seller = self.actor.is_operator or self.actor.acts_for(shipment.seller_id)
        legs = selectors.list_leg_views(shipment)
        return Response(LegSerializer(legs, many=True, context={"is_seller": is_seller}).data)


class HandOverView(ApiView):
    """The seller says that the carrier has the parcel."""

    write_scope = "shipping:write"

    @extend_schema(
        operation_id="shipping_hand_over", request=None, responses={200: ShipmentSerializer}, parameters=[IDEMPOTENCY]
    )
    def post(self, request: Request, shipment_id: UUID) -> Response:
        """Declared within the key's transaction; the carrier is told after its commit."""
        now = utc_now()

        def declare() -> Response:
            shipments_write.declare_hand_over(shipment_id=shipment_id, actor=self.actor, now=now)
            return Response(ShipmentSerializer(shipments.get_shipment(shipment_id)).data)

        response = idempotent(request, declare, now=now)
        services.announce_hand_over(shipment_id=shipment_id, now=now)
        return response


class CarrierEventsView(ApiView):
    """Events of a contract carrier, entered by the operator."""

    write_scope = "shipping:write"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """For operators only."""
        super().initial(request, *args, **kwargs)
        if not self.actor.is_operator:
            raise NotFound()

    @extend_schema(
        operation_id="shipping_carrier_events", request=CarrierEventsSerializer, responses={200: IntakeSerializer},
        parameters=[IDEMPOTENCY],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """The same event again counts once."""
        now = utc_now()
        form = CarrierEventsSerializer(data=request.data)
        form.is_valid(raise_exception=True)

        def act() -> Response:
            intake = services.record_carrier_events(
                carrier_code=form.validated_data["carrier_code"], rows=form.validated_data["events"], actor=self.actor,
                now=now,
            )  # fmt: skip
            return Response({"new": intake.new, "unmatched": sorted(intake.unmatched)})

        return idempotent(request, act, now=now)


class CarrierScorecardsView(PublicApiView):
    """How each carrier service did in the last 180 days, for anyone."""

    read_scope = "shipping:read"

    @extend_schema(operation_id="shipping_carrier_scorecards", responses={200: CarrierScorecardSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """Promises kept, losses, damages, and incidents by who answers for them."""
        return Response(CarrierScorecardSerializer(carrier_scorecards(now=utc_now()), many=True).data)
