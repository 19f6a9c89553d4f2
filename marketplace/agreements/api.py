"""REST: agreements of a buyer and of a seller. Strangers get 404."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent, key_of
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import StepsApiView
from core.clock import utc_now
from core.money import Money
from marketplace.agreements import selectors, services
from marketplace.agreements.models import Agreement
from marketplace.agreements.serializers import (
    AgreementRequestSerializer,
    AgreementSerializer,
    AgreementSummarySerializer,
    PlanSerializer,
    ProofSerializer,
    StepChargeSerializer,
    StepPaymentSerializer,
    TotalSerializer,
)
from marketplace.contracts import AgreementStepInput
from marketplace.orders.serializers import ReasonSerializer
from payments.contracts import MilestoneTrigger


def shown(agreement: Agreement) -> Any:
    """An agreement with its plan and where the money of each step is."""
    milestones = selectors.milestones_of(agreement)
    rows = []
    for step in agreement.steps.all():
        milestone = milestones.get(step.id)
        escrow = milestone.escrow if milestone else None
        zero = Money.zero(step.currency)
        rows.append({
            "id": step.id, "name": step.name, "amount": step.amount, "trigger": step.trigger,
            "escrow_state": escrow.state.value if escrow else None, "held": escrow.held if escrow else zero,
            "released": escrow.released if escrow else zero, "proof": milestone.proof if milestone else "",
            "release_at": escrow.release_at if escrow else None,
        })  # fmt: skip
    agreement.plan = rows  # type: ignore[attr-defined]
    return AgreementSerializer(agreement).data


class AgreementApiView(StepsApiView):
    read_scope = "orders:read"
    write_scope = "orders:write"

    def find(self, thing_id: UUID) -> Agreement:
        """Raises AgreementNotFound."""
        return selectors.get_agreement_for(agreement_id=thing_id, actor=self.actor)

    def shown(self, thing_id: UUID) -> Any:
        return shown(self.find(thing_id))


class AgreementList(AgreementApiView):
    @extend_schema(responses=AgreementSummarySerializer(many=True), operation_id="agreements_list", tags=["agreements"])
    def get(self, request: Request) -> Response:
        """What the caller asked for, or with `role=seller` was asked for; newest first, paged."""
        pages = CursorPagination()
        organisation_id = self.actor.organisation_id
        found = Agreement.objects.none()
        if organisation_id is not None:
            is_seller = request.query_params.get("role") == "seller"
            of = selectors.agreements_of_seller if is_seller else selectors.agreements_of_buyer
            found = of(organisation_id)
        page = pages.paginate_queryset(found, request, view=self) or []
        return pages.get_paginated_response(AgreementSummarySerializer(page, many=True).data)

    @extend_schema(
        request=AgreementRequestSerializer, responses={201: AgreementSerializer}, parameters=[IDEMPOTENCY_KEY],
        operation_id="agreements_create", tags=["agreements"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Ask the seller of a listing for something made to order."""
        shape = AgreementRequestSerializer(data=request.data)
        shape.is_valid(raise_exception=True)

        def answer() -> Response:
            made = services.request_agreement(**shape.validated_data, actor=self.actor, now=utc_now())
            return Response(self.shown(made.id), status=201)

        return idempotent(request, answer, now=utc_now())


class AgreementDetail(AgreementApiView):
    @extend_schema(responses=AgreementSerializer, operation_id="agreements_retrieve", tags=["agreements"])
    def get(self, request: Request, agreement_id: UUID) -> Response:
        """For its buyer, its seller and operators."""
        return Response(self.shown(agreement_id))


class AgreementPlan(AgreementApiView):
    @extend_schema(
        request=PlanSerializer, responses=AgreementSerializer, operation_id="agreements_plan_update",
        tags=["agreements"],
    )  # fmt: skip
    def put(self, request: Request, agreement_id: UUID) -> Response:
        """The seller's offer; may be replaced until the buyer accepts."""
        shape = PlanSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        steps = [
            AgreementStepInput(step["name"], step["amount"], MilestoneTrigger(step["trigger"]))
            for step in shape.validated_data["steps"]
        ]
        services.propose_plan(
            agreement_id=agreement_id, terms=shape.validated_data["terms"], steps=steps, actor=self.actor, now=utc_now()
        )
        return Response(self.shown(agreement_id))


class AgreementAcceptance(AgreementApiView):
    @extend_schema(
        request=TotalSerializer, responses=AgreementSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="agreements_accept", tags=["agreements"],
    )  # fmt: skip
    def post(self, request: Request, agreement_id: UUID) -> Response:
        """The buyer accepts the plan; its steps can then be paid."""
        shape = TotalSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        total = shape.validated_data["total"]
        return self.act(
            request, agreement_id,
            lambda: services.accept_plan(
                agreement_id=agreement_id, expected_total=total, actor=self.actor, now=utc_now()
            ),
        )  # fmt: skip


class AgreementClosing(AgreementApiView):
    @extend_schema(
        request=ReasonSerializer, responses=AgreementSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="agreements_close", tags=["agreements"],
    )  # fmt: skip
    def post(self, request: Request, agreement_id: UUID) -> Response:
        """Either side ends it before it is accepted."""
        shape = ReasonSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        reason = shape.validated_data["reason"]
        return self.act(
            request, agreement_id,
            lambda: services.close_agreement(
                agreement_id=agreement_id, reason=reason, actor=self.actor, now=utc_now()
            ),
        )  # fmt: skip


class StepPayment(AgreementApiView):
    @extend_schema(
        request=StepPaymentSerializer, responses=StepChargeSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="agreements_step_pay", tags=["agreements"],
    )  # fmt: skip
    def post(self, request: Request, agreement_id: UUID, step_id: UUID) -> Response:
        """The buyer pays a step. The provider is called outside of a transaction; the charge's own idempotence counts."""
        selectors.get_step_of(agreement_id=agreement_id, step_id=step_id, actor=self.actor)
        key_of(request)
        shape = StepPaymentSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        data = shape.validated_data
        charge = services.pay_step(
            agreement_id=agreement_id, step_id=step_id, method_token=data.get("method_token"),
            saved_method_id=data.get("saved_method_id"), return_url=data["return_url"], actor=self.actor, now=utc_now(),
        )  # fmt: skip
        return Response(StepChargeSerializer(charge).data)


class StepProof(AgreementApiView):
    @extend_schema(
        request=ProofSerializer, responses=AgreementSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="agreements_step_prove", tags=["agreements"],
    )  # fmt: skip
    def post(self, request: Request, agreement_id: UUID, step_id: UUID) -> Response:
        """The seller shows that a step is done; the buyer's inspection runs."""
        selectors.get_step_of(agreement_id=agreement_id, step_id=step_id, actor=self.actor)
        shape = ProofSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        proof = shape.validated_data["proof"]
        return self.act(
            request, agreement_id,
            lambda: services.prove_step(
                agreement_id=agreement_id, step_id=step_id, proof=proof, actor=self.actor, now=utc_now()
            ),
        )  # fmt: skip


class StepRelease(AgreementApiView):
    @extend_schema(
        request=None, responses=AgreementSerializer, parameters=[IDEMPOTENCY_KEY],
        operation_id="agreements_step_release", tags=["agreements"],
    )  # fmt: skip
    def post(self, request: Request, agreement_id: UUID, step_id: UUID) -> Response:
        """The buyer accepts a step: its money goes to the seller."""
        return self.act(
            request, agreement_id,
            lambda: services.accept_step(
                agreement_id=agreement_id, step_id=step_id, actor=self.actor, now=utc_now()
            ),
        )  # fmt: skip
