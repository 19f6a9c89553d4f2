"""REST: the round of a courier's day, for operators."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from logistics.rounds import selectors, services
from logistics.rounds.models import Round
from logistics.rounds.serializers import RoundSerializer

TAGS: list[str] = ["shipping"]


class RoundView(ApiView):
    read_scope = "shipping:read"
    write_scope = "shipping:write"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """For operators only; there is nothing here for anyone else."""
        super().initial(request, *args, **kwargs)
        if not self.actor.is_operator:
            raise NotFound()

    @extend_schema(responses=RoundSerializer, operation_id="shipping_rounds_retrieve", tags=TAGS)
    def get(self, request: Request, carrier_code: str, day: str) -> Response:
        """The round as planned last; 404 before it is planned."""
        planned = selectors.find_round(selectors.get_courier(carrier_code), _day(day))
        if planned is None:
            raise NotFound("This day is not planned yet.")
        return Response(_shown(planned))

    @extend_schema(
        request=None, responses=RoundSerializer, parameters=[IDEMPOTENCY_KEY], operation_id="shipping_rounds_plan",
        tags=TAGS,
    )  # fmt: skip
    def post(self, request: Request, carrier_code: str, day: str) -> Response:
        """Plan it anew from the pickups of the day and the parcels the courier holds."""
        now, date_ = utc_now(), _day(day)

        def act() -> Response:
            made = services.plan_day(carrier_code=carrier_code, day=date_, actor=self.actor, now=now)
            return Response(_shown(made))

        return idempotent(request, act, now=now)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("Not a day.") from error


def _shown(planned: Round) -> Any:
    stops = selectors.stops_of(planned)
    doors = selectors.addresses_of([stop.shipment_id for stop in stops if stop.shipment_id])
    rows = [
        {
            "courier_number": stop.courier_number, "number": stop.number, "pickup_id": stop.pickup_id,
            "shipment_id": stop.shipment_id, "arrives_at": stop.arrives_at, "leaves_at": stop.leaves_at,
            "metres": stop.metres, "reason": stop.reason,
            "address": selectors.door_of(stop, doors),
        }
        for stop in stops
    ]  # fmt: skip
    body = {
        "carrier_code": planned.courier_id, "day": planned.day, "metres": planned.metres,
        "planned_at": planned.planned_at, "stops": rows,
    }  # fmt: skip
    return RoundSerializer(body).data
