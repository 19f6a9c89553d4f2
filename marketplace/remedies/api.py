"""REST: the promise of an order and what came of it. Strangers get 404."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from marketplace.orders.selectors import get_order_for
from marketplace.remedies.selectors import find_remedy
from marketplace.remedies.serializers import OrderPromiseSerializer


class OrderPromise(ApiView):
    read_scope = "orders:read"

    @extend_schema(responses=OrderPromiseSerializer, operation_id="orders_promise_retrieve", tags=["orders"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """What was promised, when the parcel came, and what the buyer got back for a broken promise."""
        order = get_order_for(order_id=order_id, actor=self.actor)
        return Response(OrderPromiseSerializer({"order": order, "remedy": find_remedy(order.id)}).data)
