"""REST: shipping quotes, and routes over several carriers."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.clock import utc_now
from logistics.contracts import Place, QuoteRequest
from logistics.network import offers, services
from logistics.network.serializers import RouteRequestSerializer, RouteSerializer
from logistics.rates.serializers import QuoteRequestSerializer, QuoteSetSerializer, parcel_of


class QuotesView(ApiView):
    """What it costs and when it arrives. Creates nothing, so no Idempotency-Key is needed."""

    read_scope = write_scope = "shipping:read"

    @extend_schema(operation_id="shipping_quotes", request=QuoteRequestSerializer, responses={200: QuoteSetSerializer})
    def post(self, request: Request) -> Response:
        """All services: offers cheapest first, and the rejected ones with their reasons."""
        form = QuoteRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        (found,) = offers.quote_many(
            requests=[QuoteRequest(
                origin=Place(asked["origin"]["country"].upper(), asked["origin"]["postcode"]),
                destination=Place(asked["destination"]["country"].upper(), asked["destination"]["postcode"]),
                parcel=parcel_of(asked["parcel"]), handling_days=asked["handling_days"], currency=asked["currency"],
            )], now=utc_now(),
        )  # fmt: skip
        return Response(QuoteSetSerializer(found).data)


class RoutesView(ApiView):
    """The best way by cost, by speed and by reliability. Creates nothing, so no Idempotency-Key is needed."""

    read_scope = write_scope = "shipping:read"

    @extend_schema(
        operation_id="shipping_routes", request=RouteRequestSerializer, responses={200: RouteSerializer(many=True)}
    )
    def post(self, request: Request) -> Response:
        """Legs from door to door with the price, days and scorecard each was chosen by; empty where nobody goes."""
        form = RouteRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        routes = services.plan_routes(
            origin=Place(asked["origin"]["country"].upper(), asked["origin"]["postcode"]),
            destination=Place(asked["destination"]["country"].upper(), asked["destination"]["postcode"]),
            parcel=parcel_of(asked["parcel"]), currency=asked["currency"], now=utc_now(),
        )  # fmt: skip
        return Response(RouteSerializer(list(routes.values()), many=True).data)
