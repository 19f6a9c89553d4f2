"""Registers the admin pages of the slices."""

from payments.chargebacks import admin as chargebacks
from payments.charges import admin as charges
from payments.escrow import admin as escrow
from payments.ledger import admin as ledger
from payments.payouts import admin as payouts
from payments.refunds import admin as refunds
from payments.reserves import admin as reserves
from payments.webhooks import admin as webhooks

__all__ = ["chargebacks", "charges", "escrow", "ledger", "payouts", "refunds", "reserves", "webhooks"]
