"""REST: the ledger for operators, and the head of its hash chain for everyone."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView, PublicApiView
from core.clock import utc_now
from core.errors import NotFound
from core.money import Money
from payments.ledger import explorer, selectors, statements
from payments.ledger.rules import AccountCode
from payments.ledger.serializers import (
    ChainHeadSerializer,
    LedgerAccountSerializer,
    LedgerBalanceSerializer,
    LedgerStatementSerializer,
    LedgerTxnSerializer,
    MomentSerializer,
    PeriodSerializer,
    TrialLineSerializer,
)


class BlockPages(CursorPagination):
    ordering = "-height"


class LedgerHead(PublicApiView):
    @extend_schema(responses=ChainHeadSerializer, operation_id="payments_ledger_head_retrieve", tags=["payments"])
    def get(self, request: Request) -> Response:
        """The newest block of the hash chain over money, escrow and attested decisions. 404 before the first."""
        head = explorer.find_chain_head()
        if head is None:
            raise NotFound("Nothing was chained yet.")
        return Response(ChainHeadSerializer(head).data)


class LedgerBlocks(PublicApiView):
    @extend_schema(
        responses=ChainHeadSerializer(many=True), operation_id="payments_ledger_block_list", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """All blocks, newest first, paged: each names the hash of the one before it."""
        pages = BlockPages()
        page = pages.paginate_queryset(explorer.chain_blocks(), request, view=self)
        heads = [explorer.head_of(block) for block in page or []]
        return pages.get_paginated_response(ChainHeadSerializer(heads, many=True).data)


class OperatorView(ApiView):
    """For operators; to everybody else there is nothing here."""

    read_scope = "payments:read"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.actor.is_operator:
            raise NotFound()


class LedgerAccounts(OperatorView):
    @extend_schema(
        responses=LedgerAccountSerializer(many=True), operation_id="payments_ledger_account_list", tags=["payments"]
    )
    def get(self, request: Request) -> Response:
        """Accounts, newest first; `?kind=`, `?owner=` and `?currency=` narrow them."""
        asked = {key: request.query_params.get(key, "") for key in ("kind", "owner", "currency")}
        pages = CursorPagination()
        page = pages.paginate_queryset(explorer.accounts_matching(**asked), request, view=self)
        return pages.get_paginated_response(LedgerAccountSerializer(page, many=True).data)


class LedgerStatement(OperatorView):
    @extend_schema(
        parameters=[PeriodSerializer], responses=LedgerStatementSerializer, tags=["payments"],
        operation_id="payments_ledger_statement_retrieve",
    )  # fmt: skip
    def get(self, request: Request, account_id: int) -> Response:
        """Opening, movements and closing of an account over a period, paged by `cursor`."""
        shape = PeriodSerializer(data=request.query_params)
        shape.is_valid(raise_exception=True)
        asked = shape.validated_data
        account = explorer.get_account(account_id)
        answer = statements.account_statement(
            AccountCode(account.kind_id), account.owner, account.currency_id, since=asked["since"],
            until=asked["until"], cursor=asked["cursor"], limit=asked["page_size"],
        )  # fmt: skip
        return Response(LedgerStatementSerializer(answer).data)


class LedgerBalance(OperatorView):
    @extend_schema(
        parameters=[MomentSerializer], responses=LedgerBalanceSerializer, tags=["payments"],
        operation_id="payments_ledger_balance_retrieve",
    )  # fmt: skip
    def get(self, request: Request, account_id: int) -> Response:
        """What an account held at a past moment (`at`), or holds now. Debits are positive."""
        shape = MomentSerializer(data=request.query_params)
        shape.is_valid(raise_exception=True)
        moment = shape.validated_data["at"] or utc_now()
        account = explorer.get_account(account_id)
        held = statements.balance_at(AccountCode(account.kind_id), account.owner, account.currency_id, moment)
        return Response(LedgerBalanceSerializer({"at": moment, "balance": held}).data)


class LedgerTransaction(OperatorView):
    @extend_schema(responses=LedgerTxnSerializer, operation_id="payments_ledger_txn_retrieve", tags=["payments"])
    def get(self, request: Request, txn_id: int) -> Response:
        """A transaction with its legs."""
        txn, entries = explorer.get_txn(txn_id)
        legs = [
            {"account": e.account, "money": Money(e.amount, e.currency), "seq": e.seq, "balance_after": e.balance_after}
            for e in entries
        ]
        names = ("id", "kind", "ref", "idem_scope", "idem_key", "reverses_id", "effective_at", "recorded_at")
        return Response(LedgerTxnSerializer({name: getattr(txn, name) for name in names} | {"legs": legs}).data)


class TrialBalance(OperatorView):
    @extend_schema(
        parameters=[MomentSerializer], responses=TrialLineSerializer(many=True), tags=["payments"],
        operation_id="payments_trial_balance_list",
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Sums by kind of account and currency, now or `at` a past moment; each currency adds up to zero."""
        shape = MomentSerializer(data=request.query_params)
        shape.is_valid(raise_exception=True)
        moment = shape.validated_data["at"]
        lines = statements.trial_balance_at(moment) if moment else selectors.trial_balance()
        return Response(TrialLineSerializer(lines, many=True).data)
