"""REST: disputes of the caller's orders. Strangers get 404."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import HEADER, idempotent
from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from trust.contracts import DisputeReason, DisputeWish
from trust.disputes import evidence, selectors, services
from trust.disputes.models import Dispute
from trust.disputes.serializers import (
    DisputeRequestSerializer,
    DisputeSerializer,
    DisputeSummarySerializer,
    EvidenceSerializer,
    EvidenceUploadSerializer,
    MessageSerializer,
)

IDEMPOTENCY = OpenApiParameter(name=HEADER, location=OpenApiParameter.HEADER, required=True, type=str)


class TrustView(ApiView):
    read_scope = "trust:read"
    write_scope = "trust:write"


def _full(dispute: Dispute) -> Response:
    return Response(DisputeSerializer(selectors.dispute_view(dispute)).data)


class DisputeList(TrustView):
    @extend_schema(operation_id="trust_dispute_list", responses=DisputeSummarySerializer(many=True), tags=["trust"])
    def get(self, request: Request) -> Response:
        """Disputes in which the caller buys or sells, newest first, paged; without their threads."""
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.disputes_of(self.actor), request, view=self) or []
        views = [selectors.dispute_view(dispute, with_thread=False) for dispute in page]
        return pages.get_paginated_response(DisputeSummarySerializer(views, many=True).data)

    @extend_schema(
        operation_id="trust_dispute_create", request=DisputeRequestSerializer, responses={201: DisputeSerializer},
        parameters=[IDEMPOTENCY], tags=["trust"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Open a dispute about an order (its buyer); the money freezes at once."""
        shape = DisputeRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data, now = shape.validated_data, utc_now()

        def act() -> Response:
            dispute = services.open_dispute(
                order_id=data["order_id"], reason=DisputeReason(data["dispute_reason"]),
                wish=DisputeWish(data["dispute_wish"]), description=data["description"], lines=data.get("lines"),
                actor=self.actor, now=now,
            )  # fmt: skip
            return Response(DisputeSerializer(selectors.dispute_view(dispute)).data, status=201)

        return idempotent(request, act, now=now)


class DisputeDetail(TrustView):
    @extend_schema(operation_id="trust_dispute_retrieve", responses=DisputeSerializer, tags=["trust"])
    def get(self, request: Request, dispute_id: UUID) -> Response:
        """A dispute with its messages and files."""
        return _full(selectors.get_dispute_for(dispute_id=dispute_id, actor=self.actor))


class DisputeMessages(TrustView):
    @extend_schema(
        operation_id="trust_dispute_message_create", request=MessageSerializer, responses={201: MessageSerializer},
        tags=["trust"],
    )  # fmt: skip
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Say something to the other side and the operator."""
        shape = MessageSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        text = shape.validated_data["text"]
        message = services.post_message(dispute_id=dispute_id, text=text, actor=self.actor, now=utc_now())
        return Response(MessageSerializer(selectors.message_view(message)).data, status=201)


class DisputeEvidence(TrustView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="trust_dispute_evidence_create", request={"multipart/form-data": EvidenceUploadSerializer},
        responses={201: EvidenceSerializer}, tags=["trust"],
    )  # fmt: skip
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Add a picture or PDF; at most 10 files for each party."""
        shape = EvidenceUploadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        upload = shape.validated_data["file"]
        kept = evidence.add_evidence(dispute_id=dispute_id, upload=upload, actor=self.actor, now=utc_now())
        return Response(EvidenceSerializer(selectors.evidence_view(kept)).data, status=201)


class DisputeEvidenceFile(TrustView):
    @extend_schema(
        operation_id="trust_dispute_evidence_retrieve", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        tags=["trust"],
    )  # fmt: skip
    def get(self, request: Request, dispute_id: UUID, evidence_id: UUID) -> HttpResponseBase:
        """A file of the dispute, for its parties and operators."""
        dispute = selectors.get_dispute_for(dispute_id=dispute_id, actor=self.actor)
        found = selectors.get_evidence_for(evidence_id=evidence_id, order_id=dispute.order_id, actor=self.actor)
        return evidence.download_of(found)


class DisputeWithdrawal(TrustView):
    @extend_schema(
        operation_id="trust_dispute_withdraw", request=None, responses=DisputeSerializer, parameters=[IDEMPOTENCY],
        tags=["trust"],
    )  # fmt: skip
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """The buyer gives up; the order goes on."""
        now = utc_now()
        return idempotent(
            request, lambda: _full(services.withdraw_dispute(dispute_id=dispute_id, actor=self.actor, now=now)), now=now
        )


class DisputeAcceptance(TrustView):
    @extend_schema(
        operation_id="trust_dispute_accept", request=None, responses=DisputeSerializer, parameters=[IDEMPOTENCY],
        tags=["trust"],
    )  # fmt: skip
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """The seller gives the whole amount back."""
        now = utc_now()
        return idempotent(
            request, lambda: _full(services.accept_refund(dispute_id=dispute_id, actor=self.actor, now=now)), now=now
        )
