"""Registers the admin pages of the slices."""

from payments.adjustments import admin as adjustments
from payments.chargebacks import admin as chargebacks
from payments.charges import admin as charges
from payments.documents import admin as documents
from payments.escrow import admin as escrow
from payments.exchange import admin as exchange
from payments.ledger import admin as ledger
from payments.payouts import admin as payouts
from payments.providers import admin as providers
from payments.reconciliation import admin as reconciliation
from payments.refunds import admin as refunds
from payments.reserves import admin as reserves
from payments.wallet import admin as wallet
from payments.webhooks import admin as webhooks

__all__ = [
    "adjustments", "chargebacks", "charges", "documents", "escrow", "exchange", "ledger", "payouts", "providers",
    "reconciliation", "refunds", "reserves", "wallet", "webhooks",
]  # fmt: skip
