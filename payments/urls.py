"""Pages of payments."""

from __future__ import annotations

from django.urls import path

from payments.chargebacks import views as chargebacks
from payments.escrow import views as escrow
from payments.ledger import views as ledger
from payments.payouts import views as payouts
from payments.providers import views as sandbox
from payments.refunds import views as refunds
from payments.webhooks import views as webhooks

urlpatterns = [
    path("seller/money/", payouts.seller_money, name="seller_money"),
    path("seller/chargebacks/", chargebacks.seller_chargebacks, name="seller_chargebacks"),
    path("seller/chargebacks/<uuid:chargeback_id>/", chargebacks.seller_chargeback, name="seller_chargeback"),
    path("orders/<uuid:order_id>/refund/", refunds.order_refund, name="order_refund"),
    path("orders/<uuid:order_id>/money/", escrow.order_money, name="order_money"),
    path("ledger/", ledger.ledger_head, name="ledger_head"),
    path("sandbox/pay/<uuid:intent_id>/", sandbox.pay, name="sandbox_pay"),
    path("sandbox/pay/<uuid:intent_id>/challenge/", sandbox.challenge, name="sandbox_challenge"),
    path("webhooks/payments/<slug:provider>/", webhooks.webhook, name="payments_webhook"),
]
