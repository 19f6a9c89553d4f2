"""REST: what is kept back of a seller's releases, and when it comes."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.errors import NotFound
from payments.reserves import selectors
from payments.reserves.serializers import ReserveHoldSerializer


class Reserves(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=ReserveHoldSerializer(many=True), operation_id="payments_reserve_list", tags=["payments"])
    def get(self, request: Request) -> Response:
        """The caller's open reserves, paged."""
        if self.actor.organisation_id is None:
            raise NotFound()
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.holds_of(self.actor.organisation_id), request, view=self)
        return pages.get_paginated_response(ReserveHoldSerializer(page, many=True).data)
