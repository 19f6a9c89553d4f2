"""REST: the caller's business profile and shop."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from marketplace.contracts import ProfileInput
from marketplace.sellers import services
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import find_seller
from marketplace.sellers.serializers import ProfileSerializer


class SellerApiView(ApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:write"

    def seller(self) -> Seller:
        """The caller's profile. Raises NotFound while there is none."""
        seller = find_seller(self.actor.organisation_id)
        if seller is None:
            raise NotFound("There is no business profile yet.", remedy="PUT it first.")
        return seller


class SellerProfile(SellerApiView):
    @extend_schema(responses=ProfileSerializer, operation_id="seller_retrieve", tags=["selling"])
    def get(self, request: Request) -> Response:
        """The caller's business profile. 404 while there is none."""
        return Response(ProfileSerializer(self.seller()).data)

    @extend_schema(
        request=ProfileSerializer, responses=ProfileSerializer, operation_id="seller_update", tags=["selling"]
    )
    def put(self, request: Request) -> Response:
        """Create or change it. What was verified cannot be changed here."""
        shape = ProfileSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        services.save_profile(profile=ProfileInput(**shape.validated_data), actor=self.actor, now=utc_now())
        return Response(ProfileSerializer(self.seller()).data)


class SellerSubmission(SellerApiView):
    @extend_schema(request=None, responses=ProfileSerializer, operation_id="seller_submit", tags=["selling"])
    def post(self, request: Request) -> Response:
        """Ask the operator to verify the profile."""
        self.seller()
        services.submit_profile(actor=self.actor, now=utc_now())
        return Response(ProfileSerializer(self.seller()).data)


class ShopOpening(SellerApiView):
    @extend_schema(request=None, responses=ProfileSerializer, operation_id="seller_open_shop", tags=["selling"])
    def post(self, request: Request) -> Response:
        """Make the shop page public; twice changes nothing."""
        self.seller()
        services.open_shop(actor=self.actor, now=utc_now())
        return Response(ProfileSerializer(self.seller()).data)
