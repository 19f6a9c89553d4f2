"""REST: pickups and standing bookings of sellers. Strangers get 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import StepsApiView
from core.clock import utc_now
from core.errors import NotFound
from logistics.contracts import Address
from logistics.pickups import selectors, services
from logistics.pickups.models import Pickup
from logistics.pickups.serializers import (
    PickupCancellationSerializer,
    PickupCompletionSerializer,
    PickupDetailSerializer,
    PickupParcelSerializer,
    PickupRequestSerializer,
    PickupScheduleRequestSerializer,
    PickupScheduleSerializer,
    PickupSerializer,
    PickupWindowSerializer,
)

TAGS: list[str] = ["shipping"]
STEP: dict[str, Any] = {"responses": PickupDetailSerializer, "parameters": [IDEMPOTENCY_KEY], "tags": TAGS}


class LatestDayFirst(CursorPagination):
    ordering = ("-day", "-id")  # type: ignore[assignment]


class PickupApiView(StepsApiView):
    read_scope = "shipping:read"
    write_scope = "shipping:write"

    def find(self, thing_id: UUID) -> Pickup:
        """Raises PickupNotFound."""
        return selectors.get_pickup_for(thing_id, actor=self.actor)

    def shown(self, thing_id: UUID) -> Any:
        found = self.find(thing_id)
        parcels = PickupParcelSerializer(selectors.parcels_of(found), many=True).data
        return {**PickupSerializer(found).data, "parcels": parcels}

    def usual_door(self) -> Address | None:
        """Operators book for nobody."""
        if self.actor.organisation_id is None:
            raise NotFound()
        return selectors.usual_door(self.actor.organisation_id)

    def step(self, request: Request, pickup_id: UUID, do: Callable[[], object]) -> Response:
        """The step commits under the key; then the carrier is told."""
        answer = self.act(request, pickup_id, do)
        services.tell_carrier(pickup_id=pickup_id, now=utc_now())
        return answer


class PickupList(PickupApiView):
    @extend_schema(responses=PickupSerializer(many=True), operation_id="shipping_pickups_list", tags=TAGS)
    def get(self, request: Request) -> Response:
        """The caller's pickups (operators: all), the latest day first, paged."""
        pages = LatestDayFirst()
        page = pages.paginate_queryset(selectors.list_pickups(self.actor), request, view=self)
        return pages.get_paginated_response(PickupSerializer(page, many=True).data)

    @extend_schema(
        request=PickupRequestSerializer, responses={201: PickupDetailSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="shipping_pickups_create", tags=TAGS,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Book the carrier for one day. It confirms after the answer."""
        shape, usual, now = PickupRequestSerializer(data=request.data), self.usual_door(), utc_now()
        shape.is_valid(raise_exception=True)
        visit, day = shape.visit(usual), shape.validated_data["day"]

        def act() -> Response:
            made = services.book_pickup(visit=visit, day=day, actor=self.actor, now=now)
            return Response(self.shown(made.id), status=201)

        answer = idempotent(request, act, now=now)
        services.tell_carrier(pickup_id=UUID(str(answer.data["id"])), now=now)
        return answer


class PickupDetail(PickupApiView):
    @extend_schema(responses=PickupDetailSerializer, operation_id="shipping_pickups_retrieve", tags=TAGS)
    def get(self, request: Request, pickup_id: UUID) -> Response:
        """One pickup with its parcels, for its seller and operators."""
        return Response(self.shown(pickup_id))


class PickupChange(PickupApiView):
    @extend_schema(request=PickupWindowSerializer, operation_id="shipping_pickups_change", **STEP)
    def post(self, request: Request, pickup_id: UUID) -> Response:
        """Another day or window, until the cut-off."""
        self.find(pickup_id)
        shape = PickupWindowSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data, now = shape.validated_data, utc_now()
        return self.step(
            request, pickup_id,
            lambda: services.change_pickup(pickup_id=pickup_id, **data, actor=self.actor, now=now),
        )  # fmt: skip


class PickupCancellation(PickupApiView):
    @extend_schema(request=PickupCancellationSerializer, operation_id="shipping_pickups_cancel", **STEP)
    def post(self, request: Request, pickup_id: UUID) -> Response:
        """The carrier need not come; until the cut-off."""
        self.find(pickup_id)
        shape = PickupCancellationSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reason, now = shape.validated_data["reason"], utc_now()
        return self.step(
            request, pickup_id,
            lambda: services.cancel_pickup(pickup_id=pickup_id, reason=reason, actor=self.actor, now=now),
        )  # fmt: skip


class PickupCompletion(PickupApiView):
    @extend_schema(request=PickupCompletionSerializer, operation_id="shipping_pickups_complete", **STEP)
    def post(self, request: Request, pickup_id: UUID) -> Response:
        """The carrier took the parcels: they are handed over."""
        self.find(pickup_id)
        shape = PickupCompletionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        chosen, now = shape.validated_data.get("shipment_ids"), utc_now()
        answer = self.act(
            request, pickup_id,
            lambda: services.finish_pickup(pickup_id=pickup_id, shipment_ids=chosen, actor=self.actor, now=now),
        )  # fmt: skip
        services.announce_parcels(shipment_ids=[row["shipment_id"] for row in answer.data["parcels"]], now=now)
        return answer


class PickupSchedules(PickupApiView):
    @extend_schema(
        responses=PickupScheduleSerializer(many=True), operation_id="shipping_pickup_schedules_list", tags=TAGS
    )
    def get(self, request: Request) -> Response:
        """The caller's standing bookings (at most 50)."""
        self.usual_door()
        assert self.actor.organisation_id is not None, "usual_door refuses others"
        return Response(PickupScheduleSerializer(selectors.list_schedules(self.actor.organisation_id), many=True).data)

    @extend_schema(
        request=PickupScheduleRequestSerializer, responses={201: PickupScheduleSerializer},
        parameters=[IDEMPOTENCY_KEY], operation_id="shipping_pickup_schedules_create", tags=TAGS,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """The carrier comes every week on these days."""
        shape, usual, now = PickupScheduleRequestSerializer(data=request.data), self.usual_door(), utc_now()
        shape.is_valid(raise_exception=True)
        visit, weekdays = shape.visit(usual), shape.validated_data["weekdays"]

        def act() -> Response:
            made = services.start_schedule(visit=visit, weekdays=weekdays, actor=self.actor, now=now)
            return Response(PickupScheduleSerializer(made).data, status=201)

        return idempotent(request, act, now=now)


class PickupScheduleDetail(PickupApiView):
    @extend_schema(responses={204: None}, operation_id="shipping_pickup_schedules_end", tags=TAGS)
    def delete(self, request: Request, schedule_id: UUID) -> Response:
        """End a standing booking; its pickups that still can be are called off."""
        services.end_schedule(schedule_id=schedule_id, actor=self.actor, now=utc_now())
        return Response(status=204)
