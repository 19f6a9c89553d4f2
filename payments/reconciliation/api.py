"""REST of the operator: statements in, lines and decisions out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.schema import IDEMPOTENCY_KEY
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from payments.reconciliation import selectors, services
from payments.reconciliation.models import BankLine, StatusReport
from payments.reconciliation.serializers import (
    BankLineSerializer,
    BankStatementSerializer,
    ImportedSerializer,
    LineDecisionSerializer,
    ReportOutcomeSerializer,
    StatementUploadSerializer,
    StatusReportSerializer,
)
from payments.reconciliation.states import LineState
from payments.reconciliation.status_reports import import_status_report
from payments.reconciliation.xml import InvalidStatement


class OperatorView(ApiView):
    """404 to everybody but operators."""

    read_scope = "payments:read"
    write_scope = "payments:write"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.actor.is_operator:
            raise NotFound()


class BankStatements(OperatorView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        responses=BankStatementSerializer(many=True), operation_id="payments_statement_list", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """Imported statements, newest first, paged."""
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.statements(), request, view=self)
        return pages.get_paginated_response(BankStatementSerializer(page, many=True).data)

    @extend_schema(
        request={"multipart/form-data": StatementUploadSerializer}, responses={201: ImportedSerializer},
        operation_id="payments_statement_create", tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Import a camt.052, camt.053 or camt.054 file. The same file again changes nothing, key or no key."""
        shape = StatementUploadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        upload = shape.validated_data["statement"]
        done = services.import_statements(content=upload.read(), file_name=upload.name, actor=self.actor, now=utc_now())
        return Response(ImportedSerializer(done).data, status=201)


class StatusReports(OperatorView):
    parser_classes = (MultiPartParser,)

    @extend_schema(
        responses=StatusReportSerializer(many=True), operation_id="payments_status_report_list", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """What banks said about our payment files, newest first, paged."""
        pages = CursorPagination()
        page = pages.paginate_queryset(StatusReport.objects.all(), request, view=self)
        return pages.get_paginated_response(StatusReportSerializer(page, many=True).data)

    @extend_schema(
        request={"multipart/form-data": StatementUploadSerializer}, responses={201: ReportOutcomeSerializer},
        operation_id="payments_status_report_create", tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Import a pain.002: refused payouts are payable again. The same file again changes nothing, key or no key."""
        shape = StatementUploadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        upload = shape.validated_data["statement"]
        done = import_status_report(content=upload.read(), file_name=upload.name, actor=self.actor, now=utc_now())
        if done is None:
            raise InvalidStatement(remedy="Send a pain.002 message.")
        return Response(ReportOutcomeSerializer(done).data, status=201)


class BankLines(OperatorView):
    @extend_schema(
        parameters=[OpenApiParameter("state", OpenApiTypes.STR, enum=[s.value for s in LineState])],
        responses=BankLineSerializer(many=True), operation_id="payments_bank_line_list", tags=["payments"],
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Lines of a state, or what is left over; newest first, paged."""
        state = request.query_params.get("state", "")
        rows = BankLine.objects.filter(state=state) if state in LineState.__members__ else selectors.open_lines()
        pages = CursorPagination()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(BankLineSerializer(page, many=True).data)


class BankLineDecision(OperatorView):
    @extend_schema(
        request=LineDecisionSerializer, responses=BankLineSerializer,
        parameters=[IDEMPOTENCY_KEY], operation_id="payments_bank_line_decision_create",
        tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request, line_id: UUID) -> Response:
        """Decide about an open line. Needs an Idempotency-Key."""
        shape = LineDecisionSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        asked, now = dict(shape.validated_data), utc_now()

        def act() -> Response:
            self._decide(line_id, asked)
            return Response(BankLineSerializer(BankLine.objects.get(id=line_id)).data)

        return idempotent(request, act, now=now)

    def _decide(self, line_id: UUID, asked: dict[str, Any]) -> None:
        decision, reason, now = asked["decision"], asked["reason"], utc_now()
        if decision in ("PAYOUT", "CHARGE", "PROVIDER"):
            services.assign_line(
                line_id=line_id, subject=decision, subject_id=asked["subject_id"], reason=reason, actor=self.actor,
                now=now,
            )  # fmt: skip
        elif decision == "SEND_BACK":
            services.send_line_back(
                line_id=line_id, reason=reason, holder=asked["holder"], iban=asked["iban"], actor=self.actor, now=now
            )
        else:
            services.write_line_off(line_id=line_id, as_fee=decision == "FEE", reason=reason, actor=self.actor, now=now)
