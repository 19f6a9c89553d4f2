"""REST: the caller's codes."""

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
from marketplace.promotions import services
from marketplace.promotions.models import Promotion
from marketplace.promotions.selectors import get_own_promotion, promotions_of
from marketplace.promotions.serializers import PromotionInputSerializer, PromotionSerializer


class PromotionList(ApiView, ListAPIView[Promotion]):
    read_scope = "catalog:read"
    write_scope = "catalog:write"
    pagination_class = CursorPagination
    filter_backends = ()
    serializer_class = PromotionSerializer

    def get_queryset(self) -> QuerySet[Promotion]:
        return promotions_of(None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id)

    @extend_schema(operation_id="promotions_list", tags=["catalog"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The codes of the caller's shop, newest first, with how often each was used."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        request=PromotionInputSerializer, responses={201: PromotionSerializer}, operation_id="promotions_create",
        tags=["catalog"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """A new code of the caller's shop; what it takes off is the seller's to bear."""
        shape = PromotionInputSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        made = services.create_promotion(promotion=shape.promotion(), actor=self.actor, now=utc_now())
        found = get_own_promotion(promotion_id=made.id, seller_id=self.actor.organisation_id)
        return Response(PromotionSerializer(found).data, status=201)


class PromotionDetail(ApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:write"

    @extend_schema(responses=PromotionSerializer, operation_id="promotions_retrieve", tags=["catalog"])
    def get(self, request: Request, promotion_id: UUID) -> Response:
        """One code of the caller's shop."""
        found = get_own_promotion(promotion_id=promotion_id, seller_id=self.actor.organisation_id)
        return Response(PromotionSerializer(found).data)

    @extend_schema(responses={204: None}, operation_id="promotions_stop", tags=["catalog"])
    def delete(self, request: Request, promotion_id: UUID) -> Response:
        """Stop it: nobody can use it any more."""
        services.stop_promotion(promotion_id=promotion_id, actor=self.actor, now=utc_now())
        return Response(status=204)
