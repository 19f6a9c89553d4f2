"""Registers the admin pages of the slices."""

from payments.charges import admin as charges
from payments.escrow import admin as escrow
from payments.ledger import admin as ledger
from payments.payouts import admin as payouts
from payments.webhooks import admin as webhooks

__all__ = ["charges", "escrow", "ledger", "payouts", "webhooks"]
