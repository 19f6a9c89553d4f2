"""REST: withdrawing from the contract of an order."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import key_of
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from marketplace.orders.selectors import get_order_for
from marketplace.withdrawals import selectors, services
from marketplace.withdrawals.serializers import WithdrawalSerializer, WithdrawalStatementSerializer


class OrderWithdrawals(ApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    @extend_schema(responses=WithdrawalSerializer(many=True), operation_id="order_withdrawals_list", tags=["orders"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """The statements of withdrawal from an order, newest first (at most 50): for both parties and operators."""
        get_order_for(order_id=order_id, actor=self.actor)
        return Response(WithdrawalSerializer(selectors.withdrawals_of_order(order_id), many=True).data)

    @extend_schema(
        request=WithdrawalStatementSerializer, responses={201: WithdrawalSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="order_withdrawals_create", tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The buyer withdraws from the contract for some pieces. The same key again answers with the same withdrawal."""
        key = key_of(request)
        get_order_for(order_id=order_id, actor=self.actor)
        shape = WithdrawalStatementSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        made = services.withdraw(
            order_id=order_id, statement=shape.statement(), key=key, actor=self.actor, now=utc_now()
        )  # fmt: skip
        return Response(WithdrawalSerializer(made).data, status=201)
