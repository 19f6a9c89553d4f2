"""REST: the public scorecard of a seller."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.errors import NotFound
from trust.scorecards.selectors import find_scorecard, scorecard_view
from trust.scorecards.serializers import ScorecardSerializer


class SellerScorecard(ApiView):
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="trust_scorecard_retrieve", responses=ScorecardSerializer, tags=["trust"])
    def get(self, request: Request, seller_id: UUID) -> Response:
        """A seller's reputation as of its last computation; 404 before the first."""
        card = find_scorecard(seller_id)
        if card is None:
            raise NotFound("There is no scorecard yet.")
        return Response(ScorecardSerializer(scorecard_view(card)).data)
