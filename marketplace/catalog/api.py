"""REST: categories, public listings, and the seller's own listings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView, PublicApiView
from core.clock import utc_now
from marketplace.catalog import services, variants
from marketplace.catalog.handling import set_marks
from marketplace.catalog.models import Listing
from marketplace.catalog.photos import MAX_BYTES
from marketplace.catalog.pictures import add_photo
from marketplace.catalog.selectors import (
    get_own_listing,
    get_visible_listing,
    list_categories,
    listings_of,
    variants_of,
)
from marketplace.catalog.serializers import (
    CategorySerializer,
    HandlingSerializer,
    ListingInputSerializer,
    ListingSerializer,
    OwnListingSerializer,
    PhotoSerializer,
    PhotoUploadSerializer,
    SafetySerializer,
    VariantInputSerializer,
    VariantSerializer,
)
from marketplace.catalog.states import ListingState
from marketplace.contracts import ProductSafety


class CategoryList(PublicApiView):
    read_scope = "catalog:read"

    @extend_schema(responses=CategorySerializer(many=True), operation_id="categories_list", tags=["catalog"])
    def get(self, request: Request) -> Response:
        """The whole tree in display order (a few dozen), with the typed attributes of each category."""
        return Response(CategorySerializer(list_categories(), many=True).data)


class ListingFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(choices=[(s.value, s.value) for s in ListingState], label="state")
    q = django_filters.CharFilter(field_name="title", lookup_expr="icontains", label="words of the title")

    class Meta:
        model = Listing
        fields = ("state", "q")


class OwnListings(ApiView, ListAPIView[Listing]):
    read_scope = "catalog:read"
    write_scope = "catalog:write"
    pagination_class = CursorPagination
    filterset_class = ListingFilter
    serializer_class = OwnListingSerializer

    def get_queryset(self) -> QuerySet[Listing]:
        seller_id = None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id
        if seller_id is None:
            return Listing.objects.none()
        return listings_of(seller_id).prefetch_related("photos")

    @extend_schema(operation_id="listings_list", tags=["catalog"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The caller's own listings in any state, newest first."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        request=ListingInputSerializer, responses={201: OwnListingSerializer}, operation_id="listings_create",
        tags=["catalog"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Create a draft in the caller's shop."""
        shape = ListingInputSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        listing = services.create_listing(listing=shape.listing_input(), actor=self.actor, now=utc_now())
        return Response(_own(listing.id, self), status=201)


class ListingDetail(PublicApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:write"

    @extend_schema(responses=ListingSerializer, operation_id="listings_retrieve", tags=["catalog"])
    def get(self, request: Request, listing_id: UUID) -> Response:
        """A listing on sale; its seller sees it in any state."""
        listing = get_visible_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        is_own = self.actor.acts_for(listing.seller_id)
        return Response((OwnListingSerializer if is_own else ListingSerializer)(listing).data)

    @extend_schema(
        request=ListingInputSerializer, responses=OwnListingSerializer, operation_id="listings_update", tags=["catalog"]
    )
    def put(self, request: Request, listing_id: UUID) -> Response:
        """Change an own listing; orders keep what they were sold as."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = ListingInputSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        services.update_listing(listing_id=listing_id, listing=shape.listing_input(), actor=self.actor, now=utc_now())
        return Response(_own(listing_id, self))


class ListingPublication(ApiView):
    write_scope = "catalog:write"

    @extend_schema(request=None, responses=OwnListingSerializer, operation_id="listings_publish", tags=["catalog"])
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Put it on sale."""
        services.publish_listing(listing_id=listing_id, actor=self.actor, now=utc_now())
        return Response(_own(listing_id, self))

    @extend_schema(responses=OwnListingSerializer, operation_id="listings_withdraw", tags=["catalog"])
    def delete(self, request: Request, listing_id: UUID) -> Response:
        """Take it off sale; open orders are not touched."""
        services.withdraw_listing(listing_id=listing_id, actor=self.actor, now=utc_now())
        return Response(_own(listing_id, self))


class ListingPhotos(ApiView):
    write_scope = "catalog:write"
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": PhotoUploadSerializer}, responses={201: PhotoSerializer},
        operation_id="listings_photo_create", tags=["catalog"],
    )  # fmt: skip
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Attach a picture."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = PhotoUploadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data: bytes = shape.validated_data["photo"].read(MAX_BYTES + 1)
        photo = add_photo(
            listing_id=listing_id, data=data, alt=shape.validated_data["alt"], actor=self.actor, now=utc_now()
        )
        return Response(PhotoSerializer(photo).data, status=201)


class ListingSafety(ApiView):
    write_scope = "catalog:write"

    @extend_schema(
        request=SafetySerializer, responses=OwnListingSerializer, operation_id="listings_safety", tags=["catalog"]
    )
    def put(self, request: Request, listing_id: UUID) -> Response:
        """Say who made it and who answers for it; needed before it goes on sale where its category says so."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = SafetySerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        services.set_safety(
            listing_id=listing_id, safety=ProductSafety(**shape.validated_data), actor=self.actor, now=utc_now()
        )
        return Response(_own(listing_id, self))


class ListingHandling(ApiView):
    write_scope = "catalog:write"

    @extend_schema(
        request=HandlingSerializer, responses=OwnListingSerializer, operation_id="listings_handling", tags=["catalog"]
    )
    def put(self, request: Request, listing_id: UUID) -> Response:
        """Say what the goods ask of carriers; those that do not take them are no longer offered."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = HandlingSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        set_marks(listing_id=listing_id, marks=shape.validated_data["marks"], actor=self.actor, now=utc_now())
        return Response(_own(listing_id, self))


class ListingVariants(PublicApiView):
    read_scope = "catalog:read"
    write_scope = "catalog:write"

    @extend_schema(responses=VariantSerializer(many=True), operation_id="listings_variants", tags=["catalog"])
    def get(self, request: Request, listing_id: UUID) -> Response:
        """The variants of the listing's product (at most 60): those on sale, to its seller all; none when it has none."""
        listing = get_visible_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        is_own = self.actor.acts_for(listing.seller_id)
        found = [one for one in variants_of(listing.product_id) if is_own or one.is_published]
        return Response(VariantSerializer(found, many=True).data)

    @extend_schema(
        request=VariantInputSerializer, responses={201: OwnListingSerializer}, operation_id="listings_variants_create",
        tags=["catalog"],
    )  # fmt: skip
    def post(self, request: Request, listing_id: UUID) -> Response:
        """Add a variant as a draft: words, sizes and pictures are those of the listing."""
        get_own_listing(listing_id=listing_id, seller_id=self.actor.organisation_id)
        shape = VariantInputSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        values, now = dict(shape.validated_data), utc_now()
        options = values.pop("options")
        with transaction.atomic():
            if options:
                variants.make_product(listing_id=listing_id, options=options, actor=self.actor, now=now)
            made = variants.add_variant(listing_id=listing_id, actor=self.actor, now=now, **values)
        return Response(_own(made.id, self), status=201)


def _own(listing_id: UUID, view: ApiView) -> Any:
    return OwnListingSerializer(get_own_listing(listing_id=listing_id, seller_id=view.actor.organisation_id)).data
