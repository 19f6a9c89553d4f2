"""REST: claims of senders, and the operator's steps. Strangers, and the parcel's recipient, get 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import StepsApiView
from core.clock import utc_now
from core.errors import NotFound
from logistics.claims import evidence, selectors, services
from logistics.claims.models import Claim
from logistics.claims.rules import ClaimType
from logistics.claims.serializers import (
    ClaimAnswerSerializer,
    ClaimDecisionSerializer,
    ClaimPhotoSerializer,
    ClaimPhotoUploadSerializer,
    ClaimRequestSerializer,
    ClaimSerializer,
    ClaimSubmissionSerializer,
)
from logistics.shipments.selectors import get_shipment_for

TAGS: list[str] = ["shipping"]
STEP: dict[str, Any] = {"responses": ClaimSerializer, "parameters": [IDEMPOTENCY_KEY], "tags": TAGS}


class ClaimApiView(StepsApiView):
    read_scope = "shipping:read"
    write_scope = "shipping:write"

    def find(self, thing_id: UUID) -> Claim:
        """Raises ClaimNotFound."""
        return selectors.get_claim_for(thing_id, actor=self.actor)

    def shown(self, thing_id: UUID) -> Any:
        return ClaimSerializer(self.find(thing_id)).data

    def operator_only(self) -> None:
        if not self.actor.is_operator:
            raise NotFound()


class ClaimList(ClaimApiView):
    @extend_schema(responses=ClaimSerializer(many=True), operation_id="shipping_claims_list", tags=TAGS)
    def get(self, request: Request) -> Response:
        """Claims about parcels the caller sent (operators: all), newest first, paged."""
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.list_claims(self.actor), request, view=self)
        return pages.get_paginated_response(ClaimSerializer(page, many=True).data)


class ShipmentClaims(ClaimApiView):
    @extend_schema(responses=ClaimSerializer(many=True), operation_id="shipping_shipment_claims_list", tags=TAGS)
    def get(self, request: Request, shipment_id: UUID) -> Response:
        """The claims about one parcel, for its sender (at most 20)."""
        get_shipment_for(shipment_id, actor=self.actor, seller_only=True)
        return Response(ClaimSerializer(selectors.claims_of(shipment_id), many=True).data)

    @extend_schema(
        request=ClaimRequestSerializer, responses={201: ClaimSerializer}, parameters=[IDEMPOTENCY_KEY], tags=TAGS,
        operation_id="shipping_shipment_claims_create",
    )  # fmt: skip
    def post(self, request: Request, shipment_id: UUID) -> Response:
        """Make a claim about a parcel the caller sent."""
        get_shipment_for(shipment_id, actor=self.actor, seller_only=True)
        shape = ClaimRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data, now = shape.validated_data, utc_now()

        def act() -> Response:
            made = services.open_claim(
                shipment_id=shipment_id, kind=ClaimType(data["claim_type"]), note=data["note"], actor=self.actor,
                now=now,
            )  # fmt: skip
            return Response(self.shown(made.id), status=201)

        return idempotent(request, act, now=now)


class ClaimDetail(ClaimApiView):
    @extend_schema(responses=ClaimSerializer, operation_id="shipping_claims_retrieve", tags=TAGS)
    def get(self, request: Request, claim_id: UUID) -> Response:
        """One claim, for the sender of the parcel and operators."""
        return Response(self.shown(claim_id))


class ClaimEvidence(ClaimApiView):
    @extend_schema(
        responses={200: {"type": "object"}}, operation_id="shipping_claims_evidence_retrieve", tags=TAGS
    )  # fmt: skip
    def get(self, request: Request, claim_id: UUID) -> Response:
        """Label, promise, scans, custody and pictures: as sent in, or as they stand now."""
        return Response(evidence.pack_of(self.find(claim_id)))


class ClaimAnswer(ClaimApiView):
    @extend_schema(request=ClaimAnswerSerializer, operation_id="shipping_claims_answer", **STEP)
    def post(self, request: Request, claim_id: UUID) -> Response:
        """The sender gives what the carrier wants."""
        self.find(claim_id)
        shape = ClaimAnswerSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        note = shape.validated_data["note"]
        return self.act(
            request, claim_id,
            lambda: services.answer_claim(claim_id=claim_id, note=note, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class ClaimPhotos(ClaimApiView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": ClaimPhotoUploadSerializer}, responses={201: ClaimPhotoSerializer},
        operation_id="shipping_claims_photos_create", tags=TAGS,
    )  # fmt: skip
    def post(self, request: Request, claim_id: UUID) -> Response:
        """Add a picture; at most 6."""
        self.find(claim_id)
        shape = ClaimPhotoUploadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        upload = shape.validated_data["photo"]
        kept = evidence.add_photo(claim_id=claim_id, upload=upload, actor=self.actor, now=utc_now())
        return Response(ClaimPhotoSerializer(kept).data, status=201)


class ClaimSubmission(ClaimApiView):
    @extend_schema(request=ClaimSubmissionSerializer, operation_id="shipping_claims_submit", **STEP)
    def post(self, request: Request, claim_id: UUID) -> Response:
        """Operators: the claim was sent to the carrier; its evidence is frozen."""
        self.operator_only()
        shape = ClaimSubmissionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reference = shape.validated_data["carrier_reference"]
        return self.act(
            request, claim_id,
            lambda: services.submit_claim(
                claim_id=claim_id, carrier_reference=reference, actor=self.actor, now=utc_now()
            ),
        )  # fmt: skip


class ClaimDecision(ClaimApiView):
    @extend_schema(request=ClaimDecisionSerializer, operation_id="shipping_claims_decide", **STEP)
    def post(self, request: Request, claim_id: UUID) -> Response:
        """Operators: what the carrier answered."""
        self.operator_only()
        shape = ClaimDecisionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        return self.act(
            request, claim_id,
            lambda: services.decide_claim(
                claim_id=claim_id, approved=data["approved"], reason=data["reason"], actor=self.actor, now=utc_now()
            ),
        )  # fmt: skip


class ClaimPayment(ClaimApiView):
    @extend_schema(request=None, operation_id="shipping_claims_pay", **STEP)
    def post(self, request: Request, claim_id: UUID) -> Response:
        """Operators: the carrier's money arrived; it goes on to the seller."""
        self.operator_only()
        return self.act(
            request, claim_id, lambda: services.pay_claim(claim_id=claim_id, actor=self.actor, now=utc_now())
        )  # fmt: skip
