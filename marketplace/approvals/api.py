"""REST: purchases that wait for a colleague."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from marketplace.approvals import services
from marketplace.approvals.models import PurchaseApproval
from marketplace.approvals.selectors import approvals_of
from marketplace.approvals.serializers import ApprovalDecisionSerializer, ApprovalSerializer
from marketplace.orders.selectors import get_purchase_for


class ApprovalPages(CursorPagination):
    ordering = "-purchase_id"


class Approvals(ApiView, ListAPIView[PurchaseApproval]):
    read_scope = "orders:read"
    pagination_class = ApprovalPages
    filter_backends = ()
    serializer_class = ApprovalSerializer

    def get_queryset(self) -> QuerySet[PurchaseApproval]:
        return approvals_of(None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id)

    @extend_schema(operation_id="approvals_list", tags=["buying"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The organisation's purchases above a limit, newest first."""
        return self.list(request, *args, **kwargs)


class ApprovalDecision(ApiView):
    write_scope = "orders:write"

    @extend_schema(
        request=ApprovalDecisionSerializer, responses=ApprovalSerializer, operation_id="approvals_decide",
        tags=["buying"],
    )  # fmt: skip
    def post(self, request: Request, purchase_id: UUID) -> Response:
        """Agree to a colleague's purchase, or refuse it. The same decision again changes nothing."""
        get_purchase_for(purchase_id=purchase_id, actor=self.actor)
        shape = ApprovalDecisionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        if data["approved"]:
            made = services.approve_purchase(purchase_id=purchase_id, actor=self.actor, now=utc_now())
        else:
            made = services.refuse_purchase(
                purchase_id=purchase_id, reason=data["reason"], actor=self.actor, now=utc_now()
            )
        return Response(ApprovalSerializer(made).data)
