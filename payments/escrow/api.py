"""REST: the escrow of an order."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from payments.escrow import selectors
from payments.escrow.serializers import EscrowSerializer


class EscrowDetail(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=EscrowSerializer, operation_id="payments_escrow_retrieve", tags=["payments"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """Where the money of an order is, with its movements. For its buyer, its seller and operators."""
        view = selectors.get_escrow_view_for(order_id, self.actor)
        data: dict[str, Any] = {field.name: getattr(view, field.name) for field in fields(view)}
        data |= {"held": view.held, "movements": selectors.money_timeline(order_id)}
        return Response(EscrowSerializer(data).data)
