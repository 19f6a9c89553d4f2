"""REST: how the caller's organisation buys."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from marketplace.buyers import services
from marketplace.buyers.selectors import find_profile
from marketplace.buyers.serializers import BuyerProfileSerializer


class BuyerProfileDetail(ApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    @extend_schema(responses=BuyerProfileSerializer, operation_id="buyer_profile_retrieve", tags=["buying"])
    def get(self, request: Request) -> Response:
        """VAT number and limits; empty while nothing was set."""
        if self.actor.organisation_id is None:
            raise NotFound()
        found = find_profile(self.actor.organisation_id)
        empty = {"vat_number": "", "staff_limit": None, "manager_limit": None}
        return Response(BuyerProfileSerializer(found or empty).data)

    @extend_schema(
        request=BuyerProfileSerializer, responses=BuyerProfileSerializer, operation_id="buyer_profile_update",
        tags=["buying"],
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        """Set them, in a browser session of an owner; for purchases from now on."""
        shape = BuyerProfileSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        saved = services.save_buyer_profile(**shape.validated_data, actor=self.actor, now=utc_now())
        return Response(BuyerProfileSerializer(saved).data)
