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
from payments.chargebacks.models import Chargeback, ChargebackShare
from payments.chargebacks.services import record_dispute
from payments.charges.models import Charge
from payments.contracts import DeliveryKind, EscrowState
from payments.escrow.models import Escrow, Refund
from payments.escrow.timers import run_due_timers
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import CHECKS, find_defects, trial_balance
from payments.payouts.models import Payout
from payments.payouts.services import submit_due_payouts
from payments.providers.models import SandboxIntent
from payments.providers.port import DisputeStatus, ProviderDispute, TooEarly
from payments.refunds.submission import submit_due_refunds
from payments.reserves.models import ReservePolicy
from payments.reserves.services import release_due_reserves
from tests.conftest import NOW
from tests.factories.payments import (
    CARRIER,
    CLOSED_IBAN,
    IBAN,
    OPERATOR,
    SYSTEM,
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
        self.claims: dict[str, tuple[int, int]] = {}
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
        verb=st.sampled_from(
            ["ship", "deliver", "confirm", "extend", "refund", "freeze", "unfreeze", "pause", "resume"]
        ),
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
            "pause": lambda now: facade.pause_inspection(order_id=order, reason="x", actor=SYSTEM, now=now),
            "resume": lambda now: facade.resume_inspection(order_id=order, reason="x", actor=SYSTEM, now=now),
        }
        self.attempt(calls[verb])

    @rule(p=purchases, data=st.data(), share=st.integers(1, 100), verb=st.sampled_from(["freeze", "release", "refund"]))
    def part(self, p, data, share, verb):
        order = data.draw(st.sampled_from(p.orders))
        view = facade.get_escrow(order)
        amount = eur(view.amount.minor * share // 100)
        if verb == "freeze":
            self.attempt(facade.freeze_escrow, order_id=order, reason="x", actor=p.buyer, amount=amount)
        elif verb == "release":
            self.attempt(
                facade.release_part, order_id=order, reason="x", actor=p.buyer, amount=amount
            )  # fmt: skip
        else:
            key = data.draw(st.sampled_from("abc"))
            self.attempt(facade.refund, order_id=order, reason="x", key=key, actor=OPERATOR, amount=amount)

    @rule(p=purchases, data=st.data(), share=st.integers(1, 100), ref=st.sampled_from(["d1", "d2"]),
          status=st.sampled_from(list(DisputeStatus)))  # fmt: skip
    def bank_says(self, p, data, share, ref, status):
        """Any news about any chargeback, in any order; each tells the whole of it."""
        intent = SandboxIntent.objects.filter(idempotency_key=str(p.charge_id), status="SUCCEEDED").first()
        if intent is None:
            return
        ref = f"{ref}:{p.charge_id}"
        minor, fee = self.claims.setdefault(ref, (max(1, intent.amount_minor * share // 100), share))
        with contextlib.suppress(TooEarly), transaction.atomic():
            record_dispute(
                provider="sandbox", charge_id=p.charge_id, now=self.now,
                dispute=ProviderDispute(
                    ref=ref, charge_ref=str(p.charge_id), status=status, amount=eur(minor), fee=eur(fee),
                    reason="fraud", due_by=self.now + timedelta(days=7), opened_at=self.now,
                ),
            )  # fmt: skip

    @rule(
        basis_points=st.sampled_from([0, 500, 1_000]), days=st.integers(0, 5), limit=st.sampled_from([None, 0, 5_000])
    )
    def policy(self, basis_points, days, limit):
        ReservePolicy.objects.update_or_create(
            seller_id=None, currency="",
            defaults={"basis_points": basis_points, "days": days, "debt_limit_minor": limit},
        )  # fmt: skip

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
        release_due_reserves(now=self.now)
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
        """Money in = money out + money held, each place counted from its own rows."""
        held = sum(escrow.held.minor for escrow in Escrow.objects.all())
        books = {kind: self.total(kind) for kind in AccountCode}
        A = AccountCode
        sellers_part = sum(
            s.from_seller_minor
            for s in ChargebackShare.objects.filter(chargeback__state__in=["NEEDS_RESPONSE", "UNDER_REVIEW"])
        )
        assert books[A.ESCROW] + books[A.DISPUTE_HOLD] == held + sellers_part
        assert sum(books.values()) == 0
        paid_in = sum(charge.amount_minor for charge in Charge.objects.filter(state__in=["CAPTURED", "RETURNED"]))
        sent_back = sum(r.amount_minor for r in Refund.objects.all() if not r.reason.startswith("Chargeback"))
        paid_out = sum(payout.amount_minor for payout in Payout.objects.filter(state="PAID"))
        banks = sum(c.amount_minor for c in Chargeback.objects.exclude(taken_at=None).exclude(state="WON"))
        fees = sum(c.fee_minor for c in Chargeback.objects.exclude(taken_at=None))
        assert -books[A.PSP_CLEARING] == paid_in - sent_back - paid_out - banks - fees

    @invariant()
    def nothing_is_sent_twice(self):
        for intent in SandboxIntent.objects.all():
            assert intent.refunded_minor <= intent.amount_minor
        for escrow in Escrow.objects.all():
            back = sum(r.amount_minor for r in Refund.objects.filter(order_id=escrow.order_id))
            assert back <= escrow.amount_minor
            lines = facade.list_escrow_lines(escrow.order_id)
            assert sum(line.released.minor for line in lines) == escrow.released_minor
            assert sum(line.refunded.minor for line in lines) == escrow.refunded_minor
            assert sum(line.frozen.minor for line in lines) == escrow.frozen.minor

    @invariant()
    def the_database_agrees(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for _, query in CHECKS:
            assert list(find_defects(query)) == []

    def total(self, kind) -> int:
        """What is on all accounts of a kind, as people say it (what we owe)."""
        return -sum(line.posted for line in trial_balance() if line.kind == kind.value)


@pytest.mark.django_db
def test_money_under_any_order_of_commands():
    run_state_machine_as_test(
        MoneyMachine,
        settings=settings(
            max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )  # fmt: skip
