"""Re-exports the models of the slices so that Django finds them."""

from payments.chargebacks.models import (
    Chargeback,
    ChargebackPolicy,
    ChargebackShare,
    ChargebackStatement,
    ChargebackTransition,
    EvidencePack,
)
from payments.charges.models import Charge, ChargeTransition
from payments.escrow.models import (
    CommissionPlan,
    Escrow,
    EscrowClockPolicy,
    EscrowEvent,
    EscrowLineMove,
    EscrowRule,
    EscrowTimer,
    InspectionPolicy,
    Milestone,
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
from payments.providers.models import SandboxDispute, SandboxIntent, SandboxPayout, SandboxRefund, SandboxWebhook
from payments.refunds.models import RefundLine, RefundPolicy, RefundTransition
from payments.reserves.models import ReserveHold, ReservePolicy
from payments.webhooks.models import PspEvent

__all__ = [
    "Account", "AccountKind", "Attestation", "Balance", "ChainBlock", "Charge", "ChargeTransition", "Chargeback",
    "ChargebackPolicy", "ChargebackShare", "ChargebackStatement", "ChargebackTransition", "CommissionPlan",
    "Currency", "Entry", "Escrow", "EscrowClockPolicy", "EscrowEvent", "EscrowLineMove", "EscrowRule", "EscrowTimer",
    "EvidencePack", "InspectionPolicy", "Milestone", "Payout", "PayoutDestination", "PayoutPolicy",
    "PayoutTransition", "PspEvent", "Refund", "RefundLine", "RefundPolicy", "RefundTransition", "ReserveHold",
    "ReservePolicy", "Rollup", "SandboxDispute", "SandboxIntent", "SandboxPayout", "SandboxRefund", "SandboxWebhook",
    "Txn",
]  # fmt: skip
