"""REST: who holds a shipment's units, for its parties; hand-over scans and bags, by the operator for carriers and hubs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from logistics.custody import rules, selectors, services
from logistics.custody.serializers import BagSerializer, CustodySerializer, ScanSerializer
from logistics.shipments.selectors import get_shipment_for


class ShipmentCustodyView(ApiView):
    """Who has held the shipment's units, first to last, for its seller, its buyer and operators."""

    read_scope = "shipping:read"

    @extend_schema(operation_id="shipping_custody", responses={200: CustodySerializer(many=True)})
    def get(self, request: Request, shipment_id: UUID) -> Response:
        get_shipment_for(shipment_id, actor=self.actor)
        lines = selectors.chains_of(shipment_id)
        body = [
            {
                "sscc": line.parcel.sscc, "number": line.number, "holder": rules.shown(line.holder), "basis": line.basis,
                "since": line.since,
            }
            for line in lines
        ]  # fmt: skip
        return Response(CustodySerializer(body, many=True).data)


class OperatorView(ApiView):
    write_scope = "shipping:write"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """For operators only; there is nothing here for anyone else."""
        super().initial(request, *args, **kwargs)
        if not self.actor.is_operator:
            raise NotFound()


class ScansView(OperatorView):
    """A hand-over scan of one side: GIVE says who gets it, TAKE makes the party the holder."""

    @extend_schema(
        operation_id="shipping_scans",
        request=ScanSerializer,
        responses={201: ScanSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        now = utc_now()
        form = ScanSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        scan = form.validated_data

        def act() -> Response:
            if scan["side"] == rules.Side.GIVE:
                services.scan_out(sscc=scan["sscc"], party=scan["party"], to=scan["other"], at=scan["at"], now=now)
            else:
                services.scan_in(sscc=scan["sscc"], party=scan["party"], at=scan["at"], now=now)
            return Response(ScanSerializer(scan).data, status=201)

        return idempotent(request, act, now=now)


class BagsView(OperatorView):
    """Close a bag over units of one holder, or open it (no units)."""

    @extend_schema(
        operation_id="shipping_bags",
        request=BagSerializer,
        responses={201: BagSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> Response:
        now = utc_now()
        form = BagSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        bag = form.validated_data

        def act() -> Response:
            if bag["units"]:
                services.close_bag(
                    sscc=bag["sscc"], parcel_ssccs=bag["units"], party=bag["party"], actor=self.actor, now=now
                )
            else:
                services.open_bag(sscc=bag["sscc"], party=bag["party"], actor=self.actor, now=now)
            return Response(BagSerializer(bag).data, status=201)

        return idempotent(request, act, now=now)
