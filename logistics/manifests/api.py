"""REST: a seller's manifests. Strangers get 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import StepsApiView
from core.clock import utc_now
from logistics.manifests import selectors, services
from logistics.manifests.models import Manifest
from logistics.manifests.paper import render_manifest
from logistics.manifests.serializers import (
    ManifestCancellationSerializer,
    ManifestDetailSerializer,
    ManifestLineSerializer,
    ManifestRequestSerializer,
    ManifestSerializer,
)

TAGS: list[str] = ["shipping"]
STEP: dict[str, Any] = {"responses": ManifestDetailSerializer, "parameters": [IDEMPOTENCY_KEY], "tags": TAGS}


class NewestFirst(CursorPagination):
    ordering = ("-made_at", "-id")  # type: ignore[assignment]


class ManifestApiView(StepsApiView):
    read_scope = "shipping:read"
    write_scope = "shipping:write"

    def find(self, thing_id: UUID) -> Manifest:
        """Raises ManifestNotFound."""
        return selectors.get_manifest_for(thing_id, actor=self.actor)

    def shown(self, thing_id: UUID) -> Any:
        found = self.find(thing_id)
        lines = ManifestLineSerializer(selectors.lines_of(found), many=True).data
        return {**ManifestSerializer(found).data, "lines": lines}


class ManifestList(ManifestApiView):
    @extend_schema(responses=ManifestSerializer(many=True), operation_id="shipping_manifests_list", tags=TAGS)
    def get(self, request: Request) -> Response:
        """The caller's manifests (operators: all), newest first, paged."""
        pages = NewestFirst()
        page = pages.paginate_queryset(selectors.list_manifests(self.actor), request, view=self)
        return pages.get_paginated_response(ManifestSerializer(page, many=True).data)

    @extend_schema(
        request=ManifestRequestSerializer, responses={201: ManifestDetailSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="shipping_manifests_create", tags=TAGS,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """List all parcels of a carrier that are ready and on no manifest."""
        shape, now = ManifestRequestSerializer(data=request.data), utc_now()
        shape.is_valid(raise_exception=True)
        code = shape.validated_data["carrier_code"]

        def act() -> Response:
            made = services.make_manifest(carrier_code=code, actor=self.actor, now=now)
            return Response(self.shown(made.id), status=201)

        return idempotent(request, act, now=now)


class ManifestDetail(ManifestApiView):
    @extend_schema(responses=ManifestDetailSerializer, operation_id="shipping_manifests_retrieve", tags=TAGS)
    def get(self, request: Request, manifest_id: UUID) -> Response:
        """One manifest with its lines, for its seller and operators."""
        return Response(self.shown(manifest_id))


class ManifestPaper(ManifestApiView):
    @extend_schema(
        responses={(200, "application/pdf"): OpenApiTypes.BINARY}, operation_id="shipping_manifests_paper", tags=TAGS
    )
    def get(self, request: Request, manifest_id: UUID) -> HttpResponse:
        """The manifest as PDF, with its number as a barcode."""
        found = self.find(manifest_id)
        lines = selectors.lines_of(found)
        paper = render_manifest(found, lines, selectors.sender_of(lines))
        return HttpResponse(paper, content_type="application/pdf")


class ManifestHandOver(ManifestApiView):
    @extend_schema(request=None, operation_id="shipping_manifests_hand_over", **STEP)
    def post(self, request: Request, manifest_id: UUID) -> Response:
        """The hand-over scan: everything on it is handed over, and it is closed for good."""
        given: list[UUID] = []

        def close() -> None:
            given.extend(services.close_manifest(manifest_id=manifest_id, actor=self.actor, now=utc_now())[1])

        answer = self.act(request, manifest_id, close)
        services.announce_manifest(shipment_ids=given, now=utc_now())
        return answer


class ManifestCancellation(ManifestApiView):
    @extend_schema(request=ManifestCancellationSerializer, operation_id="shipping_manifests_cancel", **STEP)
    def post(self, request: Request, manifest_id: UUID) -> Response:
        """Take it back before the hand-over; its parcels may go on another one."""
        self.find(manifest_id)
        shape = ManifestCancellationSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reason = shape.validated_data["reason"]
        return self.act(
            request, manifest_id,
            lambda: services.cancel_manifest(manifest_id=manifest_id, reason=reason, actor=self.actor, now=utc_now()),
        )  # fmt: skip
