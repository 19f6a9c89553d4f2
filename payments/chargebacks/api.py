"""REST: a seller's chargebacks."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import idempotent
from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from core.errors import NotFound
from payments.chargebacks import selectors, services
from payments.chargebacks.serializers import ChargebackSerializer, StatementSerializer


class Chargebacks(ApiView):
    read_scope = "payments:read"

    @extend_schema(
        responses=ChargebackSerializer(many=True), operation_id="payments_chargeback_list", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """Payments that buyers' banks took back from the caller, newest first, paged."""
        if self.actor.organisation_id is None:
            raise NotFound()
        pages = CursorPagination()
        rows = selectors.chargebacks_of(self.actor.organisation_id)
        page = pages.paginate_queryset(rows, request, view=self)
        views = [selectors.view_of(row) for row in page or []]
        return pages.get_paginated_response(ChargebackSerializer(views, many=True).data)


class ChargebackDetail(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=ChargebackSerializer, operation_id="payments_chargeback_retrieve", tags=["payments"])
    def get(self, request: Request, chargeback_id: UUID) -> Response:
        """One of them, for a seller with a part in it."""
        return Response(ChargebackSerializer(selectors.get_chargeback_view_for(chargeback_id, self.actor)).data)


class ChargebackStatements(ApiView):
    write_scope = "payments:write"

    @extend_schema(
        request=StatementSerializer, responses={201: ChargebackSerializer},
        operation_id="payments_chargeback_statement_create", tags=["payments"],
    )  # fmt: skip
    def post(self, request: Request, chargeback_id: UUID) -> Response:
        """What the bank should read; the latest counts. Only while the bank listens."""
        selectors.get_chargeback_view_for(chargeback_id, self.actor)
        shape = StatementSerializer(data=request.data)
        shape.is_valid(raise_exception=True)

        def answer() -> Response:
            view = services.add_statement(
                chargeback_id=chargeback_id, text=shape.validated_data["text"], actor=self.actor, now=utc_now()
            )
            return Response(ChargebackSerializer(view).data, status=201)

        return idempotent(request, answer, now=utc_now())
