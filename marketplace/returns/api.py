"""REST: returns of a buyer and of a seller, and their steps. Strangers get 404."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent, key_of
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import StepsApiView
from core.clock import utc_now
from marketplace.orders.selectors import get_order_for
from marketplace.returns import photos, selectors, services, settlement
from marketplace.returns.models import Return
from marketplace.returns.rules import Disposition, ReturnReason, ReturnWish
from marketplace.returns.serializers import (
    ReturnInspectionSerializer,
    ReturnPhotoSerializer,
    ReturnPhotoUploadSerializer,
    ReturnRefusalSerializer,
    ReturnRequestSerializer,
    ReturnSerializer,
)
from marketplace.returns.services import ReturnAsk
from marketplace.returns.settlement import Finding

TAGS: list[str] = ["returns"]
STEP: dict[str, Any] = {"responses": ReturnSerializer, "parameters": [IDEMPOTENCY_KEY], "tags": TAGS}


class ReturnApiView(StepsApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    def find(self, thing_id: UUID) -> Return:
        """Raises ReturnNotFound."""
        return selectors.get_return_for(return_id=thing_id, actor=self.actor)

    def shown(self, thing_id: UUID) -> Any:
        return ReturnSerializer(self.find(thing_id)).data


class ReturnList(ReturnApiView, ListAPIView[Return]):
    pagination_class = CursorPagination
    serializer_class = ReturnSerializer

    def get_queryset(self) -> QuerySet[Return]:
        organisation_id = None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id
        return selectors.returns_of_party(organisation_id, role=self.request.query_params.get("role", ""))

    @extend_schema(
        operation_id="returns_list", tags=TAGS,
        parameters=[OpenApiParameter("role", str, enum=["buyer", "seller"], description="which side the caller is on")],
    )  # fmt: skip
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Returns the caller sends or gets, newest first."""
        return self.list(request, *args, **kwargs)


class OrderReturns(ReturnApiView):
    @extend_schema(responses=ReturnSerializer(many=True), operation_id="orders_returns_list", tags=TAGS)
    def get(self, request: Request, order_id: UUID) -> Response:
        """The returns of an order, newest first (at most 50)."""
        order = get_order_for(order_id=order_id, actor=self.actor)
        return Response(ReturnSerializer(selectors.returns_of_order(order.id), many=True).data)

    @extend_schema(
        request=ReturnRequestSerializer, responses={201: ReturnSerializer}, parameters=[IDEMPOTENCY_KEY], tags=TAGS,
        operation_id="orders_returns_create",
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The buyer asks to send pieces back; a change of mind within the window is approved at once."""
        get_order_for(order_id=order_id, actor=self.actor)
        shape = ReturnRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data, now = shape.validated_data, utc_now()
        asks = [ReturnAsk(a["line_id"], a["quantity"], ReturnReason(a["return_reason"])) for a in data["lines"]]

        def act() -> Response:
            made = services.request_return(
                order_id=order_id, asks=asks, wish=ReturnWish(data["wish"]), note=data["note"], actor=self.actor,
                now=now,
            )  # fmt: skip
            return Response(self.shown(made.id), status=201)

        return idempotent(request, act, now=now)


class ReturnDetail(ReturnApiView):
    @extend_schema(responses=ReturnSerializer, operation_id="returns_retrieve", tags=TAGS)
    def get(self, request: Request, return_id: UUID) -> Response:
        """One return, for its buyer, its seller and operators."""
        return Response(self.shown(return_id))


class ReturnApproval(ReturnApiView):
    @extend_schema(request=None, operation_id="returns_approve", **STEP)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The seller agrees."""
        return self.act(
            request, return_id,
            lambda: services.approve_return(return_id=return_id, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class ReturnRefusal(ReturnApiView):
    @extend_schema(request=ReturnRefusalSerializer, operation_id="returns_refuse", **STEP)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The seller does not see the fault, and says why."""
        self.find(return_id)
        shape = ReturnRefusalSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reason = shape.validated_data["reason"]
        return self.act(
            request, return_id,
            lambda: services.refuse_return(return_id=return_id, reason=reason, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class ReturnCancellation(ReturnApiView):
    @extend_schema(request=None, operation_id="returns_cancel", **STEP)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The buyer keeps the goods."""
        return self.act(
            request, return_id,
            lambda: services.cancel_return(return_id=return_id, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class _OutsideTransactions(ReturnApiView):
    """Steps that call a carrier after their commit: the service's own idempotence counts, not a stored answer."""

    do: ClassVar[Any]

    def post(self, request: Request, return_id: UUID) -> Response:
        self.find(return_id)
        key_of(request)
        type(self).do(return_id=return_id, actor=self.actor, now=utc_now())
        return Response(self.shown(return_id))


class ReturnLabel(_OutsideTransactions):
    do = services.book_label

    @extend_schema(request=None, operation_id="returns_label", **STEP)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The buyer books the label of the way back; its PDF stands under shipping/shipments/."""
        return super().post(request, return_id)


class ReturnReplacement(_OutsideTransactions):
    do = settlement.replace_return

    @extend_schema(request=None, operation_id="returns_replace", **STEP)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The seller sends the same goods again instead of money."""
        return super().post(request, return_id)


class ReturnReceipt(ReturnApiView):
    @extend_schema(request=None, operation_id="returns_receive", **STEP)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The seller has the goods."""
        now = utc_now()
        return self.act(
            request, return_id,
            lambda: services.mark_received(return_id=return_id, received_at=now, actor=self.actor, now=now),
        )  # fmt: skip


class ReturnInspection(ReturnApiView):
    @extend_schema(request=ReturnInspectionSerializer, operation_id="returns_inspect", **STEP)
    def post(self, request: Request, return_id: UUID) -> Response:
        """The seller judges what came back: what is accepted is refunded by line."""
        self.find(return_id)
        shape = ReturnInspectionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        findings = {
            f["id"]: Finding(f["accepted"], Disposition(f["disposition"]), f["deduction_minor"])
            for f in data["findings"]
        }
        return self.act(
            request, return_id,
            lambda: settlement.inspect_return(
                return_id=return_id, findings=findings, reason=data["reason"], actor=self.actor, now=utc_now()
            ),
        )  # fmt: skip


class ReturnPhotos(ReturnApiView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": ReturnPhotoUploadSerializer}, responses={201: ReturnPhotoSerializer},
        operation_id="returns_photos_create", tags=TAGS,
    )  # fmt: skip
    def post(self, request: Request, return_id: UUID) -> Response:
        """The buyer adds a picture; at most 6."""
        self.find(return_id)
        shape = ReturnPhotoUploadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        kept = photos.add_photo(
            return_id=return_id, upload=shape.validated_data["photo"], actor=self.actor, now=utc_now()
        )
        return Response(ReturnPhotoSerializer(kept).data, status=201)
