"""REST: the caller's address book, and how countries write addresses."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiView, PublicApiView
from core.clock import utc_now
from core.errors import NotFound
from core.identity.countries import COUNTRIES
from marketplace.addresses import services
from marketplace.addresses.rules import layout_of
from marketplace.addresses.selectors import get_address, list_addresses
from marketplace.addresses.serializers import AddressFormatSerializer, AddressSerializer, SavedAddressSerializer
from marketplace.contracts import Place


class AddressApiView(ApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    @property
    def organisation_id(self) -> UUID:
        """Raises NotFound for operators, who have no address book."""
        if self.actor.organisation_id is None:
            raise NotFound()
        return self.actor.organisation_id

    def sent(self, request: Request) -> Place:
        shape = AddressSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        place: Place = shape.validated_data
        return place


class Addresses(AddressApiView):
    @extend_schema(responses=SavedAddressSerializer(many=True), operation_id="addresses_list", tags=["cart"])
    def get(self, request: Request) -> Response:
        """The address book, the last used first (at most 20)."""
        return Response(SavedAddressSerializer(list_addresses(self.organisation_id), many=True).data)

    @extend_schema(
        request=AddressSerializer, responses={201: SavedAddressSerializer}, operation_id="addresses_create",
        tags=["cart"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """A new entry, checked by its country's rules; a region left out is taken from the postcode."""
        made = services.add_address(organisation_id=self.organisation_id, address=self.sent(request), now=utc_now())
        return Response(SavedAddressSerializer(made).data, status=201)


class AddressDetail(AddressApiView):
    @extend_schema(
        request=AddressSerializer, responses=SavedAddressSerializer, operation_id="addresses_update", tags=["cart"]
    )
    def put(self, request: Request, address_id: UUID) -> Response:
        """Write the entry anew; orders keep their own copy."""
        get_address(organisation_id=self.organisation_id, address_id=address_id)
        changed = services.change_address(
            organisation_id=self.organisation_id, address_id=address_id, address=self.sent(request)
        )
        return Response(SavedAddressSerializer(changed).data)

    @extend_schema(responses={204: None}, operation_id="addresses_destroy", tags=["cart"])
    def delete(self, request: Request, address_id: UUID) -> Response:
        """Take it out of the address book; orders keep their own copy."""
        services.forget_address(organisation_id=self.organisation_id, address_id=address_id)
        return Response(status=204)


class AddressFormat(PublicApiView):
    @extend_schema(responses=AddressFormatSerializer, operation_id="address_formats_retrieve", tags=["cart"], auth=[])
    def get(self, request: Request, country: str) -> Response:
        """Which parts an address of this country has, in which order, and what they are called."""
        if country.upper() not in COUNTRIES:
            raise NotFound("We do not deliver to this country.")
        layout = layout_of(country.upper())
        shown: dict[str, Any] = {
            "country": layout.country, "parts": layout.fields, "kinds": layout.kinds,
            "needed": [name for name in layout.fields if name in layout.required],
            "postcode_example": next(iter(layout.examples), ""),
            "regions": [{"value": value, "name": name} for value, name in layout.regions],
        }  # fmt: skip
        return Response(AddressFormatSerializer(shown).data)
