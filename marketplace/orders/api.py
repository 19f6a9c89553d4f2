"""REST: orders of a buyer and of a seller, and what each may do to them. Strangers get 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import key_of
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import StepsApiView
from core.clock import utc_now
from logistics import facade as logistics
from marketplace.contracts import OrderState
from marketplace.orders import services
from marketplace.orders.again import buy_again
from marketplace.orders.models import Order
from marketplace.orders.packing import get_own_sale, proposal_of
from marketplace.orders.selectors import get_order_for, orders_of_party, timeline_of
from marketplace.orders.serializers import (
    BoughtAgainSerializer,
    LinesSerializer,
    OrderDetailSerializer,
    OrderSerializer,
    PackedParcelsSerializer,
    ProposedParcelSerializer,
    ReasonSerializer,
)
from payments import facade as payments


class OrderFilter(django_filters.FilterSet):  # type: ignore[misc]
    """`role` narrows to what the caller bought or sold."""

    role = django_filters.ChoiceFilter(
        choices=[("buyer", "buyer"), ("seller", "seller")], method="of_role", label="which side the caller is on"
    )
    state = django_filters.ChoiceFilter(choices=[(s.value, s.value) for s in OrderState], label="state")

    class Meta:
        model = Order
        fields = ("role", "state")

    def of_role(self, orders: QuerySet[Order], _name: str, role: str) -> QuerySet[Order]:
        view = self.request.parser_context["view"]
        return orders.filter(Q(buyer_id=view.actor.organisation_id) if role == "buyer" else view.sold())


class OrderApiView(StepsApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    def find(self, thing_id: UUID) -> Order:
        """Raises OrderNotFound."""
        return get_order_for(order_id=thing_id, actor=self.actor)

    def shown(self, thing_id: UUID) -> Any:
        """The order as the caller may see it."""
        order, order_id = self.find(thing_id), thing_id
        order.history = timeline_of(order_id)  # type: ignore[attr-defined]
        order.parcel = logistics.find_shipment_for_order(order_id)  # type: ignore[attr-defined]
        order.escrow = payments.list_escrows([order_id]).get(order_id)  # type: ignore[attr-defined]
        return OrderDetailSerializer(order).data


class OrderList(OrderApiView, ListAPIView[Order]):
    pagination_class = CursorPagination
    filterset_class = OrderFilter
    serializer_class = OrderSerializer

    def get_queryset(self) -> QuerySet[Order]:
        organisation_id = None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id
        return orders_of_party(organisation_id)

    def sold(self) -> Q:
        return Q(seller_id=self.actor.organisation_id) & ~Q(state=OrderState.AWAITING_PAYMENT)

    @extend_schema(operation_id="orders_list", tags=["orders"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Orders the caller bought or sold, newest first."""
        return self.list(request, *args, **kwargs)


class OrderDetail(OrderApiView):
    @extend_schema(responses=OrderDetailSerializer, operation_id="orders_retrieve", tags=["orders"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """One order with its history, parcel and money: for its buyer, its seller and operators."""
        return Response(self.shown(order_id))


class OrderCancellation(OrderApiView):
    @extend_schema(
        request=ReasonSerializer, responses=OrderDetailSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="orders_cancel", tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """Cancel before shipping; what was paid goes back to the buyer."""
        shape = ReasonSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reason = shape.validated_data["reason"]
        return self.act(
            request, order_id,
            lambda: services.cancel_order(order_id=order_id, reason=reason, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class OrderReceipt(OrderApiView):
    @extend_schema(
        request=None, responses=OrderDetailSerializer, parameters=[IDEMPOTENCY_KEY], operation_id="orders_confirm",
        tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The buyer has the goods and is content: the seller is paid."""
        return self.act(
            request, order_id,
            lambda: services.confirm_receipt(order_id=order_id, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class OrderExtension(OrderApiView):
    @extend_schema(
        request=None, responses=OrderDetailSerializer, parameters=[IDEMPOTENCY_KEY], operation_id="orders_extend",
        tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The buyer takes five more days to look at the goods, once."""
        return self.act(
            request, order_id,
            lambda: services.extend_inspection(order_id=order_id, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class OrderReleases(OrderApiView):
    @extend_schema(
        request=LinesSerializer, responses=OrderDetailSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="orders_release_lines", tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The buyer is content with some lines: their money goes to the seller, the rest stays held."""
        shape = LinesSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        lines = shape.validated_data["lines"]
        return self.act(
            request, order_id,
            lambda: services.release_lines(order_id=order_id, lines=lines, actor=self.actor, now=utc_now()),
        )  # fmt: skip


class OrderAgain(OrderApiView):
    @extend_schema(
        request=None, responses=BoughtAgainSerializer(many=True), operation_id="orders_buy_again", tags=["orders"]
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        """Have the goods of an order in the cart at today's prices; by line what is there. Twice changes nothing."""
        came = buy_again(order_id=order_id, actor=self.actor, now=utc_now())
        return Response(BoughtAgainSerializer(came, many=True).data)


class OrderPacking(OrderApiView):
    @extend_schema(responses=ProposedParcelSerializer(many=True), operation_id="orders_packing", tags=["orders"])
    def get(self, request: Request, order_id: UUID) -> Response:
        """How the order could be packed (the seller): as one parcel, or in cartons."""
        return Response(ProposedParcelSerializer(proposal_of(get_own_sale(order_id, self.actor)), many=True).data)


class OrderShipment(OrderApiView):
    @extend_schema(
        request=PackedParcelsSerializer, responses=OrderDetailSerializer, parameters=[IDEMPOTENCY_KEY], operation_id="orders_ship",
        tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The seller books the label the order was sold with, for the parcels as proposed or as packed (`parcels`); repeating it
        finds the same one.

        The carrier is called after the commit, so the service's own idempotence counts, not a stored answer.
        """
        key_of(request)
        shape = PackedParcelsSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        services.book_shipment(order_id=order_id, parcels=shape.parcels_of(), actor=self.actor, now=utc_now())
        return Response(self.shown(order_id))


class OrderHandOver(OrderApiView):
    @extend_schema(
        request=None, responses=OrderDetailSerializer, parameters=[IDEMPOTENCY_KEY], operation_id="orders_hand_over",
        tags=["orders"],
    )  # fmt: skip
    def post(self, request: Request, order_id: UUID) -> Response:
        """The seller gave the parcel to the carrier; repeating it is harmless (the carrier is called after commit)."""
        key_of(request)
        services.hand_over(order_id=order_id, actor=self.actor, now=utc_now())
        return Response(self.shown(order_id))
