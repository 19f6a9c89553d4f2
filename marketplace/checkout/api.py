"""REST: placing a purchase and paying it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import claim, idempotent, key_of
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.serializers import checked, shown
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from marketplace.checkout import services
from marketplace.checkout.serializers import (
    CheckoutSerializer,
    PaymentSerializer,
    PayRequestSerializer,
    PurchaseDetailSerializer,
    PurchaseSerializer,
)
from marketplace.contracts import PlaceRequest
from marketplace.orders.models import Purchase
from marketplace.orders.selectors import get_purchase_for, load_orders, purchases_of
from payments import facade as payments
from payments.contracts import ChargeState


class PurchaseApiView(ApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"


class Purchases(PurchaseApiView, ListAPIView[Purchase]):
    pagination_class = CursorPagination
    filter_backends = ()
    serializer_class = PurchaseSerializer

    def get_queryset(self) -> QuerySet[Purchase]:
        return purchases_of(None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id)

    @extend_schema(operation_id="purchases_list", tags=["buying"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the caller bought, newest first."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        request=CheckoutSerializer, responses={201: PurchaseDetailSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="purchases_place", tags=["buying"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Place the cart: one order per seller, stock reserved for 30 minutes, one charge to pay."""
        if self.actor.organisation_id is None:
            raise NotFound("There is no cart.")
        asked = checked(CheckoutSerializer, request.data)
        placing = PlaceRequest(key=key_of(request), **asked)

        def place() -> Response:
            purchase = services.place_purchase(request=placing, actor=self.actor, now=utc_now())
            return Response(_shown(purchase), status=201)

        return idempotent(request, place, now=utc_now())


class PurchaseDetail(PurchaseApiView):
    @extend_schema(responses=PurchaseDetailSerializer, operation_id="purchases_retrieve", tags=["buying"])
    def get(self, request: Request, purchase_id: UUID) -> Response:
        """A purchase with its orders and how its payment stands: for its buyer and operators."""
        return Response(_shown(get_purchase_for(purchase_id=purchase_id, actor=self.actor)))


class PurchasePayment(PurchaseApiView):
    @extend_schema(
        request=PayRequestSerializer, responses=PaymentSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="purchases_pay", tags=["buying"],
    )  # fmt: skip
    def post(self, request: Request, purchase_id: UUID) -> Response:
        """Pay by a token, or ask for the provider's page. The same key again tells how it stands; a new key tries anew.

        The provider is called outside of transactions, so the key is committed first and the answer is not stored.
        """
        purchase = get_purchase_for(purchase_id=purchase_id, actor=self.actor)
        if not self.actor.acts_for(purchase.buyer_id):
            raise NotFound("There is no such purchase.")
        asked = checked(PayRequestSerializer, request.data)
        is_first = claim(request, now=utc_now())
        charge = payments.get_charge(purchase.charge_id)
        if not is_first and charge.state is ChargeState.FAILED:
            return Response(shown(PaymentSerializer, charge), headers={"Idempotent-Replayed": "true"})
        charge = services.pay_purchase(
            purchase=purchase, method_token=asked["method_token"], actor=self.actor, now=utc_now(),
            charge=charge, saved_method_id=asked["saved_method_id"],
            return_url=request.build_absolute_uri(reverse("payment_return", args=[purchase.id])),
        )  # fmt: skip
        return Response(shown(PaymentSerializer, charge))


def _shown(purchase: Purchase) -> Any:
    load_orders(purchase)
    purchase.charge = payments.get_charge(purchase.charge_id)  # type: ignore[attr-defined]
    return shown(PurchaseDetailSerializer, purchase)
