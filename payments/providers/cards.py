"""The sandbox's test cards: what each does, by number on the hosted page and by token in the API."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Behaviour(StrEnum):
    APPROVE = "APPROVE"
    DECLINE = "DECLINE"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    CHALLENGE = "CHALLENGE"
    TIMEOUT = "TIMEOUT"
    LATE_WEBHOOK = "LATE_WEBHOOK"
    DUPLICATE_WEBHOOK = "DUPLICATE_WEBHOOK"
    CHARGEBACK = "CHARGEBACK"
    INQUIRY = "INQUIRY"


@dataclass(frozen=True, slots=True)
class TestCard:
    token: str
    number: str
    behaviour: Behaviour
    label: object


CARDS: tuple[TestCard, ...] = (
    TestCard("tok_approve", "4242424242424242", Behaviour.APPROVE, _("Approved")),
    TestCard("tok_decline", "4000000000000002", Behaviour.DECLINE, _("Declined")),
    TestCard("tok_insufficient", "4000000000009995", Behaviour.INSUFFICIENT_FUNDS, _("Not enough money")),
    TestCard("tok_3ds", "4000000000003220", Behaviour.CHALLENGE, _("The bank asks (3-D Secure)")),
    TestCard("tok_timeout", "4000000000000119", Behaviour.TIMEOUT, _("Paid, but no answer comes")),
    TestCard("tok_late_webhook", "4000000000000077", Behaviour.LATE_WEBHOOK, _("Confirmed later")),
    TestCard("tok_duplicate_webhook", "4000000000000259", Behaviour.DUPLICATE_WEBHOOK, _("Confirmed twice")),
    TestCard("tok_chargeback", "4000000000002685", Behaviour.CHARGEBACK, _("Paid, then the bank takes it back")),
    TestCard("tok_inquiry", "4000000000001976", Behaviour.INQUIRY, _("Paid, then the bank asks")),
)
DECLINE_CODES = {Behaviour.DECLINE: "card_declined", Behaviour.INSUFFICIENT_FUNDS: "insufficient_funds"}


def find_by_token(token: str) -> TestCard | None:
    return next((card for card in CARDS if card.token == token), None)


def find_by_number(number: str) -> TestCard | None:
    digits = "".join(ch for ch in number if ch.isdigit())
    return next((card for card in CARDS if card.number == digits), None)
