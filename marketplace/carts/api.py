"""REST: the caller's cart and what its delivery costs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.serializers import checked, shown
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from marketplace.addresses.rules import checked_address
from marketplace.carts import services
from marketplace.carts.selectors import CartOwner, quote_cart, view_cart
from marketplace.carts.serializers import (
    AddressedSerializer,
    CartQuotesSerializer,
    CartSerializer,
    CodeSerializer,
    QuantitySerializer,
)
from marketplace.contracts import EmptyCart


class CartApiView(ApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    @property
    def owner(self) -> CartOwner:
        """The organisation the caller buys for. Raises NotFound for operators, who have none."""
        if self.actor.organisation_id is None:
            raise NotFound("There is no cart.")
        return CartOwner(organisation_id=self.actor.organisation_id)

    def shown(self) -> Any:
        return shown(CartSerializer, view_cart(self.owner, with_photos=False, now=utc_now()))


class CartDetail(CartApiView):
    @extend_schema(responses=CartSerializer, operation_id="cart_retrieve", tags=["buying"])
    def get(self, request: Request) -> Response:
        """What is in the cart, by seller, at today's prices."""
        return Response(self.shown())


class CartLineDetail(CartApiView):
    @extend_schema(
        request=QuantitySerializer, responses=CartSerializer, operation_id="cart_line_update", tags=["buying"]
    )
    def put(self, request: Request, listing_id: UUID) -> Response:
        """Have that many pieces of the listing in the cart; 0 takes it out."""
        asked = checked(QuantitySerializer, request.data)
        services.set_line(owner=self.owner, listing_id=listing_id, quantity=asked["quantity"], now=utc_now())
        return Response(self.shown())

    @extend_schema(responses=CartSerializer, operation_id="cart_line_delete", tags=["buying"])
    def delete(self, request: Request, listing_id: UUID) -> Response:
        """Take the listing out; twice changes nothing."""
        services.set_line(owner=self.owner, listing_id=listing_id, quantity=0, now=utc_now())
        return Response(self.shown())


class CartCode(CartApiView):
    @extend_schema(request=CodeSerializer, responses=CartSerializer, operation_id="cart_code", tags=["buying"])
    def put(self, request: Request) -> Response:
        """Have a seller's code in the cart; refused when it does nothing for what is in it."""
        asked = checked(CodeSerializer, request.data)
        services.set_code(owner=self.owner, code=asked["code"], now=utc_now())
        return Response(self.shown())


class CartQuotes(CartApiView):
    write_scope = "orders:read"  # it only asks

    @extend_schema(
        request=AddressedSerializer, responses=CartQuotesSerializer, operation_id="cart_quotes", tags=["buying"]
    )
    def post(self, request: Request) -> Response:
        """Delivery options of each seller for an address, with price and promise. Creates nothing."""
        address = checked_address(checked(AddressedSerializer, request.data)["address"])
        cart = view_cart(self.owner, with_photos=False, now=utc_now())
        if cart.is_empty:
            raise EmptyCart(field="cart")
        return Response(shown(CartQuotesSerializer, quote_cart(cart=cart, address=address, now=utc_now())))
