"""The sandbox network: a simulated card and bank network. It plays an outside company with its own tables and notices.

An intent's status: OPEN (waits for a card), CHALLENGE (the bank asks), PROCESSING, SUCCEEDED, DECLINED.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core.errors import InvalidInput, NotFound
from core.money import Money
from core.statements import insert
from payments.providers import disputes, methods, signatures
from payments.providers.cards import DECLINE_CODES, Behaviour, TestCard
from payments.providers.models import SandboxIntent, SandboxPayout, SandboxRefund, SandboxWebhook
from payments.providers.notices import notify
from payments.providers.port import EventKind, ProviderTimeout

OPEN, CHALLENGE, PROCESSING, SUCCEEDED, DECLINED = "OPEN", "CHALLENGE", "PROCESSING", "SUCCEEDED", "DECLINED"
LATE = timedelta(seconds=20)
DISPUTED_AFTER = timedelta(minutes=1)
FIRST_RETRY = timedelta(seconds=5)
MAX_DELIVERIES = 10
#: A bank account ending like this is refused by the sandbox's bank.
REFUSED_IBAN_ENDING = "0000"

Transport = Callable[[str, bytes, dict[str, str]], int]


def create_intent(
    *, idempotency_key: str, amount: Money, method_token: str | None, return_url: str, now: datetime
) -> SandboxIntent:
    """One intent per key; the token pays it at once, without one it waits at the hosted page.

    Raises ProviderTimeout after the money was taken (tok_timeout), InvalidInput on an unknown token.
    """
    card = methods.find_card(method_token) if method_token else None
    if method_token and card is None:
        raise InvalidInput("The payment method is not known.", field="method_token")
    status, code = _outcome(card) if card else (OPEN, "")
    intent = SandboxIntent(
        idempotency_key=idempotency_key, amount_minor=amount.minor, currency=amount.currency, return_url=return_url,
        created_at=now, status=status, decline_code=code, card_last4=card.number[-4:] if card else "",
    )  # fmt: skip
    with transaction.atomic():
        created = insert(intent, unless_there=True) == 1
        if created and card is not None:
            _tell(intent, card, now=now)
    if not created:
        return SandboxIntent.objects.get(idempotency_key=idempotency_key)
    if card is not None and card.behaviour is Behaviour.TIMEOUT:
        raise ProviderTimeout("no answer within 10 s")
    return intent


def pay(*, intent_id: UUID, card: TestCard, now: datetime, keep: bool = False) -> SandboxIntent:
    """The buyer typed a card on the hosted page, and may have it kept. Paying twice has one effect; after a decline
    another card may come.
    """
    with transaction.atomic():
        intent = lock_intent(intent_id)
        if intent.status == OPEN:
            intent.card_last4 = card.number[-4:]
            intent.status, intent.decline_code = _outcome(card)
            if keep and intent.status != DECLINED:
                intent.kept = methods.keep(card, now=now)
            intent.save()
            _tell(intent, card, now=now)
    return intent


def answer_challenge(*, intent_id: UUID, approved: bool, now: datetime) -> SandboxIntent:
    """The buyer answered the bank's question."""
    with transaction.atomic():
        intent = lock_intent(intent_id)
        if intent.status == CHALLENGE:
            code = "" if approved else "authentication_failed"
            intent.status, intent.decline_code = (SUCCEEDED if approved else DECLINED), code
            intent.save()
            notify(EventKind.CHARGE, intent.idempotency_key, intent.status, str(intent.id), code=code, now=now,
                   more=methods.told(intent.kept))  # fmt: skip
    return intent


def get_intent(intent_id: UUID) -> SandboxIntent:
    """Raises NotFound."""
    intent = SandboxIntent.objects.filter(id=intent_id).first()
    if intent is None:
        raise NotFound()
    return intent


def lock_intent(intent_id: UUID) -> SandboxIntent:
    intent = SandboxIntent.objects.select_for_update().filter(id=intent_id).first()
    if intent is None:
        raise NotFound()
    return intent


def find_intent(idempotency_key: str) -> SandboxIntent | None:
    return SandboxIntent.objects.filter(idempotency_key=idempotency_key).first()


def _outcome(card: TestCard) -> tuple[str, str]:
    """(status, decline code) of an intent once this card is used."""
    if card.behaviour is Behaviour.CHALLENGE:
        return CHALLENGE, ""
    if card.behaviour is Behaviour.LATE_WEBHOOK:
        return PROCESSING, ""
    code = DECLINE_CODES.get(card.behaviour, "")
    return (DECLINED if code else SUCCEEDED), code


def _tell(intent: SandboxIntent, card: TestCard, *, now: datetime) -> None:
    """The notices that follow the use of a card; a bank that asks first sends none."""
    key, ref, kept = intent.idempotency_key, str(intent.id), methods.told(intent.kept)
    if card.behaviour is Behaviour.LATE_WEBHOOK:
        notify(EventKind.CHARGE, key, SUCCEEDED, ref, now=now, due_at=now + LATE, more=kept)
    elif card.behaviour is not Behaviour.CHALLENGE:
        copies = 2 if card.behaviour is Behaviour.DUPLICATE_WEBHOOK else 1
        notify(EventKind.CHARGE, key, intent.status, ref, code=intent.decline_code, now=now, copies=copies, more=kept)
    if card.behaviour in (Behaviour.CHARGEBACK, Behaviour.INQUIRY):
        inquiry = card.behaviour is Behaviour.INQUIRY
        disputes.open_dispute(intent=intent, inquiry=inquiry, now=now, due_at=now + DISPUTED_AFTER)


def create_refund(*, idempotency_key: str, charge_key: str, amount: Money, now: datetime) -> SandboxRefund:
    """Send money of a captured intent back. Raises InvalidInput on more than was paid or an unknown charge."""
    with transaction.atomic():
        known = SandboxRefund.objects.filter(idempotency_key=idempotency_key).first()
        if known is not None:
            return known
        intent = SandboxIntent.objects.select_for_update().filter(idempotency_key=charge_key).first()
        if intent is None or intent.status != SUCCEEDED or intent.currency != amount.currency:
            raise InvalidInput("There is nothing to refund.", field="charge")
        if intent.refunded_minor + amount.minor > intent.amount_minor:
            raise InvalidInput("More than was paid.", field="amount")
        intent.refunded_minor += amount.minor
        intent.save(update_fields=["refunded_minor"])
        refund = SandboxRefund.objects.create(
            idempotency_key=idempotency_key, intent=intent, amount_minor=amount.minor, created_at=now
        )
        notify(EventKind.REFUND, idempotency_key, SUCCEEDED, str(refund.id), now=now)
    return refund


def create_payout(*, idempotency_key: str, amount: Money, iban: str, now: datetime) -> SandboxPayout:
    """Send money to a bank account; the answer comes by webhook or when asked again."""
    with transaction.atomic():
        refused = iban.endswith(REFUSED_IBAN_ENDING)
        payout, created = SandboxPayout.objects.get_or_create(
            idempotency_key=idempotency_key,
            defaults={
                "amount_minor": amount.minor, "currency": amount.currency, "iban": iban, "created_at": now,
                "status": DECLINED if refused else SUCCEEDED, "failure_code": "account_closed" if refused else "",
            },
        )  # fmt: skip
        if created:
            notify(EventKind.PAYOUT, idempotency_key, payout.status, str(payout.id), code=payout.failure_code, now=now)
    return payout


def deliver_webhooks(*, transport: Transport, now: datetime, limit: int = 100) -> int:
    """Deliver due notices with `transport(url, body, headers) -> status`; failures come again with doubling delay.

    A late capture takes the money when its notice leaves. Returns how many were accepted (2xx).
    """
    url = settings.SITE_URL + reverse("payments_webhook", args=["sandbox"])
    accepted = 0
    for webhook in SandboxWebhook.objects.filter(delivered_at=None, due_at__lte=now).order_by("due_at", "id")[:limit]:
        body = bytes(webhook.body)
        _complete_late_capture(body)
        headers = {
            "Content-Type": "application/json",
            signatures.HEADER: signatures.sign(body, provider="sandbox", at=now),
        }
        status = transport(url, body, headers)
        if 200 <= status < 300:
            accepted += 1
            SandboxWebhook.objects.filter(id=webhook.id).update(delivered_at=now, attempts=webhook.attempts + 1)
        else:
            _retry_later(webhook, now=now)
    return accepted


def _complete_late_capture(body: bytes) -> None:
    notice = json.loads(body)
    if notice["kind"] == EventKind.CHARGE.value and notice["status"] == SUCCEEDED:
        SandboxIntent.objects.filter(idempotency_key=notice["reference"], status=PROCESSING).update(status=SUCCEEDED)


def _retry_later(webhook: SandboxWebhook, *, now: datetime) -> None:
    attempts = webhook.attempts + 1
    given_up = now if attempts >= MAX_DELIVERIES else None
    SandboxWebhook.objects.filter(id=webhook.id).update(
        attempts=attempts, due_at=now + FIRST_RETRY * 2**attempts, delivered_at=given_up
    )
