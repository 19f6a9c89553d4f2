"""REST: EPCIS 2.0 capture and query of an organisation's own events, and a shipment's history as EPCIS."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import InvalidInput, NotAllowed
from logistics.epcis import rules, selectors, services
from logistics.epcis.selectors import EventQuery
from logistics.shipments.selectors import get_shipment_for

PAGE, MAX_PAGE = 30, 200
QUERY = {
    "eventType": "kinds", "EQ_action": "actions", "EQ_bizStep": "biz_steps", "EQ_disposition": "dispositions",
    "MATCH_anyEPC": "epcs", "MATCH_epc": "epcs", "EQ_eventID": "event_ids",
}  # fmt: skip
"""Parameters of the standard's simple event query; several values are separated by commas."""


class EpcisView(ApiView):
    read_scope = "shipping:read"
    write_scope = "shipping:write"

    @property
    def organisation_id(self) -> UUID:
        """Raises NotAllowed for someone who acts for none."""
        found = self.actor.organisation_id
        if found is None:
            raise NotAllowed()
        return found


class CaptureView(EpcisView):
    """Capture a document or a single event."""

    @extend_schema(
        operation_id="epcis_capture", request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT},
        parameters=[IDEMPOTENCY_KEY],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """All events or none; the answer names the capture, whose document can be read back."""
        now = utc_now()

        def capture() -> Response:
            made = services.capture_document(document=request.data, organisation_id=self.organisation_id, now=now)
            return Response({"captureID": str(made.id), "events": made.count}, status=201)

        return idempotent(request, capture, now=now)


class CapturedView(EpcisView):
    """A captured document, as it came."""

    @extend_schema(operation_id="epcis_captured", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, capture_id: UUID) -> Response:
        capture = selectors.get_capture(capture_id, organisation_id=self.organisation_id)
        return Response(selectors.document_again(capture))


class EventsView(EpcisView):
    """Query captured events."""

    @extend_schema(
        operation_id="epcis_events", responses={200: OpenApiTypes.OBJECT},
        parameters=[
            *(OpenApiParameter(name=name, type=str) for name in (*QUERY, "GE_eventTime", "LT_eventTime", "nextPageToken")),
            OpenApiParameter(name="perPage", type=int),
        ],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """An EPCISQueryDocument, oldest first; more pages by the Link header's token."""
        now, size = utc_now(), _page_size(request)
        found = selectors.query_events(_query(request), organisation_id=self.organisation_id)
        if token := request.query_params.get("nextPageToken"):
            found = found.filter(id__gt=_whole(token, "nextPageToken"))
        rows = list(found[: size + 1])
        body = rules.query_document_of(
            [row.body for row in rows[:size]], [row.context for row in rows[:size]], created_at=now
        )
        response = Response(body)
        if len(rows) > size:
            response["Link"] = f'<{request.path}?nextPageToken={rows[size - 1].id}&perPage={size}>; rel="next"'
        return response


class ShipmentEpcisView(ApiView):
    """A shipment's history as an EPCISDocument, for its seller, its buyer and operators."""

    read_scope = "shipping:read"

    @extend_schema(operation_id="shipping_epcis", responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, shipment_id: UUID) -> Response:
        get_shipment_for(shipment_id, actor=self.actor)
        return Response(selectors.shipment_document(shipment_id, now=utc_now()))


def _query(request: Request) -> EventQuery:
    values: dict[str, Any] = {}
    for parameter, name in QUERY.items():
        if text := request.query_params.get(parameter):
            values[name] = tuple(part.strip() for part in text.split(",") if part.strip())[:100]
    for parameter, name in (("GE_eventTime", "since"), ("LT_eventTime", "before")):
        if text := request.query_params.get(parameter):
            values[name] = rules.moment(text, parameter)
    return EventQuery(**values)


def _page_size(request: Request) -> int:
    size = _whole(request.query_params.get("perPage", str(PAGE)), "perPage")
    return max(1, min(size, MAX_PAGE))


def _whole(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise InvalidInput("A whole number is needed.", field=name)
    return int(text)
