"""REST of payments, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from payments.adjustments.api import AdjustmentDecision, Adjustments
from payments.chargebacks.api import ChargebackDetail, Chargebacks, ChargebackStatements
from payments.charges.api import ChargeDetail
from payments.documents.api import DocumentDetail, Documents
from payments.escrow.api import EscrowDetail, EscrowReleases, Milestones
from payments.exchange.api import ExchangeQuotes
from payments.ledger.api import (
    LedgerAccounts,
    LedgerBalance,
    LedgerBlocks,
    LedgerHead,
    LedgerStatement,
    LedgerTransaction,
    TrialBalance,
)
from payments.payouts.api import (
    Balances,
    PayoutDestinationDetail,
    PayoutHolds,
    PayoutOnboarding,
    Payouts,
    PayoutScheduleDetail,
    SellerStatement,
)
from payments.reconciliation.api import BankLineDecision, BankLines, BankStatements, StatusReports
from payments.refunds.api import OrderRefunds, RefundDetail
from payments.reserves.api import Reserves
from payments.wallet.api import SavedMethodDetail, SavedMethods

urlpatterns = [
    path("payments/charges/<uuid:charge_id>/", ChargeDetail.as_view(), name="api_charge"),
    path("payments/escrows/<uuid:order_id>/", EscrowDetail.as_view(), name="api_escrow"),
    path("payments/escrows/<uuid:order_id>/releases/", EscrowReleases.as_view(), name="api_escrow_releases"),
    path("payments/orders/<uuid:order_id>/milestones/", Milestones.as_view(), name="api_milestones"),
    path("payments/orders/<uuid:order_id>/refunds/", OrderRefunds.as_view(), name="api_order_refunds"),
    path("payments/refunds/<uuid:refund_id>/", RefundDetail.as_view(), name="api_refund"),
    path("payments/methods/", SavedMethods.as_view(), name="api_saved_methods"),
    path("payments/methods/<uuid:method_id>/", SavedMethodDetail.as_view(), name="api_saved_method"),
    path("payments/reserves/", Reserves.as_view(), name="api_reserves"),
    path("payments/chargebacks/", Chargebacks.as_view(), name="api_chargebacks"),
    path("payments/chargebacks/<uuid:chargeback_id>/", ChargebackDetail.as_view(), name="api_chargeback"),
    path(
        "payments/chargebacks/<uuid:chargeback_id>/statements/",
        ChargebackStatements.as_view(),
        name="api_chargeback_statements",
    ),
    path("payments/balances/", Balances.as_view(), name="api_balances"),
    path("payments/ledger-head/", LedgerHead.as_view(), name="api_ledger_head"),
    path("payments/ledger-blocks/", LedgerBlocks.as_view(), name="api_ledger_blocks"),
    path("payments/ledger-accounts/", LedgerAccounts.as_view(), name="api_ledger_accounts"),
    path(
        "payments/ledger-accounts/<int:account_id>/statement/", LedgerStatement.as_view(), name="api_ledger_statement"
    ),
    path("payments/ledger-accounts/<int:account_id>/balance/", LedgerBalance.as_view(), name="api_ledger_balance"),
    path("payments/ledger-transactions/<int:txn_id>/", LedgerTransaction.as_view(), name="api_ledger_txn"),
    path("payments/trial-balance/", TrialBalance.as_view(), name="api_trial_balance"),
    path("payments/payouts/", Payouts.as_view(), name="api_payouts"),
    path("payments/payout-destination/", PayoutDestinationDetail.as_view(), name="api_payout_destination"),
    path("payments/onboarding/", PayoutOnboarding.as_view(), name="api_payout_onboarding"),
    path("payments/payout-schedule/", PayoutScheduleDetail.as_view(), name="api_payout_schedule"),
    path("payments/payout-holds/", PayoutHolds.as_view(), name="api_payout_holds"),
    path("payments/seller-statement/", SellerStatement.as_view(), name="api_seller_statement"),
    path("payments/exchange-quotes/", ExchangeQuotes.as_view(), name="api_exchange_quotes"),
    path("payments/status-reports/", StatusReports.as_view(), name="api_status_reports"),
    path("payments/statements/", BankStatements.as_view(), name="api_bank_statements"),
    path("payments/bank-lines/", BankLines.as_view(), name="api_bank_lines"),
    path("payments/bank-lines/<uuid:line_id>/decision/", BankLineDecision.as_view(), name="api_bank_line_decision"),
    path("payments/adjustments/", Adjustments.as_view(), name="api_adjustments"),
    path(
        "payments/adjustments/<uuid:adjustment_id>/decision/",
        AdjustmentDecision.as_view(),
        name="api_adjustment_decision",
    ),
    path("payments/documents/", Documents.as_view(), name="api_documents"),
    path("payments/documents/<uuid:document_id>/", DocumentDetail.as_view(), name="api_document"),
]
