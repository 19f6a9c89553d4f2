"""REST of payments, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from payments.charges.api import ChargeDetail
from payments.escrow.api import EscrowDetail
from payments.payouts.api import Balances, PayoutDestinationDetail, Payouts

urlpatterns = [
    path("payments/charges/<uuid:charge_id>/", ChargeDetail.as_view(), name="api_charge"),
    path("payments/escrows/<uuid:order_id>/", EscrowDetail.as_view(), name="api_escrow"),
    path("payments/balances/", Balances.as_view(), name="api_balances"),
    path("payments/payouts/", Payouts.as_view(), name="api_payouts"),
    path("payments/payout-destination/", PayoutDestinationDetail.as_view(), name="api_payout_destination"),
]
