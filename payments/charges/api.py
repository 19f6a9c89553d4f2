"""REST: a charge."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from payments.charges import selectors
from payments.charges.serializers import ChargeSerializer


class ChargeDetail(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=ChargeSerializer, operation_id="payments_charge_retrieve", tags=["payments"])
    def get(self, request: Request, charge_id: UUID) -> Response:
        """How a payment stands. For its buyer and operators."""
        return Response(ChargeSerializer(selectors.get_charge_view_for(charge_id, self.actor)).data)
