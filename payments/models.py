"""Re-exports the models of the slices so that Django finds them."""

from payments.adjustments.models import Adjustment, AdjustmentPolicy, AdjustmentTransition
from payments.chargebacks.models import (
    Chargeback,
    ChargebackPolicy,
    ChargebackShare,
    ChargebackStatement,
    ChargebackTransition,
    EvidencePack,
)
from payments.charges.models import Charge, ChargeTransition
from payments.documents.models import Document, DocumentSeries, TaxRemittance, VatClass
from payments.escrow.models import (
    CommissionPlan,
    ContributionEntry,
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
from payments.exchange.models import ExchangePolicy, ExchangeQuote
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
from payments.payouts.models import (
    Payout,
    PayoutDestination,
    PayoutHold,
    PayoutPolicy,
    PayoutRecipient,
    PayoutSchedule,
    PayoutTransition,
)
from payments.providers.bank_models import BankAccount, BankIntent, BankOrder, BankReceipt, PaymentFile
from payments.providers.models import (
    SandboxDispute,
    SandboxIntent,
    SandboxMethod,
    SandboxPayout,
    SandboxRefund,
    SandboxWebhook,
)
from payments.providers.stripe_models import StripeObject
from payments.reconciliation.models import BankLine, BankStatement, LineTransition, StatusReport
from payments.refunds.models import RefundLine, RefundPolicy, RefundTransition
from payments.reserves.models import ReserveHold, ReservePolicy
from payments.wallet.models import SavedMethod
from payments.webhooks.models import PspEvent

__all__ = [
    "Account",
    "AccountKind",
    "Adjustment",
    "AdjustmentPolicy",
    "AdjustmentTransition",
    "Attestation",
    "Balance",
    "BankAccount",
    "BankIntent",
    "BankLine",
    "BankOrder",
    "BankReceipt",
    "BankStatement",
    "ChainBlock",
    "Charge",
    "ChargeTransition",
    "Chargeback",
    "ChargebackPolicy",
    "ChargebackShare",
    "ChargebackStatement",
    "ChargebackTransition",
    "CommissionPlan",
    "ContributionEntry",
    "Currency",
    "Document",
    "DocumentSeries",
    "Entry",
    "Escrow",
    "EscrowClockPolicy",
    "EscrowEvent",
    "EscrowLineMove",
    "EscrowRule",
    "EscrowTimer",
    "EvidencePack",
    "ExchangePolicy",
    "ExchangeQuote",
    "InspectionPolicy",
    "LineTransition",
    "Milestone",
    "PaymentFile",
    "Payout",
    "PayoutDestination",
    "PayoutHold",
    "PayoutPolicy",
    "PayoutRecipient",
    "PayoutSchedule",
    "PayoutTransition",
    "PspEvent",
    "Refund",
    "RefundLine",
    "RefundPolicy",
    "RefundTransition",
    "ReserveHold",
    "ReservePolicy",
    "Rollup",
    "SandboxDispute",
    "SandboxIntent",
    "SandboxMethod",
    "SandboxPayout",
    "SandboxRefund",
    "SandboxWebhook",
    "SavedMethod",
    "StatusReport",
    "StripeObject",
    "TaxRemittance",
    "Txn",
    "VatClass",
]  # fmt: skip
