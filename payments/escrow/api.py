"""REST: the escrow of an order, the release of a part, the payment schedule."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.views import ApiView
from core.clock import utc_now
from core.money import Money
from payments.contracts import EscrowNotFound, EscrowView
from payments.escrow import milestones, selectors, services
from payments.escrow.receipt import explain
from payments.escrow.serializers import EscrowSerializer, MilestoneSerializer, PartReleaseSerializer


def shown(view: EscrowView) -> dict[str, Any]:
    """All that the API tells about an escrow."""
    data: dict[str, Any] = {field.name: getattr(view, field.name) for field in fields(view)}
    data |= {
        "held": view.held, "movements": selectors.money_timeline(view.order_id),
        "lines": selectors.list_line_views(view.order_id), "reasons": explain(view),
    }  # fmt: skip
    return dict(EscrowSerializer(data).data)


class EscrowDetail(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=EscrowSerializer, operation_id="payments_escrow_retrieve", tags=["payments"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """Where the money of an order is, why, and its movements. For its buyer, its seller and operators."""
        return Response(shown(selectors.get_escrow_view_for(order_id, self.actor)))


class EscrowReleases(ApiView):
    write_scope = "payments:write"

    @extend_schema(
        request=PartReleaseSerializer, responses=EscrowSerializer, operation_id="payments_escrow_release_create",
        tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The buyer releases a part to the seller; it cannot be undone."""
        if not self.actor.acts_for(selectors.get_escrow_view_for(order_id, self.actor).buyer_id):
            raise EscrowNotFound()
        shape = PartReleaseSerializer(data=request.data)
        shape.is_valid(raise_exception=True)

        def answer() -> Response:
            view = services.release_part(
                order_id=order_id, lines=shape.validated_data.get("lines"), amount=shape.validated_data.get("amount"),
                reason="", actor=self.actor, now=utc_now(),
            )  # fmt: skip
            return Response(shown(view))

        return idempotent(request, answer, now=utc_now())


class Milestones(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=MilestoneSerializer(many=True), operation_id="payments_milestone_list", tags=["payments"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """The payment schedule of an order (at most 20 steps). For its buyer, its seller and operators."""
        steps = milestones.list_milestones_for(order_id, self.actor)
        zero = Money.zero(steps[0].amount.currency)
        rows = [
            {field.name: getattr(step, field.name) for field in fields(step)}
            | {
                "held": step.escrow.held if step.escrow else zero,
                "released": step.escrow.released if step.escrow else zero,
            }
            for step in steps
        ]  # fmt: skip
        return Response(MilestoneSerializer(rows, many=True).data)
