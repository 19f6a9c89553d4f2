"""REST: public shops, following them, and the caller's own shop page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView, PublicApiView
from core.clock import utc_now
from core.errors import NotFound
from marketplace.contracts import AwayMode, ShopInput
from marketplace.messages.selectors import reply_figures
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import find_seller, get_open_shop
from marketplace.shops import selectors, services
from marketplace.shops.models import Collection
from marketplace.shops.serializers import (
    CollectionSerializer,
    FollowedShopSerializer,
    ShopPageInputSerializer,
    ShopSerializer,
)


def shown(seller: Seller) -> Any:
    page, figures = selectors.find_page(seller.pk), reply_figures(seller_id=seller.pk, now=utc_now())
    facts = SimpleNamespace(
        seller=seller, design=page.design if page else "CLASSIC", tagline=page.tagline if page else "", figures=figures,
        badges=selectors.badges(seller, figures),
    )  # fmt: skip
    return ShopSerializer(facts).data


class Shop(PublicApiView):
    read_scope = "catalog:read"

    @extend_schema(responses=ShopSerializer, operation_id="shops_retrieve", tags=["shops"])
    def get(self, request: Request, slug: str) -> Response:
        """A public shop with its figures; its goods are found by search."""
        return Response(shown(get_open_shop(slug)))


class Following(ApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:read"

    @extend_schema(request=None, responses={204: None}, operation_id="shops_follow", tags=["shops"])
    def put(self, request: Request, slug: str) -> Response:
        """Hear of the shop's new goods."""
        services.follow_shop(seller_id=get_open_shop(slug).pk, actor=self.actor, now=utc_now())
        return Response(status=204)

    @extend_schema(responses={204: None}, operation_id="shops_unfollow", tags=["shops"])
    def delete(self, request: Request, slug: str) -> Response:
        services.unfollow_shop(seller_id=get_open_shop(slug).pk, actor=self.actor, now=utc_now())
        return Response(status=204)


class FollowedShops(ApiView):
    read_scope = "catalog:read"

    @extend_schema(responses=FollowedShopSerializer(many=True), operation_id="followed_shops_list", tags=["shops"])
    def get(self, request: Request) -> Response:
        """The shops the caller follows; paged."""
        pages = CursorPagination()
        found = selectors.followed_by(self.actor.organisation_id)
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(FollowedShopSerializer(page, many=True).data)


class OwnShopView(ApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:write"

    def seller(self) -> Seller:
        """The caller's shop. Raises NotFound while there is none."""
        seller = find_seller(self.actor.organisation_id)
        if seller is None:
            raise NotFound("There is no such shop.")
        return seller


class OwnShop(OwnShopView):
    @extend_schema(responses=ShopSerializer, operation_id="seller_shop_retrieve", tags=["selling"])
    def get(self, request: Request) -> Response:
        """How the caller's shop presents itself."""
        return Response(shown(self.seller()))

    @extend_schema(
        request=ShopPageInputSerializer, responses=ShopSerializer, operation_id="seller_shop_update", tags=["selling"]
    )
    def put(self, request: Request) -> Response:
        """Design, one line and holidays."""
        self.seller()
        shape = ShopPageInputSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = dict(shape.validated_data)
        shop = ShopInput(**{**data, "away_mode": AwayMode(data["away_mode"])})
        services.save_shop(shop=shop, actor=self.actor, now=utc_now())
        return Response(shown(self.seller()))


class Collections(OwnShopView):
    @extend_schema(responses=CollectionSerializer(many=True), operation_id="collections_list", tags=["selling"])
    def get(self, request: Request) -> Response:
        """The caller's collections with what of them is on sale (at most 20)."""
        return Response([_collection(one) for one in selectors.collections_of(self.seller().pk)])

    @extend_schema(
        request=CollectionSerializer, responses={201: CollectionSerializer}, operation_id="collections_create",
        tags=["selling"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Show some goods together."""
        self.seller()
        shape = CollectionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        made = services.add_collection(**shape.validated_data, actor=self.actor, now=utc_now())
        return Response(_collection(made), status=201)


class CollectionDetail(OwnShopView):
    @extend_schema(
        request=CollectionSerializer,
        responses=CollectionSerializer,
        operation_id="collections_update",
        tags=["selling"],
    )
    def put(self, request: Request, collection_id: UUID) -> Response:
        """Another title, other goods."""
        selectors.get_collection(collection_id=collection_id, actor=self.actor)
        shape = CollectionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        made = services.change_collection(
            collection_id=collection_id, **shape.validated_data, actor=self.actor, now=utc_now()
        )
        return Response(_collection(made))

    @extend_schema(responses={204: None}, operation_id="collections_delete", tags=["selling"])
    def delete(self, request: Request, collection_id: UUID) -> Response:
        services.remove_collection(collection_id=collection_id, actor=self.actor, now=utc_now())
        return Response(status=204)


def _collection(one: Collection) -> Any:
    ids = [item.listing_id for item in one.items.all()]
    return CollectionSerializer({"id": one.id, "title": one.title, "listing_ids": ids}).data
