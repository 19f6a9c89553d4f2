"""REST: doing something to many orders at once."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from marketplace.batches import services
from marketplace.batches.selectors import get_own_batch
from marketplace.batches.serializers import BatchSerializer, StartBatchSerializer


class OrderBatches(ApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    @extend_schema(
        request=StartBatchSerializer, responses={201: BatchSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="order_batches_create", tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """The seller has labels made, or hand-overs noted, for up to 100 orders; a worker does it."""
        shape = StartBatchSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data

        def start() -> Response:
            batch = services.start_batch(
                action=data["batch_action"], order_ids=data["orders"], actor=self.actor, now=utc_now()
            )
            return Response(BatchSerializer(batch).data, status=201)

        return idempotent(request, start, now=utc_now())


class OrderBatchDetail(ApiView):
    read_scope = "orders:read"

    @extend_schema(responses=BatchSerializer, operation_id="order_batches_retrieve", tags=["orders"])
    def get(self, request: Request, batch_id: UUID) -> Response:
        """How far it is, with a result per order."""
        return Response(BatchSerializer(get_own_batch(batch_id=batch_id, actor=self.actor)).data)
