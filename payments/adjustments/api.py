"""REST: a seller reads adjustments; operators ask for them and decide."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from payments.adjustments import selectors, services
from payments.adjustments.models import Adjustment
from payments.adjustments.serializers import (
    AdjustmentDecisionSerializer,
    AdjustmentRequestSerializer,
    AdjustmentSerializer,
)


class Adjustments(ApiView):
    read_scope = "payments:read"
    write_scope = "payments:write"

    @extend_schema(
        responses=AdjustmentSerializer(many=True), operation_id="payments_adjustment_list", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """A seller's posted adjustments; for operators all of them, newest first, paged."""
        pages = CursorPagination()
        page = pages.paginate_queryset(self._rows(), request, view=self)
        return pages.get_paginated_response(AdjustmentSerializer(page, many=True).data)

    def _rows(self) -> QuerySet[Adjustment]:
        if self.actor.is_operator:
            return Adjustment.objects.all()
        if self.actor.organisation_id is None:
            raise NotFound()
        return selectors.posted_adjustments(self.actor.organisation_id)

    @extend_schema(
        request=AdjustmentRequestSerializer, responses={201: AdjustmentSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="payments_adjustment_create", tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Ask for a correction (operators). Above the limit it waits for a second person. Needs an Idempotency-Key."""
        if not self.actor.is_operator:
            raise NotFound()
        shape = AdjustmentRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        asked, now = shape.validated_data, utc_now()

        def act() -> Response:
            made = services.request_adjustment(
                seller_id=asked["seller_id"], kind=asked["adjustment_kind"], amount=asked["amount"],
                reason=asked["reason"], order_id=asked["order_id"], actor=self.actor, now=now,
            )  # fmt: skip
            return Response(AdjustmentSerializer(made).data, status=201)

        return idempotent(request, act, now=now)


class AdjustmentDecision(ApiView):
    write_scope = "payments:write"

    @extend_schema(
        request=AdjustmentDecisionSerializer, responses=AdjustmentSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="payments_adjustment_decision_create", tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request, adjustment_id: UUID) -> Response:
        """Approve or reject what another operator asked for. Needs an Idempotency-Key."""
        if not self.actor.is_operator:
            raise NotFound()
        shape = AdjustmentDecisionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        now = utc_now()

        def act() -> Response:
            if shape.validated_data["approved"]:
                done = services.approve_adjustment(adjustment_id=adjustment_id, actor=self.actor, now=now)
            else:
                done = services.reject_adjustment(
                    adjustment_id=adjustment_id, reason=shape.validated_data["reason"], actor=self.actor, now=now
                )
            return Response(AdjustmentSerializer(done).data)

        return idempotent(request, act, now=now)
