"""Between Stripe's shapes and ours: pure, no I/O.

Source of the rules: docs.stripe.com/currencies, /payments/paymentintents/lifecycle, /declines/codes, /api/disputes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from core.money import Money, currency_exponent
from payments.providers.port import (
    KEPT,
    DisputeStatus,
    EventKind,
    KeptMethod,
    Outcome,
    ProviderDispute,
    ProviderEvent,
    ProviderResult,
    Recipient,
    RecipientState,
)

Shape = Mapping[str, Any]

CHARGE, REFUND, PAYOUT, HOSTED = "lonja_charge", "lonja_refund", "lonja_payout", "lonja_hosted"
#: Amounts in whole units. ISK and UGX are whole too, but are still sent in hundredths.
ZERO_DECIMAL: Final = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)  # fmt: skip
#: Amounts in thousandths; the last digit must be 0.
THREE_DECIMAL: Final = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
#: Paid out in whole units only.
WHOLE_PAYOUTS: Final = frozenset({"HUF", "TWD"})

_DECLINES = {
    "insufficient_funds": "insufficient_funds",
    "expired_card": "card_expired",
    "incorrect_cvc": "incorrect_cvc",
    "invalid_cvc": "incorrect_cvc",
    "authentication_required": "authentication_failed",
    "payment_intent_authentication_failure": "authentication_failed",
    "processing_error": "processing_error",
    "try_again_later": "processing_error",
    "issuer_not_available": "processing_error",
    "resource_missing": "unknown_method",
    "payment_method_unactivated": "unknown_method",
    "amount_too_small": "amount_not_supported",
    "amount_too_large": "amount_not_supported",
}
_INTENTS = {
    "succeeded": Outcome.SUCCEEDED,
    "requires_action": Outcome.REQUIRES_ACTION,
    "requires_payment_method": Outcome.DECLINED,
    "requires_confirmation": Outcome.PENDING,
    "requires_capture": Outcome.PENDING,
    "processing": Outcome.PENDING,
    "canceled": Outcome.CANCELLED,
}
_REFUNDS = {"succeeded": Outcome.SUCCEEDED, "failed": Outcome.DECLINED, "canceled": Outcome.DECLINED}
_PAYOUTS = {"paid": Outcome.SUCCEEDED, "failed": Outcome.DECLINED, "canceled": Outcome.DECLINED}
_INTENT_EVENTS = frozenset(
    f"payment_intent.{what}" for what in ("succeeded", "payment_failed", "processing", "canceled", "requires_action")
)
_SESSION_EVENTS = frozenset(
    f"checkout.session.{what}"
    for what in ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
)  # fmt: skip
_REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})
_PAYOUT_EVENTS = frozenset({"payout.paid", "payout.failed", "payout.canceled", "payout.updated"})


class UnsupportedAmount(ValueError):
    """Stripe cannot take exactly this amount; it is never rounded."""


def stripe_exponent(currency: str) -> int:
    """Digits Stripe counts in; not always those of ISO 4217 (ISK)."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def to_stripe(amount: Money) -> int:
    """The integer Stripe expects. Raises UnsupportedAmount."""
    shift = stripe_exponent(amount.currency) - currency_exponent(amount.currency)
    if shift < 0 or (amount.currency in THREE_DECIMAL and amount.minor % 10):
        raise UnsupportedAmount(str(amount))
    return amount.minor * int(10**shift)


def payout_amount(amount: Money) -> int:
    """As to_stripe, with the stricter rule of payouts. Raises UnsupportedAmount."""
    if amount.currency in WHOLE_PAYOUTS and amount.minor % 100:
        raise UnsupportedAmount(str(amount))
    return to_stripe(amount)


def from_stripe(number: int, currency: str) -> Money:
    """Money of Stripe's integer. Raises UnsupportedAmount where it does not fit."""
    code = currency.upper()
    shift = stripe_exponent(code) - currency_exponent(code)
    if shift < 0 or number % 10**shift:
        raise UnsupportedAmount(f"{number} {code}")
    return Money(number // 10**shift, code)


def intent_params(*, key: str, amount: Money, token: str, return_url: str) -> dict[str, Any]:
    """A PaymentIntent confirmed with a PaymentMethod, the buyer at hand; a kept token names its customer too."""
    params: dict[str, Any] = {
        "amount": to_stripe(amount), "currency": amount.currency.lower(), "confirm": True, "return_url": return_url,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "always"}, "metadata": {CHARGE: key},
    }  # fmt: skip
    if token.startswith(KEPT):
        params["customer"], params["payment_method"] = split_token(token)
    else:
        params["payment_method"] = token
    return params


def session_params(*, key: str, amount: Money, return_url: str, title: str) -> dict[str, Any]:
    """Stripe's own page. It asks the buyer whether the card may be kept."""
    price = {"currency": amount.currency.lower(), "unit_amount": to_stripe(amount), "product_data": {"name": title}}
    return {
        "mode": "payment", "line_items": [{"price_data": price, "quantity": 1}], "client_reference_id": key,
        "success_url": return_url, "cancel_url": return_url, "customer_creation": "always", "metadata": {CHARGE: key},
        "payment_intent_data": {"metadata": {CHARGE: key, HOSTED: "1"}},
        "saved_payment_method_options": {"payment_method_save": "enabled"},
    }  # fmt: skip


def split_token(token: str) -> tuple[str, str]:
    """(customer, payment method) of a kept token."""
    customer, _, method = token.removeprefix(KEPT).partition("/")
    return customer, method


def charge_result(intent: Shape) -> ProviderResult:
    """How a PaymentIntent stands. On the hosted page a refused card is not the end: the buyer may try another."""
    outcome, code, url = _INTENTS.get(intent["status"], Outcome.PENDING), "", ""
    hosted = HOSTED in (intent.get("metadata") or {})
    if outcome is Outcome.DECLINED:
        if hosted:
            return ProviderResult(Outcome.REQUIRES_ACTION, intent["id"])
        code = decline_code(intent.get("last_payment_error") or {})
    if outcome is Outcome.CANCELLED:
        code = str(intent.get("cancellation_reason") or "canceled")
    if outcome is Outcome.REQUIRES_ACTION:
        url = ((intent.get("next_action") or {}).get("redirect_to_url") or {}).get("url") or ""
    method = kept_method(intent) if outcome is Outcome.SUCCEEDED and hosted else None
    return ProviderResult(outcome, intent["id"], code=code, url=url, method=method)


def session_result(session: Shape) -> ProviderResult:
    """How a Checkout Session stands; its PaymentIntent tells more when it was expanded."""
    intent = session.get("payment_intent")
    ref = (intent["id"] if isinstance(intent, Mapping) else intent) or session["id"]
    if session.get("payment_status") == "paid":
        method = kept_method(intent) if isinstance(intent, Mapping) else None
        return ProviderResult(Outcome.SUCCEEDED, ref, method=method)
    if session.get("status") == "expired":
        return ProviderResult(Outcome.DECLINED, ref, code="page_expired")
    if session.get("status") == "complete":
        return ProviderResult(Outcome.PENDING, ref)
    return ProviderResult(Outcome.REQUIRES_ACTION, session["id"], url=session.get("url") or "")


def kept_method(intent: Shape) -> KeptMethod | None:
    """The card of a paid intent when its owner allowed it to be shown again (consent on Stripe's page)."""
    method, customer = intent.get("payment_method"), _id_of(intent.get("customer"))
    if not isinstance(method, Mapping) or not customer or method.get("allow_redisplay") != "always":
        return None
    kind = method["type"]
    details = method.get(kind) or {}
    return KeptMethod(
        token=f"{KEPT}{customer}/{method['id']}", fingerprint=details.get("fingerprint") or method["id"],
        brand=details.get("brand") or kind, last4=details.get("last4") or "", exp_month=details.get("exp_month") or 0,
        exp_year=details.get("exp_year") or 0,
    )  # fmt: skip


def decline_code(error: Shape) -> str:
    """Our code of a refusal. Suspicion (lost, stolen, fraud) is never told: it is a plain decline."""
    for code in (error.get("decline_code"), error.get("code")):
        if code in _DECLINES:
            return _DECLINES[code]
    return "card_declined"


def refund_result(refund: Shape) -> ProviderResult:
    return ProviderResult(
        _REFUNDS.get(refund.get("status") or "", Outcome.PENDING), refund["id"], code=refund.get("failure_reason") or ""
    )


def payout_result(payout: Shape) -> ProviderResult:
    return ProviderResult(
        _PAYOUTS.get(payout["status"], Outcome.PENDING), payout["id"], code=payout.get("failure_code") or ""
    )


def dispute_of(dispute: Shape, charge_ref: str) -> ProviderDispute:
    """The whole dispute. The fee is what Stripe booked for it, zero while nothing was (or in another currency)."""
    currency = dispute["currency"].upper()
    fees = [
        row.get("fee") or 0
        for row in dispute.get("balance_transactions") or []
        if row["currency"] == dispute["currency"]
    ]
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return ProviderDispute(
        ref=dispute["id"], charge_ref=charge_ref, status=dispute_status(dispute["status"]),
        amount=from_stripe(dispute["amount"], currency), fee=from_stripe(max(sum(fees), 0), currency),
        reason=dispute.get("reason") or "general", due_by=_moment(due) if due else None,
        opened_at=_moment(dispute["created"]),
    )  # fmt: skip


def dispute_status(status: str) -> DisputeStatus:
    """ "prevented" is an inquiry that ended; what we do not know yet is under review."""
    if status == "prevented":
        return DisputeStatus.WARNING_CLOSED
    try:
        return DisputeStatus(status.upper())
    except ValueError:
        return DisputeStatus.UNDER_REVIEW


def evidence_params(facts: Mapping[str, Any], file_id: str) -> dict[str, Any]:
    """The PDF and the parcel's numbers, submitted for good."""
    evidence: dict[str, Any] = {"uncategorized_file": file_id}
    parcels = [parcel for order in facts.get("orders", ()) for parcel in order["parcels"]]
    if parcels:
        evidence["shipping_carrier"] = parcels[0]["carrier"]
        evidence["shipping_tracking_number"] = parcels[0]["tracking_number"]
    if facts.get("delivered_at"):
        evidence["uncategorized_text"] = f"Delivered at {facts['delivered_at']}"
    return {"evidence": evidence, "submit": True}


def event_of(event: Shape) -> ProviderEvent | None:
    """Our event, or None for types without an effect. Disputes get their charge by `disputed_intent`."""
    kind, thing = event["type"], event["data"]["object"]
    named = thing.get("metadata") or {}
    if kind in _INTENT_EVENTS:
        return ProviderEvent(event["id"], EventKind.CHARGE, named.get(CHARGE, ""), charge_result(thing))
    if kind in _SESSION_EVENTS:
        result = session_result(thing)
        if kind == "checkout.session.async_payment_failed":
            result = ProviderResult(Outcome.DECLINED, result.provider_ref, code="card_declined")
        return ProviderEvent(event["id"], EventKind.CHARGE, named.get(CHARGE, ""), result)
    if kind == "account.updated":
        found = recipient_of(thing)
        result = ProviderResult(Outcome.PENDING, found.ref, code=found.state.value)
        return ProviderEvent(event["id"], EventKind.RECIPIENT, found.ref, result, recipient=found)
    if kind in _REFUND_EVENTS:
        return ProviderEvent(event["id"], EventKind.REFUND, named.get(REFUND, ""), refund_result(thing))
    if kind in _PAYOUT_EVENTS:
        result = payout_result(thing)
        if result.outcome is Outcome.DECLINED:  # first the transfer must come back: the payout job asks and sees to it
            result = ProviderResult(Outcome.PENDING, result.provider_ref, code=result.code)
        return ProviderEvent(event["id"], EventKind.PAYOUT, named.get(PAYOUT, ""), result)
    return None


def recipient_of(account: Shape) -> Recipient:
    """A connected account: READY when money may go there, NEEDED while Stripe wants to know something from its owner."""
    wanted = account.get("requirements") or {}
    missing = tuple(str(one) for one in (wanted.get("currently_due") or ()))
    moves = (account.get("capabilities") or {}).get("transfers") == "active"
    if missing or wanted.get("disabled_reason") == "requirements.past_due":
        state = RecipientState.NEEDED
    elif moves and account.get("payouts_enabled"):
        state = RecipientState.READY
    else:
        state = RecipientState.IN_REVIEW if account.get("details_submitted") else RecipientState.NEEDED
    return Recipient(state, str(account.get("id", "")), missing=missing[:20])


def disputed_intent(event: Shape) -> str | None:
    """The PaymentIntent a dispute event is about; None for other events."""
    if not str(event["type"]).startswith("charge.dispute."):
        return None
    return _id_of(event["data"]["object"].get("payment_intent")) or ""


def dispute_event(event: Shape, charge_ref: str) -> ProviderEvent:
    dispute = dispute_of(event["data"]["object"], charge_ref)
    result = ProviderResult(Outcome.PENDING, dispute.ref, code=dispute.status.value)
    return ProviderEvent(event["id"], EventKind.DISPUTE, charge_ref, result, dispute)


def asks_for_method(event: Shape) -> bool:
    """Whether a paid intent may carry a card to keep: the event names it, but does not show it."""
    thing = event["data"]["object"]
    return event["type"] == "payment_intent.succeeded" and HOSTED in (thing.get("metadata") or {}) and bool(
        thing.get("customer") and thing.get("payment_method")
    )  # fmt: skip


def _id_of(thing: Any) -> str:
    return str(thing["id"] if isinstance(thing, Mapping) else thing or "")


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
