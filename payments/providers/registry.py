"""Which providers there are, and the rule that none is called inside a transaction."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from core.errors import NotFound
from payments.providers.bank import BANK, BankProvider
from payments.providers.port import PaymentProvider
from payments.providers.sandbox import SandboxProvider
from payments.providers.stripe_proxy import STRIPE, StripeProvider, is_configured

DEFAULT_PROVIDER = "sandbox"
BANK_TRANSFER_TOKEN = "bank_transfer"  # noqa: S105 - a method, not a secret


class ProviderCalledInTransaction(RuntimeError):
    """The outside world was about to be called while a transaction was open: its locks would wait for the network."""


def get_provider(code: str) -> PaymentProvider:
    """The provider of that code. Raises NotFound (sandbox and Stripe exist only where settings say so)."""
    if code == "sandbox" and settings.LONJA["SANDBOX"]:
        return SandboxProvider()
    if code == STRIPE and is_configured():
        return StripeProvider()
    if code == BANK:
        return BankProvider()
    raise NotFound("There is no such payment provider.")


def default_provider() -> str:
    """Who takes cards and sends payouts: Stripe where it is configured, else the sandbox."""
    return STRIPE if is_configured() else DEFAULT_PROVIDER


def provider_for(method_token: str | None) -> str:
    """Who takes a payment made with this token: the bank for "bank_transfer", else the card network."""
    return BANK if method_token == BANK_TRANSFER_TOKEN else default_provider()


def ensure_outside_transaction() -> None:
    """Raises ProviderCalledInTransaction inside atomic(); the transaction a test is wrapped in does not count."""
    if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise ProviderCalledInTransaction("Commit first, then call the provider.")
