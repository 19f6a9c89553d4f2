"""REST: balances, payouts and the bank account of the seller who calls."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import InvalidInput, NotFound
from core.money import CURRENCIES
from payments.contracts import PayoutFrequency
from payments.payouts import onboarding, selectors, services, statements
from payments.payouts.serializers import (
    BalanceSerializer,
    DestinationSerializer,
    OnboardingRequestSerializer,
    OnboardingSerializer,
    PayoutHoldSerializer,
    PayoutRequestSerializer,
    PayoutSerializer,
    RequestedPayoutSerializer,
    ScheduleSerializer,
    SellerStatementSerializer,
)


class SellerView(ApiView):
    read_scope = "payments:read"
    write_scope = "payments:write"

    @property
    def seller_id(self) -> UUID:
        seller_id = self.actor.organisation_id
        if seller_id is None:
            raise NotFound()
        return seller_id


class Balances(SellerView):
    @extend_schema(responses=BalanceSerializer(many=True), operation_id="payments_balance_list", tags=["payments"])
    def get(self, request: Request) -> Response:
        """One balance for each currency the caller has dealt in as a seller."""
        return Response(BalanceSerializer(selectors.list_seller_balances(self.seller_id), many=True).data)


class Payouts(SellerView):
    @extend_schema(responses=PayoutSerializer(many=True), operation_id="payments_payout_list", tags=["payments"])
    def get(self, request: Request) -> Response:
        """The caller's payouts, newest first, paged."""
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.payouts_of(self.seller_id), request, view=self)
        return pages.get_paginated_response(PayoutSerializer(page, many=True).data)

    @extend_schema(
        request=PayoutRequestSerializer, responses={201: RequestedPayoutSerializer}, tags=["payments"],
        parameters=[IDEMPOTENCY_KEY], operation_id="payments_payout_create",
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Pay out everything available in a currency now. Needs an Idempotency-Key."""
        shape = PayoutRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        now = utc_now()

        def act() -> Response:
            view = services.request_payout(seller_id=self.seller_id, actor=self.actor, now=now, **shape.validated_data)
            return Response(RequestedPayoutSerializer(view).data, status=201)

        return idempotent(request, act, now=now)


class PayoutScheduleDetail(SellerView):
    @extend_schema(responses=ScheduleSerializer, operation_id="payments_payout_schedule_retrieve", tags=["payments"])
    def get(self, request: Request) -> Response:
        """When money is sent by itself."""
        return Response(ScheduleSerializer(selectors.get_schedule(self.seller_id, "EUR")).data)

    @extend_schema(
        request=ScheduleSerializer, responses=ScheduleSerializer, tags=["payments"],
        operation_id="payments_payout_schedule_update",
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        """Set the schedule; repeating it changes nothing."""
        shape = ScheduleSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        values = shape.validated_data | {"frequency": PayoutFrequency(shape.validated_data["frequency"])}
        schedule = services.set_payout_schedule(seller_id=self.seller_id, actor=self.actor, now=utc_now(), **values)
        return Response(ScheduleSerializer(schedule).data)


class SellerStatement(SellerView):
    @extend_schema(
        parameters=[OpenApiParameter("currency", str), OpenApiParameter("month", str, description="2026-03")],
        responses=SellerStatementSerializer, operation_id="payments_seller_statement_retrieve", tags=["payments"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """A month of what was available to the seller, with running balances; by default this month in EUR."""
        currency = request.query_params.get("currency", "EUR")
        if currency not in CURRENCIES:
            raise InvalidInput("Choose another currency.", field="currency")
        month = statements.month_of(request.query_params.get("month", ""), now=utc_now())
        sheet = statements.seller_statement(self.seller_id, currency, month)
        return Response(SellerStatementSerializer(sheet).data)


class PayoutHolds(SellerView):
    @extend_schema(
        responses=PayoutHoldSerializer(many=True), operation_id="payments_payout_hold_list", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """Why nothing is paid out at the moment; empty when nothing speaks against it."""
        return Response(PayoutHoldSerializer(selectors.list_holds(self.seller_id, "EUR", utc_now()), many=True).data)


class PayoutDestinationDetail(SellerView):
    @extend_schema(
        responses=DestinationSerializer, operation_id="payments_payout_destination_retrieve", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """The bank account, masked. 404 while there is none."""
        destination = selectors.find_destination(self.seller_id)
        if destination is None:
            raise NotFound("There is no bank account yet.")
        return Response(DestinationSerializer(destination).data)

    @extend_schema(
        request=DestinationSerializer, responses=DestinationSerializer, tags=["payments"],
        operation_id="payments_payout_destination_update",
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        """Set the bank account; repeating it changes nothing."""
        shape = DestinationSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        view = services.set_payout_destination(
            seller_id=self.seller_id, holder=shape.validated_data["holder"], iban=shape.validated_data["iban"],
            actor=self.actor, now=utc_now(),
        )  # fmt: skip
        return Response(DestinationSerializer(view).data)


class PayoutOnboarding(SellerView):
    @extend_schema(
        request=OnboardingRequestSerializer, responses=OnboardingSerializer, operation_id="payments_onboarding_create",
        tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """How the caller stands with the provider that sends payouts; with a link when it wants to know something."""
        shape = OnboardingRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        found = onboarding.ask_provider(
            seller_id=self.seller_id, **shape.validated_data, actor=self.actor, now=utc_now()
        )
        return Response(OnboardingSerializer(found).data)
