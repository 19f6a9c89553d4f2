"""REST: a seller's own cartons."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from logistics.packing import services
from logistics.packing.selectors import list_cartons
from logistics.packing.serializers import CartonSerializer


class CartonsView(ApiView):
    """What a seller's orders of several pieces are packed into; at most 50. Without own ones the platform's are used."""

    read_scope = "shipping:read"
    write_scope = "shipping:write"

    @extend_schema(operation_id="shipping_cartons_list", responses={200: CartonSerializer(many=True)})
    def get(self, request: Request) -> Response:
        if self.actor.organisation_id is None:
            raise NotFound()
        return Response(CartonSerializer(list_cartons(self.actor.organisation_id), many=True).data)

    @extend_schema(
        operation_id="shipping_cartons_create", request=CartonSerializer, responses={201: CartonSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        form = CartonSerializer(data=request.data)
        form.is_valid(raise_exception=True)

        def act() -> Response:
            carton = services.add_carton(**form.validated_data, actor=self.actor)
            return Response(CartonSerializer(carton).data, status=201)

        return idempotent(request, act, now=utc_now())


class CartonView(ApiView):
    write_scope = "shipping:write"

    @extend_schema(operation_id="shipping_cartons_destroy", responses={204: None})
    def delete(self, request: Request, carton_id: UUID) -> Response:
        """Remove an own carton."""
        if self.actor.organisation_id is None:
            raise NotFound()
        services.remove_carton(carton_id=carton_id, actor=self.actor)
        return Response(status=204)
