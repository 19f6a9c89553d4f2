"""REST: search."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import PublicApiView
from core.clock import utc_now
from marketplace.search.forms import read_query
from marketplace.search.rules import FILTERS, SearchQuery, Sort
from marketplace.search.selectors import search
from marketplace.search.serializers import ResultsSerializer, SuggestionSerializer, WalkSerializer
from marketplace.search.suggestions import suggest
from marketplace.search.walking import walk

PARAMETERS = [
    OpenApiParameter("q", str, description="Words, a GTIN or a listing's id."),
    *(OpenApiParameter(name, str, many=True, description="Any of the given values.") for name in FILTERS),
    OpenApiParameter("price_from", str, description="Lowest price in euros, for example 12.50."),
    OpenApiParameter("price_to", str, description="Highest price in euros."),
    OpenApiParameter("available", str, enum=["1"], description="Only what is in stock."),
    OpenApiParameter("business", str, enum=["1"], description="Only of registered businesses."),
    OpenApiParameter("rated", int, description="At least this many stars."),
    OpenApiParameter(
        "buying", int, description="How many are bought: leaves out what is not sold in so small a number."
    ),
    OpenApiParameter("ship_to", str, description="Country code: only what a carrier brings there."),
    OpenApiParameter("by", OpenApiTypes.DATE, description="With ship_to: only what is promised by that day."),
    OpenApiParameter("sort", str, enum=[sort.value for sort in Sort]),
    OpenApiParameter("page", int),
]


def _asked(request: Request) -> SearchQuery:
    """The search of an address. Raises ValidationError."""
    query, errors = read_query(request.query_params)
    if query.by and not query.ship_to:
        errors["ship_to"] = _("Say to which country.")
    if errors:
        raise serializers.ValidationError(errors)
    return query


class Suggestions(PublicApiView):
    read_scope = "catalog:read"

    @extend_schema(
        parameters=[OpenApiParameter("q", str, description="The letters typed so far; from two on.")],
        responses=SuggestionSerializer(many=True), operation_id="search_suggestions", tags=["catalog"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What typed letters may become: words of goods on sale, categories, shops (at most a dozen)."""
        return Response(SuggestionSerializer(suggest(request.query_params.get("q", "")), many=True).data)


class SearchWalk(PublicApiView):
    read_scope = "catalog:read"

    @extend_schema(
        parameters=[*PARAMETERS[:-1], OpenApiParameter("cursor", str, description="`next_cursor` of the page before.")],
        responses=WalkSerializer, operation_id="search_walk", tags=["catalog"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """All results of a search, 24 a page, without a limit and without facets: for following them to the end."""
        query = _asked(request)
        return Response(WalkSerializer(walk(query, request.query_params.get("cursor", ""), now=utc_now())).data)


class Search(PublicApiView):
    read_scope = "catalog:read"

    @extend_schema(parameters=PARAMETERS, responses=ResultsSerializer, operation_id="search", tags=["catalog"])
    def get(self, request: Request) -> Response:
        """Find listings: 24 a page, with facet counts, the ranking model's version and the reasons for each place."""
        query = _asked(request)
        return Response(ResultsSerializer(search(query, now=utc_now())).data)
