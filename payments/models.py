"""Re-exports the models of the slices so that Django finds them."""

from payments.charges.models import Charge, ChargeTransition
from payments.escrow.models import (
    CommissionPlan,
    Escrow,
    EscrowEvent,
    EscrowRule,
    EscrowTimer,
    InspectionPolicy,
    Refund,
)
from payments.ledger.models import (
    Account,
    AccountKind,
    Attestation,
    Balance,
    ChainBlock,
    Currency,
    Entry,
    Rollup,
    Txn,
)
from payments.payouts.models import Payout, PayoutDestination, PayoutPolicy, PayoutTransition
from payments.providers.models import SandboxIntent, SandboxPayout, SandboxRefund, SandboxWebhook
from payments.webhooks.models import PspEvent

__all__ = [
    "Account", "AccountKind", "Attestation", "Balance", "ChainBlock", "Charge", "ChargeTransition", "CommissionPlan",
    "Currency", "Entry", "Escrow", "EscrowEvent", "EscrowRule", "EscrowTimer", "InspectionPolicy", "Payout",
    "PayoutDestination", "PayoutPolicy", "PayoutTransition", "PspEvent", "Refund", "Rollup", "SandboxIntent",
    "SandboxPayout", "SandboxRefund", "SandboxWebhook", "Txn",
]  # fmt: skip
