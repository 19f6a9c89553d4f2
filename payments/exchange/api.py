"""REST: a quote that locks a rate."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from payments.exchange import services
from payments.exchange.serializers import ExchangeQuoteSerializer, ExchangeRequestSerializer


class ExchangeQuotes(ApiView):
    write_scope = "payments:write"

    @extend_schema(
        request=ExchangeRequestSerializer, responses={201: ExchangeQuoteSerializer},
        parameters=[IDEMPOTENCY_KEY], operation_id="payments_exchange_quote_create",
        tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Lock a rate for a while. Needs an Idempotency-Key."""
        shape = ExchangeRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        seller_id, now = self.actor.organisation_id, utc_now()
        if seller_id is None:
            raise NotFound()

        def act() -> Response:
            quote = services.quote_exchange(
                seller_id=seller_id, source=shape.validated_data["amount"],
                currency=shape.validated_data["target_currency"], actor=self.actor, now=now,
            )  # fmt: skip
            return Response(ExchangeQuoteSerializer(quote).data, status=201)

        return idempotent(request, act, now=now)
