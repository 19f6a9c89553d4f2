"""REST: price talks of a buyer and of a seller. Strangers get 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import StepsApiView
from core.clock import utc_now
from marketplace.contracts import OfferInput
from marketplace.orders.serializers import ReasonSerializer
from marketplace.quotes import selectors, services
from marketplace.quotes.models import Quote
from marketplace.quotes.serializers import (
    OfferInputSerializer,
    QuoteOpeningSerializer,
    QuoteSerializer,
    QuoteSummarySerializer,
    QuoteTotalSerializer,
)


class QuoteApiView(StepsApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    def find(self, thing_id: UUID) -> Quote:
        """Raises QuoteNotFound."""
        return selectors.get_quote_for(quote_id=thing_id, actor=self.actor)

    def shown(self, thing_id: UUID) -> Any:
        quote = self.find(thing_id)
        quote.words = selectors.offers_of(quote.id)  # type: ignore[attr-defined]
        return QuoteSerializer(quote).data


class QuoteList(QuoteApiView):
    @extend_schema(responses=QuoteSummarySerializer(many=True), operation_id="quotes_list", tags=["quotes"])
    def get(self, request: Request) -> Response:
        """Prices the caller asked for, or with `role=seller` was asked for; newest first, paged."""
        pages = CursorPagination()
        as_seller = request.query_params.get("role") == "seller"
        found = selectors.quotes_of(self.actor.organisation_id, as_seller=as_seller)
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(QuoteSummarySerializer(page, many=True).data)

    @extend_schema(
        request=QuoteOpeningSerializer, responses={201: QuoteSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="quotes_request", tags=["quotes"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Ask the seller of a listing for a price."""
        shape = QuoteOpeningSerializer(data=request.data)
        shape.is_valid(raise_exception=True)

        def answer() -> Response:
            made = services.request_quote(**shape.validated_data, actor=self.actor, now=utc_now())
            return Response(self.shown(made.id), status=201)

        return idempotent(request, answer, now=utc_now())


class QuoteDetail(QuoteApiView):
    @extend_schema(responses=QuoteSerializer, operation_id="quotes_retrieve", tags=["quotes"])
    def get(self, request: Request, quote_id: UUID) -> Response:
        """With every word of both sides; for its buyer, its seller and operators."""
        return Response(self.shown(quote_id))


class QuoteOffers(QuoteApiView):
    @extend_schema(
        request=OfferInputSerializer, responses=QuoteSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="quotes_offer", tags=["quotes"],
    )  # fmt: skip
    def post(self, request: Request, quote_id: UUID) -> Response:
        """The seller's offer, or the buyer's counter-offer."""
        self.find(quote_id)
        shape = OfferInputSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        offer = OfferInput(**shape.validated_data)
        return self.act(
            request, quote_id,
            lambda: services.make_offer(quote_id=quote_id, offer=offer, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class QuoteAcceptance(QuoteApiView):
    @extend_schema(
        request=QuoteTotalSerializer, responses=QuoteSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="quotes_accept", tags=["quotes"],
    )  # fmt: skip
    def post(self, request: Request, quote_id: UUID) -> Response:
        """Agree to the other side's last word: the purchase is placed (`purchase_id`), and the buyer is to pay it."""
        self.find(quote_id)
        shape = QuoteTotalSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        total = shape.validated_data["total"]
        return self.act(
            request, quote_id,
            lambda: services.accept_offer(quote_id=quote_id, expected_total=total, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class QuoteClosing(QuoteApiView):
    @extend_schema(
        request=ReasonSerializer, responses=QuoteSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="quotes_close", tags=["quotes"],
    )  # fmt: skip
    def post(self, request: Request, quote_id: UUID) -> Response:
        """Decline, or take one's word back."""
        self.find(quote_id)
        shape = ReasonSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reason = shape.validated_data["reason"]
        return self.act(
            request, quote_id,
            lambda: services.close_quote(quote_id=quote_id, reason=reason, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class QuoteAgreement(QuoteApiView):
    @extend_schema(
        request=None, responses=QuoteSerializer, parameters=[IDEMPOTENCY_KEY], operation_id="quotes_convert",
        tags=["quotes"],
    )  # fmt: skip
    def post(self, request: Request, quote_id: UUID) -> Response:
        """The seller goes on with something made to order (`agreement_id`)."""
        return self.act(
            request, quote_id, lambda: services.convert_quote(quote_id=quote_id, actor=self.actor, now=utc_now())
        )
