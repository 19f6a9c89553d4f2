"""REST: tenders of a buyer, and those a seller may answer. Strangers get 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from core.identity.selectors import get_organisation
from marketplace.contracts import NeedInput, OfferInput
from marketplace.orders.serializers import ReasonSerializer
from marketplace.tenders import selectors, services
from marketplace.tenders.models import Tender
from marketplace.tenders.serializers import (
    BidInputSerializer,
    ChosenSerializer,
    NeedSerializer,
    TenderBidSerializer,
    TenderChoiceSerializer,
    TenderSerializer,
)


class TenderApiView(ApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    def own(self, tender_id: UUID) -> Tender:
        """The caller's, as buyer. Raises TenderNotFound."""
        return selectors.get_tender_of_buyer(tender_id=tender_id, actor=self.actor)


class TenderList(TenderApiView):
    @extend_schema(responses=TenderSerializer(many=True), operation_id="tenders_list", tags=["tenders"])
    def get(self, request: Request) -> Response:
        """What the caller looks for, or with `role=seller` what it may answer; paged."""
        pages, organisation_id = CursorPagination(), self.actor.organisation_id
        if request.query_params.get("role") == "seller":
            found = selectors.tenders_for_seller(organisation_id, now=utc_now())
        else:
            found = selectors.tenders_of(organisation_id)
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(TenderSerializer(page, many=True).data)

    @extend_schema(
        request=NeedSerializer, responses={201: TenderSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="tenders_publish", tags=["tenders"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Tell matching sellers what one looks for."""
        if self.actor.organisation_id is None:
            raise NotFound()
        shape = NeedSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        currency = get_organisation(self.actor.organisation_id).currency

        def answer() -> Response:
            need = NeedInput(**shape.validated_data)
            made = services.publish_tender(need=need, currency=currency, actor=self.actor, now=utc_now())
            return Response(TenderSerializer(made).data, status=201)

        return idempotent(request, answer, now=utc_now())


class TenderDetail(TenderApiView):
    @extend_schema(responses=TenderSerializer, operation_id="tenders_retrieve", tags=["tenders"])
    def get(self, request: Request, tender_id: UUID) -> Response:
        """For its buyer and the sellers that are asked."""
        found = selectors.get_tender_for(tender_id=tender_id, actor=self.actor, now=utc_now())
        return Response(TenderSerializer(found).data)


class TenderBids(TenderApiView):
    @extend_schema(responses=TenderBidSerializer(many=True), operation_id="tender_bids_list", tags=["tenders"])
    def get(self, request: Request, tender_id: UUID) -> Response:
        """All answers for its buyer, the cheapest per piece first (at most 60)."""
        return Response(TenderBidSerializer(selectors.bids_of(self.own(tender_id)), many=True).data)

    @extend_schema(
        request=BidInputSerializer, responses={201: None}, parameters=[IDEMPOTENCY_KEY],
        operation_id="tender_bids_place", tags=["tenders"],
    )  # fmt: skip
    def post(self, request: Request, tender_id: UUID) -> Response:
        """A seller answers with a quote on one of its listings; from then on it is a price talk (`quote_id`)."""
        selectors.get_tender_for(tender_id=tender_id, actor=self.actor, now=utc_now())
        shape = BidInputSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = dict(shape.validated_data)
        listing_id = data.pop("listing_id")

        def answer() -> Response:
            bid = services.place_bid(
                tender_id=tender_id, listing_id=listing_id, offer=OfferInput(**data), actor=self.actor, now=utc_now()
            )
            made: dict[str, Any] = {"quote_id": str(bid.quote_id)}
            return Response(made, status=201)

        return idempotent(request, answer, now=utc_now())


class TenderChoice(TenderApiView):
    @extend_schema(
        request=TenderChoiceSerializer, responses=ChosenSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="tenders_choose", tags=["tenders"],
    )  # fmt: skip
    def post(self, request: Request, tender_id: UUID) -> Response:
        """The buyer takes one answer: its purchase is placed, the others are told."""
        self.own(tender_id)
        shape = TenderChoiceSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data

        def answer() -> Response:
            purchase = services.accept_bid(
                tender_id=tender_id, quote_id=data["quote_id"], expected_total=data["total"], actor=self.actor,
                now=utc_now(),
            )  # fmt: skip
            return Response(ChosenSerializer({"purchase_id": purchase.id}).data)

        return idempotent(request, answer, now=utc_now())


class TenderClosing(TenderApiView):
    @extend_schema(
        request=ReasonSerializer, responses=TenderSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="tenders_close", tags=["tenders"],
    )  # fmt: skip
    def post(self, request: Request, tender_id: UUID) -> Response:
        """The buyer needs it no more."""
        self.own(tender_id)
        shape = ReasonSerializer(data=request.data)
        shape.is_valid(raise_exception=True)

        def answer() -> Response:
            services.close_tender(
                tender_id=tender_id, reason=shape.validated_data["reason"], actor=self.actor, now=utc_now()
            )
            return Response(TenderSerializer(self.own(tender_id)).data)

        return idempotent(request, answer, now=utc_now())
