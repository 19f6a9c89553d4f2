"""REST: notices of the caller's organisation, and what the caller wants to be told of."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from logistics.notices import selectors, services
from logistics.notices.models import Notice
from logistics.notices.rules import Side, Stage
from logistics.notices.selectors import Choice
from logistics.notices.serializers import NoticeChoiceSerializer, NoticeReadingSerializer, NoticeSerializer
from logistics.notices.words import tell

TAGS: list[str] = ["shipping"]


class NewestFirst(CursorPagination):
    ordering = ("-at", "-id")  # type: ignore[assignment]


class NoticeList(ApiView):
    read_scope = "shipping:read"

    @extend_schema(responses=NoticeSerializer(many=True), operation_id="notices_list", tags=TAGS)
    def get(self, request: Request) -> Response:
        """What happened to the organisation's parcels, newest first, paged; reading here marks nothing as seen."""
        pages = NewestFirst()
        page: list[Notice] = pages.paginate_queryset(selectors.list_notices(self.actor), request, view=self) or []
        windows = selectors.loss_windows(page)
        return pages.get_paginated_response([_shown(row, windows) for row in page])


def _shown(row: Notice, windows: Any) -> Any:
    told = tell(row, windows=windows)
    return NoticeSerializer({
        "id": row.id, "side": row.side, "stage": row.stage, "shipment_id": row.shipment_id,
        "tracking_number": row.shipment.waybill, "title": told.title, "text": told.text, "at": row.at,
        "read_at": row.read_at,
    }).data  # fmt: skip


class NoticeReading(ApiView):
    write_scope = "shipping:write"

    @extend_schema(request=None, responses=NoticeReadingSerializer, operation_id="notices_read", tags=TAGS)
    def post(self, request: Request) -> Response:
        """Everything was seen. Doing it twice is harmless."""
        if self.actor.organisation_id is None:
            raise NotFound()
        count = services.mark_all_read(organisation_id=self.actor.organisation_id, now=utc_now())
        return Response(NoticeReadingSerializer({"read": count}).data)


class NoticePreferences(ApiView):
    read_scope = "shipping:read"
    write_scope = "shipping:write"

    @extend_schema(responses=NoticeChoiceSerializer(many=True), operation_id="notices_preferences_list", tags=TAGS)
    def get(self, request: Request) -> Response:
        """For each stage and side: by e-mail, in the app, both or neither."""
        return Response(self._choices())

    @extend_schema(
        request=NoticeChoiceSerializer(many=True), responses=NoticeChoiceSerializer(many=True),
        operation_id="notices_preferences_update", tags=TAGS,
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        """Change the rows that are given; the others stay."""
        shape = NoticeChoiceSerializer(data=request.data, many=True)
        shape.is_valid(raise_exception=True)
        wanted = {
            (one["side"], one["stage"]): Choice(Side(one["side"]), Stage(one["stage"]), one["by_mail"], one["in_app"])
            for one in shape.validated_data
        }  # fmt: skip
        services.choose(user_id=self._user_id(), choices=wanted.values())
        return Response(self._choices())

    def _choices(self) -> Any:
        rows = [one._asdict() for one in selectors.list_choices(self._user_id())]
        return NoticeChoiceSerializer(rows, many=True).data

    def _user_id(self) -> Any:
        if self.actor.user_id is None:
            raise NotFound()
        return self.actor.user_id
