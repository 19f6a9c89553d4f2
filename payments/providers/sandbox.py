"""The sandbox behind the provider port: calls the network, maps its answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from core.errors import DomainError, InvalidInput
from core.money import Money
from payments.contracts import InvalidSignature
from payments.providers import disputes, methods, network, signatures
from payments.providers.models import SandboxIntent
from payments.providers.port import (
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

_OUTCOMES = {
    network.OPEN: Outcome.REQUIRES_ACTION,
    network.CHALLENGE: Outcome.REQUIRES_ACTION,
    network.PROCESSING: Outcome.PENDING,
    network.SUCCEEDED: Outcome.SUCCEEDED,
    network.DECLINED: Outcome.DECLINED,
}
_PAGES = {network.OPEN: "sandbox_pay", network.CHALLENGE: "sandbox_challenge"}


class SandboxProvider:
    """PaymentProvider of the built-in network."""

    code = "sandbox"

    def authorize(
        self, *, idempotency_key: str, amount: Money, method_token: str | None, return_url: str, now: datetime
    ) -> ProviderResult:
        try:
            intent = network.create_intent(
                idempotency_key=idempotency_key,
                amount=amount,
                method_token=method_token,
                return_url=return_url,
                now=now,
            )
        except InvalidInput:
            return ProviderResult(Outcome.DECLINED, "", code="unknown_method")
        return _result(intent)

    def find_charge(self, *, idempotency_key: str, now: datetime) -> ProviderResult | None:
        intent = network.find_intent(idempotency_key)
        return None if intent is None else _result(intent)

    def refund(self, *, idempotency_key: str, charge_key: str, amount: Money, now: datetime) -> ProviderResult:
        try:
            refund = network.create_refund(
                idempotency_key=idempotency_key, charge_key=charge_key, amount=amount, now=now
            )
        except InvalidInput as error:
            return ProviderResult(Outcome.DECLINED, "", code=error.message[:60])
        return ProviderResult(Outcome.SUCCEEDED, str(refund.id))

    def payout(self, *, idempotency_key: str, amount: Money, holder: str, iban: str, now: datetime) -> ProviderResult:
        payout = network.create_payout(idempotency_key=idempotency_key, amount=amount, iban=iban, now=now)
        return ProviderResult(_OUTCOMES[payout.status], str(payout.id), code=payout.failure_code)

    def recipient(self, *, holder: str, iban: str, currency: str, return_url: str, now: datetime) -> Recipient:
        """Nobody is asked anything."""
        return Recipient(RecipientState.READY)

    def submit_evidence(
        self, *, idempotency_key: str, dispute_ref: str, document: bytes, facts: Mapping[str, object], now: datetime
    ) -> ProviderResult:
        try:
            dispute = disputes.submit_evidence(dispute_id=UUID(dispute_ref), facts=facts, now=now)
        except DomainError as error:
            return ProviderResult(Outcome.DECLINED, "", code=error.message[:60])
        return ProviderResult(Outcome.SUCCEEDED, str(dispute.id))

    def forget(self, *, token: str, now: datetime) -> None:
        methods.forget(token, now=now)

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> list[ProviderEvent]:
        signatures.verify(body, headers.get(signatures.HEADER, ""), provider=self.code, now=now)
        try:
            notice = json.loads(body)
            if notice["kind"] == EventKind.DISPUTE.value:
                return [_dispute_event(notice)]
            method = KeptMethod(**notice["method"]) if notice.get("method") else None
            result = ProviderResult(
                _OUTCOMES[notice["status"]], notice["object"], code=notice["code"], method=method
            )  # fmt: skip
            return [ProviderEvent(notice["id"], EventKind(notice["kind"]), notice["reference"], result)]
        except (ValueError, KeyError, TypeError):
            raise InvalidSignature("The body is not an event.") from None


def _dispute_event(notice: dict[str, Any]) -> ProviderEvent:
    told = notice["dispute"]
    dispute = ProviderDispute(
        ref=notice["object"], charge_ref=notice["reference"], status=DisputeStatus(notice["status"]),
        amount=Money(told["amount"], told["currency"]), fee=Money(told["fee"], told["currency"]),
        reason=told["reason"], due_by=datetime.fromisoformat(told["due_by"]),
        opened_at=datetime.fromisoformat(told["opened_at"]),
    )  # fmt: skip
    result = ProviderResult(Outcome.PENDING, notice["object"], code=notice["status"])
    return ProviderEvent(notice["id"], EventKind.DISPUTE, notice["reference"], result, dispute)


def _result(intent: SandboxIntent) -> ProviderResult:
    page = _PAGES.get(intent.status)
    url = settings.SITE_URL + reverse(page, args=[intent.id]) if page else ""
    method = methods.describe(intent.kept) if intent.status == network.SUCCEEDED else None
    return ProviderResult(_OUTCOMES[intent.status], str(intent.id), code=intent.decline_code, url=url, method=method)
