"""Any order of any command: the books agree with a plain model in memory after every step."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from core.errors import DomainError
from core.outbox.services import drain
from payments import facade
from payments.contracts import DeliveryKind, EscrowState
from payments.escrow.models import Escrow
from payments.escrow.timers import run_due_timers
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import CHECKS, balance, find_defects, owed_to
from payments.payouts.models import Payout
from payments.payouts.services import submit_due_payouts
from payments.providers.models import SandboxIntent
from payments.refunds.submission import submit_due_refunds
from tests.conftest import NOW
from tests.factories.payments import (
    CARRIER,
    CLOSED_IBAN,
    IBAN,
    OPERATOR,
    deliver_webhooks,
    eur,
    open_purchase,
    submit,
)

S = EscrowState
TOKENS = ["tok_approve", "tok_decline", "tok_timeout", "tok_late_webhook", "tok_duplicate_webhook"]


class MoneyMachine(RuleBasedStateMachine):
    """`paid` is what buyers paid at the network; every cent of it is in one place of the books."""

    purchases = Bundle("purchases")

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.block = transaction.atomic()
        self.block._from_testcase = True
        self.block.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def attempt(self, act, *args, **kwargs) -> None:
        """A refusal is fine; the books must not care."""
        with contextlib.suppress(DomainError):
            act(*args, now=self.now, **kwargs)

    @rule(
        target=purchases,
        amounts=st.lists(st.integers(1, 50_000), min_size=1, max_size=3),
        with_bank=st.sampled_from(["", IBAN, CLOSED_IBAN]),
    )
    def open(self, amounts, with_bank):
        purchase = open_purchase(self.now, tuple(amounts))
        for seller in purchase.sellers if with_bank else []:
            facade.set_payout_destination(
                seller_id=seller.organisation_id, holder="A", iban=with_bank, actor=seller, now=self.now
            )
        return purchase

    @rule(p=purchases, token=st.sampled_from(TOKENS))
    def pay(self, p, token):
        submit(p, self.now, token)

    @rule(p=purchases)
    def give_up(self, p):
        self.attempt(facade.cancel_charge, charge_id=p.charge_id, actor=p.buyer)

    @rule(
        p=purchases,
        data=st.data(),
        verb=st.sampled_from(["ship", "deliver", "confirm", "extend", "refund", "freeze", "unfreeze"]),
    )
    def move(self, p, data, verb):
        order = data.draw(st.sampled_from(p.orders))
        calls = {
            "ship": lambda now: facade.mark_shipped(order_id=order, actor=CARRIER, now=now),
            "deliver": lambda now: facade.mark_delivered(
                order_id=order, delivery_kind=DeliveryKind.DIGITAL, delivered_at=now, actor=CARRIER, now=now
            ),
            "confirm": lambda now: facade.confirm_receipt(order_id=order, actor=p.buyer, now=now),
            "extend": lambda now: facade.extend_inspection(order_id=order, actor=p.buyer, now=now),
            "refund": lambda now: facade.refund_order(order_id=order, reason="x", actor=p.buyer, now=now),
            "freeze": lambda now: facade.freeze_escrow(order_id=order, reason="x", actor=p.buyer, now=now),
            "unfreeze": lambda now: facade.unfreeze_escrow(order_id=order, reason="x", actor=p.buyer, now=now),
        }
        self.attempt(calls[verb])

    @rule(p=purchases, data=st.data(), share=st.integers(0, 100))
    def decide(self, p, data, share):
        order = data.draw(st.sampled_from(p.orders))
        amount = facade.get_escrow(order).amount
        refund = eur(amount.minor * share // 100)
        self.attempt(facade.decide_escrow, order_id=order, refund=refund, reason="x", actor=OPERATOR)

    @rule(hours=st.integers(0, 72))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)
        run_due_timers(now=self.now)
        submit_due_refunds(now=self.now)
        drain(now=self.now)

    @rule()
    def news_arrive(self):
        deliver_webhooks(self.now)

    @rule()
    def banks_work(self):
        submit_due_payouts(now=self.now)

    @invariant()
    def every_cent_is_somewhere(self):
        held = sum(escrow.held.minor for escrow in Escrow.objects.all())
        booked = {
            kind: sum(owed_to(kind, owner, "EUR").minor for owner in self.owners(kind))
            for kind in (AccountCode.ESCROW, AccountCode.SELLER_PAYABLE, AccountCode.PAYOUT_IN_TRANSIT)
        }
        assert booked[AccountCode.ESCROW] == held
        fees = owed_to(AccountCode.FEE_REVENUE, "", "EUR").minor
        assert balance(AccountCode.PSP_CLEARING, "", "EUR").minor == sum(booked.values()) + fees

    @invariant()
    def nothing_is_sent_twice(self):
        for intent in SandboxIntent.objects.all():
            assert intent.refunded_minor <= intent.amount_minor
        released = sum(e.released_minor - e.fee_minor for e in Escrow.objects.all())
        paid = sum(p.amount_minor for p in Payout.objects.filter(state="PAID"))
        assert paid <= released

    @invariant()
    def the_database_agrees(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for _, query in CHECKS:
            assert list(find_defects(query)) == []

    def owners(self, kind) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT owner FROM payments_account WHERE kind = %s", [kind.value])
            return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_money_under_any_order_of_commands():
    run_state_machine_as_test(
        MoneyMachine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )  # fmt: skip
