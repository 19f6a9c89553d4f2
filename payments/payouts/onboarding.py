"""What the provider of payouts wants to know about a seller, and the way to its page.

The provider is called outside of any transaction; its answer is kept, so that pages need not ask.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.errors import InvalidInput
from payments.contracts import ProviderUnavailable
from payments.payouts.models import PayoutDestination, PayoutRecipient
from payments.payouts.services import check_manager
from payments.providers.port import ProviderTimeout, Recipient
from payments.providers.registry import default_provider, ensure_outside_transaction, get_provider


def ask_provider(*, seller_id: UUID, currency: str, return_url: str, actor: Actor, now: datetime) -> Recipient:
    """How the seller stands with the provider, with the link to its page when it wants to know something.

    `return_url` "": only look. Raises NotFound (not the seller), NotAllowed (staff), InvalidInput (no bank account),
    ProviderUnavailable.
    """
    check_manager(seller_id=seller_id, actor=actor)
    ensure_outside_transaction()
    destination = PayoutDestination.objects.filter(seller_id=seller_id).first()
    if destination is None:
        raise InvalidInput("There is no bank account yet.", field="iban", remedy="Add your bank account first.")
    provider = default_provider()
    try:
        found = get_provider(provider).recipient(
            holder=destination.holder, iban=destination.iban, currency=currency, return_url=return_url, now=now
        )
    except ProviderTimeout as error:
        raise ProviderUnavailable() from error
    PayoutRecipient.objects.update_or_create(
        seller_id=seller_id,
        defaults={
            "provider": provider, "provider_ref": found.ref, "state": found.state.value, "missing": list(found.missing),
            "checked_at": now,
        },
    )  # fmt: skip
    return found


def record_recipient(*, provider: str, recipient: Recipient, now: datetime) -> None:
    """News from the provider, whole in every event. Unknown ones are not ours."""
    PayoutRecipient.objects.filter(provider=provider, provider_ref=recipient.ref).exclude(provider_ref="").update(
        state=recipient.state.value, missing=list(recipient.missing), checked_at=now
    )


def find_recipient(seller_id: UUID) -> PayoutRecipient | None:
    """What was known last; None before anybody asked, or when another provider sends payouts now."""
    return PayoutRecipient.objects.filter(seller_id=seller_id, provider=default_provider()).first()
