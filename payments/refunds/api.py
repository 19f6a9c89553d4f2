"""REST: refunds of an order."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent, key_of
from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from payments.escrow.selectors import get_escrow_view_for
from payments.refunds import selectors, services
from payments.refunds.serializers import RefundRequestSerializer, RefundSerializer


class OrderRefunds(ApiView):
    read_scope = "payments:read"
    write_scope = "payments:write"

    @extend_schema(responses=RefundSerializer(many=True), operation_id="payments_refund_list", tags=["payments"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """Refunds of an order, newest first, paged. For its buyer, its seller and operators."""
        get_escrow_view_for(order_id, self.actor)
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.refunds_of_order(order_id), request, view=self)
        views = [selectors.view_of(refund) for refund in page or []]
        return pages.get_paginated_response(RefundSerializer(views, many=True).data)

    @extend_schema(
        request=RefundRequestSerializer, responses={201: RefundSerializer}, operation_id="payments_refund_create",
        tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """Give money back (the seller, operators): before release from escrow, afterwards from the seller's balance."""
        get_escrow_view_for(order_id, self.actor)
        shape = RefundRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        asked = shape.validated_data
        lines = {line["ref"]: line.get("amount") for line in asked["lines"]} if asked.get("lines") else None

        def answer() -> Response:
            view = services.refund(
                order_id=order_id, lines=lines, amount=asked.get("amount"), shipping=asked["shipping"],
                reason=asked["reason"], key=f"api:{key_of(request)}"[: services.MAX_KEY], actor=self.actor,
                now=utc_now(),
            )  # fmt: skip
            return Response(RefundSerializer(view).data, status=201)

        return idempotent(request, answer, now=utc_now())


class RefundDetail(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=RefundSerializer, operation_id="payments_refund_retrieve", tags=["payments"])
    def get(self, request: Request, refund_id: UUID) -> Response:
        """A refund, for the parties of its order and operators."""
        return Response(RefundSerializer(selectors.get_refund_for(refund_id, self.actor)).data)
