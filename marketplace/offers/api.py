"""REST: proposals that a listing is the same thing as others'."""

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
from marketplace.offers.models import Match
from marketplace.offers.selectors import matches_of
from marketplace.offers.serializers import DecisionSerializer, MatchSerializer
from marketplace.offers.services import decide_match


class MatchPages(CursorPagination):
    ordering = "-proposed_at"


class MatchList(ApiView, ListAPIView[Match]):
    read_scope = "catalog:read"
    pagination_class = MatchPages
    filter_backends = ()
    serializer_class = MatchSerializer

    def get_queryset(self) -> QuerySet[Match]:
        return matches_of(None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id)

    @extend_schema(operation_id="matches_list", tags=["catalog"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Proposals about the caller's listings, newest first."""
        return self.list(request, *args, **kwargs)


class MatchDecision(ApiView):
    write_scope = "catalog:write"

    @extend_schema(
        request=DecisionSerializer, responses=MatchSerializer, operation_id="matches_decide", tags=["catalog"]
    )
    def put(self, request: Request, match_id: UUID) -> Response:
        """It is the same thing, or it is not."""
        shape = DecisionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        accept = shape.validated_data["accept"]
        match = decide_match(match_id=match_id, accept=accept, actor=self.actor, now=utc_now())
        return Response(MatchSerializer(match).data)
