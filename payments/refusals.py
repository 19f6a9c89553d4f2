"""The facts payments refuses with. Others import them from payments.contracts."""

from __future__ import annotations

from core.errors import DomainError, NotFound, TransitionRefused

__all__ = [
    "AccountNotFound",
    "SavedMethodNotFound",
]  # fmt: skip


class ChargeNotFound(NotFound):
    code = "charge_not_found"
    message = "There is no such payment."


class SavedMethodNotFound(NotFound):
    code = "saved_method_not_found"
    message = "There is no such payment method."


class AccountNotFound(NotFound):
    code = "account_not_found"
    message = "There is no such account."


class EscrowNotFound(NotFound):
    code = "escrow_not_found"
    message = "There is no money held for this order."


class EscrowTransitionRefused(TransitionRefused):
    """The escrow machine has no such edge for this party from where the money stands."""

    code = "escrow_transition_refused"


class StaleEscrow(DomainError):
    """Somebody else moved the escrow in between."""

    code = "escrow_changed"
    message = "The order changed in the meantime."
    remedy = "Look at it again and repeat if you still want to."


class EscrowSumMismatch(DomainError):
    code = "escrow_sum_mismatch"
    status = 422
    message = "The orders do not add up to the payment."


class ChargeAlreadyOpen(DomainError):
    code = "charge_already_open"
    message = "A payment for this purchase is already under way."


class ChargeAlreadyCaptured(DomainError):
    code = "charge_already_captured"
    message = "This purchase is already paid."


class ExtensionUsed(DomainError):
    code = "extension_used"
    message = "The inspection was already extended once."


class UnknownLine(DomainError):
    code = "unknown_line"
    status = 422
    message = "The order has no such line."


class RefundTooLarge(DomainError):
    """More than was paid for it and is not refunded yet."""

    code = "refund_too_large"
    status = 422
    message = "That is more than can still be refunded."


class RefundDuringDispute(DomainError):
    """While a dispute or a chargeback is open, only its decision moves money."""

    code = "refund_during_dispute"
    message = "A dispute about this order is open. Its decision moves the money."


class RefundNotFound(NotFound):
    code = "refund_not_found"
    message = "There is no such refund."


class ChargebackNotFound(NotFound):
    code = "chargeback_not_found"
    message = "There is no such chargeback."


class ChargebackClosed(DomainError):
    """The bank has decided, or has the evidence already."""

    code = "chargeback_closed"
    message = "The bank no longer takes anything for this chargeback."


class MilestoneNotFound(NotFound):
    code = "milestone_not_found"
    message = "There is no such milestone."


class NotEnoughMoney(DomainError):
    """A balance would pass its bound; nothing moved."""

    code = "not_enough_money"
    message = "There is not enough money for this."


class IdempotencyConflict(DomainError):
    """The ledger already has another transaction under this key."""

    code = "idempotency_conflict"
    message = "This reference was already used for something else."


class InvalidIban(DomainError):
    code = "invalid_iban"
    status = 422
    message = "This is not a valid IBAN."
    remedy = "Check the number on a bank statement; it starts with two letters and two digits."


class PayoutHeld(DomainError):
    """A hold, a missing verification, or the cool-off after a new bank account."""

    code = "payout_held"
    message = "Payouts are on hold."


class InvalidSignature(DomainError):
    """A webhook that the provider did not sign, or signed too long ago."""

    code = "invalid_signature"
    status = 400
    message = "The signature does not fit."


class ProviderUnavailable(DomainError):
    """The provider did not answer; what happened there is not known yet."""

    code = "provider_unavailable"
    status = 503
    message = "The payment provider does not answer."
    remedy = "We ask again by ourselves; you are not charged twice."
