"""REST: balances, payouts and the bank account of the seller who calls."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from payments.payouts import selectors, services
from payments.payouts.serializers import BalanceSerializer, DestinationSerializer, PayoutSerializer


class SellerView(ApiView):
    read_scope = "payments:read"
    write_scope = "payments:write"

    @property
    def seller_id(self) -> UUID:
        seller_id = self.actor.organisation_id
        if seller_id is None:
            raise NotFound()
        return seller_id


class Balances(SellerView):
    @extend_schema(responses=BalanceSerializer(many=True), operation_id="payments_balance_list", tags=["payments"])
    def get(self, request: Request) -> Response:
        """One balance for each currency the caller has dealt in as a seller."""
        return Response(BalanceSerializer(selectors.list_seller_balances(self.seller_id), many=True).data)


class Payouts(SellerView):
    @extend_schema(responses=PayoutSerializer(many=True), operation_id="payments_payout_list", tags=["payments"])
    def get(self, request: Request) -> Response:
        """The caller's payouts, newest first, paged."""
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.payouts_of(self.seller_id), request, view=self)
        return pages.get_paginated_response(PayoutSerializer(page, many=True).data)


class PayoutDestinationDetail(SellerView):
    @extend_schema(
        responses=DestinationSerializer, operation_id="payments_payout_destination_retrieve", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """The bank account, masked. 404 while there is none."""
        destination = selectors.find_destination(self.seller_id)
        if destination is None:
            raise NotFound("There is no bank account yet.")
        return Response(DestinationSerializer(destination).data)

    @extend_schema(
        request=DestinationSerializer, responses=DestinationSerializer, tags=["payments"],
        operation_id="payments_payout_destination_update",
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        """Set the bank account; repeating it changes nothing."""
        shape = DestinationSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        view = services.set_payout_destination(
            seller_id=self.seller_id, holder=shape.validated_data["holder"], iban=shape.validated_data["iban"],
            actor=self.actor, now=utc_now(),
        )  # fmt: skip
        return Response(DestinationSerializer(view).data)
