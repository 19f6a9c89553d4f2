"""Stripe behind the provider port: the official SDK does the I/O, stripe_mapper the shapes.

Our row ids are the idempotency keys. Stripe forgets those after a day, so that before anything is made again it is
looked for: by the id we noted, then by our key in Stripe's metadata.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import stripe
import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from stripe import StripeClient

from core.money import Money
from payments.contracts import InvalidSignature
from payments.providers import stripe_mapper as mapper
from payments.providers.port import (
    KEPT,
    Outcome,
    ProviderEvent,
    ProviderResult,
    ProviderTimeout,
    Recipient,
    RecipientState,
    TooEarly,
)
from payments.providers.stripe_models import StripeObject

log = structlog.get_logger(__name__)

STRIPE = "stripe"
TIMEOUT_SECONDS = 20
TOLERANCE_SECONDS = 300
HEADER = "Stripe-Signature"
MAX_LISTED = 100


def is_configured() -> bool:
    """Both secrets are set."""
    return bool(settings.LONJA["STRIPE_SECRET_KEY"] and settings.LONJA["STRIPE_WEBHOOK_SECRET"])


@cache
def transport() -> stripe.HTTPClient:
    """The connection pool of this process."""
    return stripe.RequestsClient(timeout=TIMEOUT_SECONDS)


class NothingToRefund(Exception):
    """Stripe has no paid charge of ours by that key."""


class StripeProvider:
    """PaymentProvider of Stripe: PaymentIntents and Checkout for buyers, Connect for sellers."""

    code = STRIPE

    def __init__(self) -> None:
        self._api = StripeClient(
            str(settings.LONJA["STRIPE_SECRET_KEY"]), http_client=transport(), max_network_retries=0
        ).v1  # fmt: skip

    def authorize(
        self, *, idempotency_key: str, amount: Money, method_token: str | None, return_url: str, now: datetime
    ) -> ProviderResult:
        """Confirm with a PaymentMethod, or open Stripe's page. Anything but a token is refused unread."""
        if method_token is not None and not method_token.startswith(("pm_", KEPT)):
            return ProviderResult(Outcome.DECLINED, "", code="unknown_method")
        known = self.find_charge(idempotency_key=idempotency_key, now=now) if _find(idempotency_key) else None
        if known is not None:
            return known
        try:
            with answers():
                return self._charge(idempotency_key, amount, method_token, return_url, now)
        except mapper.UnsupportedAmount:
            return ProviderResult(Outcome.DECLINED, "", code="amount_not_supported")
        except stripe.CardError as error:
            return _declined(idempotency_key, error, now=now)
        except stripe.IdempotencyError:
            return self._asked_otherwise_before(idempotency_key, now)
        except stripe.InvalidRequestError as error:
            return ProviderResult(Outcome.DECLINED, "", code=mapper.decline_code({"code": error.code}))

    def _charge(self, key: str, amount: Money, token: str | None, return_url: str, now: datetime) -> ProviderResult:
        options: Any = {"idempotency_key": key}
        if token is None:
            page: Any = mapper.session_params(key=key, amount=amount, return_url=return_url, title=_("Your order"))
            session = self._api.checkout.sessions.create(params=page, options=options).to_dict()
            _note(key, session["id"], now=now)
            return mapper.session_result(session)
        params: Any = mapper.intent_params(key=key, amount=amount, token=token, return_url=return_url)
        intent = self._api.payment_intents.create(params=params, options=options).to_dict()
        _note(key, intent["id"], now=now)
        return mapper.charge_result(intent)

    def _asked_otherwise_before(self, key: str, now: datetime) -> ProviderResult:
        """The key was used with other content, whose answer we never got: that charge counts."""
        found = self.find_charge(idempotency_key=key, now=now)
        if found is None:
            raise ProviderTimeout("asked before, not found yet")
        return found

    def find_charge(self, *, idempotency_key: str, now: datetime) -> ProviderResult | None:
        with answers():
            ref = _find(idempotency_key)
            if ref is None:
                query = f"metadata['{mapper.CHARGE}']:'{idempotency_key}'"
                found = self._api.payment_intents.search(params={"query": query, "limit": 1}).data
                if not found:
                    return None
                ref = found[0].id
                _note(idempotency_key, ref, now=now)
            if ref.startswith("cs_"):
                return mapper.session_result(self._session(ref))
            return mapper.charge_result(self._intent(ref))

    def _session(self, ref: str) -> dict[str, Any]:
        expand = ["payment_intent", "payment_intent.payment_method"]
        return self._api.checkout.sessions.retrieve(ref, params={"expand": expand}).to_dict()

    def _intent(self, ref: str) -> dict[str, Any]:
        return self._api.payment_intents.retrieve(ref, params={"expand": ["payment_method"]}).to_dict()

    def refund(self, *, idempotency_key: str, charge_key: str, amount: Money, now: datetime) -> ProviderResult:
        try:
            with answers():
                return mapper.refund_result(self._refund(idempotency_key, charge_key, amount, now))
        except (stripe.InvalidRequestError, mapper.UnsupportedAmount, NothingToRefund) as error:
            return ProviderResult(Outcome.DECLINED, "", code=_code_of(error))

    def _refund(self, key: str, charge_key: str, amount: Money, now: datetime) -> dict[str, Any]:
        known = _find(key)
        if known is not None:
            return self._api.refunds.retrieve(known).to_dict()
        charge = self.find_charge(idempotency_key=charge_key, now=now)
        if charge is None or charge.outcome is not Outcome.SUCCEEDED:
            raise NothingToRefund
        intent = charge.provider_ref
        made = self._api.refunds.list(params={"payment_intent": intent, "limit": MAX_LISTED}).data
        refund = _of_ours((one.to_dict() for one in made), mapper.REFUND, key)
        if refund is None:
            params: Any = {
                "payment_intent": intent, "amount": mapper.to_stripe(amount), "metadata": {mapper.REFUND: key}
            }  # fmt: skip
            refund = self._api.refunds.create(params=params, options={"idempotency_key": key}).to_dict()
        _note(key, refund["id"], now=now)
        return refund

    def payout(self, *, idempotency_key: str, amount: Money, holder: str, iban: str, now: datetime) -> ProviderResult:
        """Move the money to the seller's connected account, then from there to the bank account.

        A payout that fails takes the transfer back before it is told, so that it can be paid anew.
        """
        try:
            with answers():
                number = mapper.payout_amount(amount)
                account = self._recipient(amount.currency, holder, iban, now)
                transfer = self._transfer(idempotency_key, account, number, amount.currency)
                result = mapper.payout_result(self._send(idempotency_key, account, number, amount.currency, now))
                if result.outcome is Outcome.DECLINED:
                    self._api.transfers.reversals.create(
                        transfer, params={}, options={"idempotency_key": f"{idempotency_key}-back"}
                    )
                return result
        except mapper.UnsupportedAmount:
            return ProviderResult(Outcome.DECLINED, "", code="amount_not_supported")
        except stripe.InvalidRequestError as error:
            waits = error.code == "balance_insufficient"  # what buyers paid is not settled at Stripe yet
            return ProviderResult(Outcome.PENDING if waits else Outcome.DECLINED, "", code=_code_of(error))

    def _recipient(self, currency: str, holder: str, iban: str, now: datetime) -> str:
        """The connected account behind a bank account. Stripe checks its owner before money may go there."""
        digest = hashlib.sha256(f"{holder}|{iban}|{currency}".encode()).hexdigest()
        known = _find(f"to:{digest}")
        if known is not None:
            return known
        bank = {"object": "bank_account", "country": iban[:2], "currency": currency.lower(), "account_number": iban,
                "account_holder_name": holder}  # fmt: skip
        params: Any = {
            "type": "custom", "country": iban[:2], "capabilities": {"transfers": {"requested": True}},
            "external_account": bank, "settings": {"payouts": {"schedule": {"interval": "manual"}}},
        }  # fmt: skip
        account = self._api.accounts.create(params=params, options={"idempotency_key": f"to:{digest}"})
        _note(f"to:{digest}", account.id, now=now)
        return account.id

    def recipient(self, *, holder: str, iban: str, currency: str, return_url: str, now: datetime) -> Recipient:
        """The connected account behind the bank account; its owner answers Stripe on Stripe's page (an account link).

        Raises ProviderTimeout.
        """
        with answers():
            ref = self._recipient(currency, holder, iban, now)
            found = mapper.recipient_of(self._api.accounts.retrieve(ref).to_dict())
            if found.state is not RecipientState.NEEDED or not return_url:
                return found
            asked: Any = {
                "account": ref, "type": "account_onboarding", "return_url": return_url, "refresh_url": return_url,
            }  # fmt: skip
            return replace(found, url=self._api.account_links.create(params=asked).url)

    def _transfer(self, key: str, account: str, number: int, currency: str) -> str:
        made = self._api.transfers.list(params={"transfer_group": key, "limit": 1}).data
        if made:
            return made[0].id
        params: Any = {"amount": number, "currency": currency.lower(), "destination": account, "transfer_group": key}
        return self._api.transfers.create(params=params, options={"idempotency_key": f"{key}-transfer"}).id

    def _send(self, key: str, account: str, number: int, currency: str, now: datetime) -> dict[str, Any]:
        known = _find(key)
        if known is not None:
            return self._api.payouts.retrieve(known, options={"stripe_account": account}).to_dict()
        made = self._api.payouts.list(params={"limit": MAX_LISTED}, options={"stripe_account": account}).data
        payout = _of_ours((one.to_dict() for one in made), mapper.PAYOUT, key)
        if payout is None:
            params: Any = {"amount": number, "currency": currency.lower(), "metadata": {mapper.PAYOUT: key}}
            options: Any = {"idempotency_key": key, "stripe_account": account}
            payout = self._api.payouts.create(params=params, options=options).to_dict()
        _note(key, payout["id"], account=account, now=now)
        return payout

    def submit_evidence(
        self, *, idempotency_key: str, dispute_ref: str, document: bytes, facts: Mapping[str, object], now: datetime
    ) -> ProviderResult:
        pdf = io.BytesIO(document)
        pdf.name = "evidence.pdf"
        try:
            with answers():
                upload: Any = {"purpose": "dispute_evidence", "file": pdf}
                file = self._api.files.create(params=upload, options={"idempotency_key": f"{idempotency_key}-file"})
                told: Any = mapper.evidence_params(facts, file.id)
                self._api.disputes.update(dispute_ref, params=told, options={"idempotency_key": idempotency_key})
        except stripe.InvalidRequestError as error:
            return ProviderResult(Outcome.DECLINED, "", code=_code_of(error))
        return ProviderResult(Outcome.SUCCEEDED, dispute_ref)

    def forget(self, *, token: str, now: datetime) -> None:
        _customer, method = mapper.split_token(token)
        try:
            with answers():
                self._api.payment_methods.detach(method)
        except stripe.InvalidRequestError as error:
            log.info("stripe_method_gone", code=error.code)  # detached before, or never there

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> list[ProviderEvent]:
        """Types we have no use for are taken without effect. Raises InvalidSignature, TooEarly (Stripe is asked for
        what the event leaves out, and did not answer: it comes again).
        """
        check_signature(body, headers.get(HEADER, ""), now=now)
        try:
            event = json.loads(body)
            told = self._event(event)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InvalidSignature("The body is not an event.") from None
        except ProviderTimeout:
            raise TooEarly() from None
        return [] if told is None else [told]

    def _event(self, event: dict[str, Any]) -> ProviderEvent | None:
        disputed = mapper.disputed_intent(event)
        if disputed is not None:
            return mapper.dispute_event(event, self._charge_of(disputed) if disputed else "")
        if event["type"] == "account.updated":
            ref = str(event["data"]["object"]["id"])
            if not StripeObject.objects.filter(object_id=ref).exists():
                return None  # another account of the platform's
            with answers():  # events come in any order: how it stands now is what counts
                event["data"]["object"] = self._api.accounts.retrieve(ref).to_dict()
        if mapper.asks_for_method(event):
            with answers():
                event["data"]["object"] = self._intent(event["data"]["object"]["id"])
        return mapper.event_of(event)

    def _charge_of(self, intent: str) -> str:
        with answers():
            return str((self._intent(intent).get("metadata") or {}).get(mapper.CHARGE, ""))


@contextmanager
def answers() -> Iterator[None]:
    """What leaves us without a clear answer becomes ProviderTimeout: lost connections, 409, 429, 5xx, a wrong key."""
    try:
        yield
    except (stripe.CardError, stripe.IdempotencyError):
        raise
    except stripe.InvalidRequestError as error:
        if error.http_status == 409:
            raise ProviderTimeout("busy") from error
        raise
    except stripe.StripeError as error:
        log.warning("stripe_gave_no_answer", kind=type(error).__name__, status=error.http_status)
        raise ProviderTimeout(type(error).__name__) from error


def check_signature(body: bytes, header: str, *, now: datetime) -> None:
    """Stripe's scheme over the raw body, at most 300 s old by our own clock. Raises InvalidSignature.

    Our account and its connected accounts have an endpoint and a secret each: one of the secrets must fit.
    """
    try:
        if not any(_fits(body, header, secret) for secret in str(settings.LONJA["STRIPE_WEBHOOK_SECRET"]).split(",")):
            raise InvalidSignature()
        moment = int(next(part[2:] for part in header.split(",") if part.startswith("t=")))
    except (UnicodeDecodeError, ValueError, StopIteration):
        raise InvalidSignature() from None
    if abs(int(now.timestamp()) - moment) > TOLERANCE_SECONDS:
        raise InvalidSignature("The signature is too old.")


def _fits(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret.strip(), tolerance=None))
    except stripe.SignatureVerificationError:
        return False


def _declined(key: str, error: stripe.CardError, *, now: datetime) -> ProviderResult:
    """A refused card comes as an error with the intent inside."""
    body: Any = error.json_body or {}
    told = body.get("error", {})
    intent = (told.get("payment_intent") or {}).get("id", "")
    if intent:
        _note(key, intent, now=now)
    return ProviderResult(Outcome.DECLINED, intent, code=mapper.decline_code(told))


def _code_of(error: Exception) -> str:
    if isinstance(error, NothingToRefund):
        return "charge_not_found"
    code = error.code if isinstance(error, stripe.StripeError) else "amount_not_supported"
    return str(code or "refused")[:60]


def _of_ours(made: Iterable[dict[str, Any]], name: str, key: str) -> dict[str, Any] | None:
    return next((one for one in made if (one.get("metadata") or {}).get(name) == key), None)


def _find(key: str) -> str | None:
    return StripeObject.objects.filter(key=key).values_list("object_id", flat=True).first()


def _note(key: str, object_id: str, *, now: datetime, account: str = "") -> None:
    StripeObject.objects.get_or_create(
        key=key, defaults={"object_id": object_id, "account": account, "created_at": now}
    )
