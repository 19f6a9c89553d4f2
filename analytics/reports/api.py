"""REST: the figures of the seller who calls."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from analytics.reports import selectors
from analytics.reports.serializers import ListingFiguresSerializer, OverviewSerializer, PeriodSerializer
from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from marketplace import facade as marketplace


class ListingPages(CursorPagination):
    ordering = "subject_id"


class FiguresView(ApiView):
    read_scope = "analytics:read"

    @property
    def seller_id(self) -> UUID:
        seller = marketplace.find_seller(self.actor.organisation_id)
        if seller is None:
            raise NotFound()
        return seller.seller_id

    def days(self, request: Request) -> int:
        shape = PeriodSerializer(data=request.query_params)
        shape.is_valid(raise_exception=True)
        return int(shape.validated_data["days"])


class OverviewDetail(FiguresView):
    @extend_schema(
        parameters=[PeriodSerializer], responses=OverviewSerializer, operation_id="analytics_overview_retrieve",
        tags=["analytics"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The caller's shop over the last days: behaviour, paid orders and revenue, in total and by day."""
        figures = selectors.get_overview(seller_id=self.seller_id, days=self.days(request), now=utc_now())
        return Response(OverviewSerializer(figures).data)


class ListingFiguresList(FiguresView):
    @extend_schema(
        parameters=[PeriodSerializer], responses=ListingFiguresSerializer(many=True), tags=["analytics"],
        operation_id="analytics_listing_list",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The caller's listings that were seen in the period, paged by listing id."""
        seller_id, pages, since = self.seller_id, ListingPages(), selectors.first_day(self.days(request), utc_now())
        page = pages.paginate_queryset(selectors.seen_listings(seller_id, since=since), request, view=self) or []
        figures = selectors.list_figures([row["subject_id"] for row in page], since=since)
        return pages.get_paginated_response(ListingFiguresSerializer(figures, many=True).data)
