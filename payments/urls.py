"""Pages of payments."""

from __future__ import annotations

from django.urls import path

from payments.adjustments import views as adjustments
from payments.chargebacks import views as chargebacks
from payments.documents import views as documents
from payments.escrow import views as escrow
from payments.ledger import views as ledger
from payments.payouts import views as payouts
from payments.providers import views as sandbox
from payments.refunds import views as refunds
from payments.wallet import views as wallet
from payments.webhooks import views as webhooks

urlpatterns = [
    path("seller/money/", payouts.seller_money, name="seller_money"),
    path("seller/money/payouts/", payouts.seller_payouts, name="seller_payouts"),
    path("seller/money/payout-request/", payouts.payout_request, name="seller_payout_request"),
    path("seller/money/onboarding/", payouts.seller_onboarding, name="seller_onboarding"),
    path("seller/money/schedule/", payouts.payout_schedule, name="seller_payout_schedule"),
    path("seller/money/statement/", payouts.seller_statement, name="seller_statement"),
    path("seller/money/adjustments/", adjustments.seller_adjustments, name="seller_adjustments"),
    path("documents/", documents.documents, name="documents"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("orders/<uuid:order_id>/documents/", documents.order_documents, name="order_documents"),
    path("seller/chargebacks/", chargebacks.seller_chargebacks, name="seller_chargebacks"),
    path("seller/chargebacks/<uuid:chargeback_id>/", chargebacks.seller_chargeback, name="seller_chargeback"),
    path("orders/<uuid:order_id>/refund/", refunds.order_refund, name="order_refund"),
    path("orders/<uuid:order_id>/money/", escrow.order_money, name="order_money"),
    path("account/wallet/", wallet.wallet, name="wallet"),
    path("account/wallet/<uuid:method_id>/", wallet.wallet_method, name="wallet_method"),
    path("account/wallet/<uuid:method_id>/forget/", wallet.wallet_forget, name="wallet_forget"),
    path("ledger/", ledger.ledger_head, name="ledger_head"),
    path("sandbox/pay/<uuid:intent_id>/", sandbox.pay, name="sandbox_pay"),
    path("sandbox/pay/<uuid:intent_id>/challenge/", sandbox.challenge, name="sandbox_challenge"),
    path("webhooks/payments/<slug:provider>/", webhooks.webhook, name="payments_webhook"),
]
