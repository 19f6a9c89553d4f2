"""Purchases from payment to the end, step by step, drawn from a seed: the same number is always the same story."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import DomainError
from core.money import Money
from payments import facade
from payments.chargebacks import evidence
from payments.chargebacks.models import Chargeback
from payments.contracts import (
    ChargeAlreadyCaptured,
    ChargeAlreadyOpen,
    ChargeState,
    DeliveryKind,
    EscrowLine,
    EscrowRequest,
    InvoiceLine,
    InvoiceRequest,
    LineKind,
    MilestoneRequest,
    MilestoneTrigger,
    Party,
    PayoutFrequency,
)
from payments.payouts import services as payouts
from payments.providers import network
from payments.providers.cards import find_by_token
from tests.factories.payments import CARRIER, CLOSED_IBAN, IBAN, OPERATOR, SYSTEM, eur, member

SELLERS = [UUID(int=number, version=4) for number in range(1, 13)]
PAYING = (
    ("tok_approve", 8), ("tok_timeout", 3), ("tok_duplicate_webhook", 3), ("tok_late_webhook", 3), ("tok_decline", 2),
    ("tok_insufficient", 1), ("tok_3ds", 2), ("hosted", 2), ("tok_chargeback", 2), ("tok_inquiry", 1),
    ("bank_transfer", 4),
)  # fmt: skip
WAIT, END = "wait", "end"
Step = tuple[str, dict[str, Any]]


@dataclass
class Plan:
    """One purchase: who, what, and the steps in their order. `twice`: every request is sent again after its answer."""

    number: int
    purchase_id: UUID
    buyer: Actor
    requests: tuple[EscrowRequest, ...]
    twice: bool
    steps: list[Step] = field(default_factory=list)

    @property
    def amount(self) -> Money:
        return eur(sum(request.amount.minor for request in self.requests))

    def seller_of(self, order: int) -> Actor:
        return member(self.requests[order].seller_id)


def plan(seed: int, client: int, number: int) -> Plan:
    chance = random.Random(f"{seed}:{client}:{number}")

    def new_id() -> UUID:
        return UUID(int=chance.getrandbits(128), version=4)

    requests = tuple(_request(chance, new_id()) for _ in range(chance.choice((1, 1, 2))))
    made = Plan(number, new_id(), member(new_id()), requests, chance.random() < 0.25)
    made.steps = _payment(chance)
    given_up = made.steps[-1][0] == "cancel"  # refused where the money had come: then the orders are cancelled
    for order in range(len(requests)):
        journey = [("cancel_order", {})] if given_up else _journey(chance, requests[order])
        invoice: list[Step] = [("invoice", {})] if chance.random() < 0.4 else []
        made.steps += [(verb, args | {"order": order}) for verb, args in [*invoice, *journey]]
    if chance.random() < 0.15:
        made.steps += _schedule(chance, [new_id() for _ in range(chance.choice((1, 2)))], new_id())
    return made


def _schedule(chance: random.Random, ids: list[UUID], order_id: UUID) -> list[Step]:
    """Something made to order: each step is paid, shown, and accepted or left to the clock."""
    amounts = [chance.randrange(500, 9_000) for _ in ids]
    steps: list[Step] = [("schedule", {"ids": ids, "amounts": amounts, "of": order_id})]
    for step_id in ids:
        token = chance.choice(
            ("tok_approve", "tok_approve", "tok_timeout", "tok_duplicate_webhook", "tok_late_webhook")
        )
        steps += [
            ("pay_step", {"id": step_id, "token": token}),
            ("step_paid", {"id": step_id}),
            ("prove", {"id": step_id}),
        ]
        steps += [("accept", {"id": step_id})] if chance.random() < 0.6 else []
    return steps


def _request(chance: random.Random, order_id: UUID) -> EscrowRequest:
    lines = [
        EscrowLine(ref, eur(chance.randrange(300, 20_000)), category=chance.choice(("ceramics", "")))
        for ref in ("a", "b", "c")[: chance.randrange(1, 4)]
    ]
    lines.append(EscrowLine("shipping", eur(chance.randrange(0, 900)), kind=LineKind.SHIPPING))
    total = eur(sum(line.amount.minor for line in lines))
    return EscrowRequest(order_id=order_id, seller_id=chance.choice(SELLERS), amount=total, lines=tuple(lines))


def _payment(chance: random.Random) -> list[Step]:
    token = chance.choices([name for name, _ in PAYING], [weight for _, weight in PAYING])[0]
    steps: list[Step] = [("open", {})]
    if chance.random() < 0.08:
        late = (
            [("submit", {"token": chance.choice(("tok_late_webhook", "tok_timeout"))})] if chance.random() < 0.7 else []
        )
        return [*steps, *late, ("cancel", {})]
    if token == "hosted":
        steps += [("submit", {"token": None}), ("card", {"token": "tok_approve"}), ("refresh", {})]
    else:
        steps.append(("submit", {"token": token}))
    if token == "tok_3ds":
        steps += [("answer_bank", {}), ("refresh", {})]
    if token in ("tok_decline", "tok_insufficient"):
        steps += [("open", {}), ("submit", {"token": "tok_approve"})]
    return [*steps, ("paid", {})]


def _journey(chance: random.Random, request: EscrowRequest) -> list[Step]:
    ship: Step = ("ship", {})
    deliver: Step = ("deliver", {"ago": 0})
    arrived: Step = ("deliver", {"ago": 24 * 3600 - chance.randrange(0, 120)})  # inspected for a day: released soon
    part: Step = ("refund", {"key": "part", "amount": chance.randrange(1, request.amount.minor // 2)})
    rest: Step = ("refund", {"key": "rest", "amount": None})
    line = request.lines[0].ref
    decide: Step = ("decide", {"share": chance.choice((0, 3, 5, 10))})
    journeys: list[list[Step]] = [
        [ship, deliver, ("confirm", {})],
        [ship, deliver, ("confirm", {}), ("pay_out", {"instant": chance.random() < 0.5})],
        [ship, arrived],
        [("ship_by", {"within": chance.randrange(5, 120)})],
        [("cancel_order", {})],
        [part, ship, deliver, ("confirm", {})],
        [ship, deliver, ("confirm", {}), part],
        [ship, deliver, ("confirm", {}), part, rest],
        [ship, arrived, rest],
        [ship, ("freeze", {"line": None}), decide],
        [ship, deliver, ("freeze", {"line": line}), decide, ("confirm", {})],
        [ship, deliver, ("freeze", {"line": line}), ("unfreeze", {}), ("confirm", {})],
        [("freeze", {"line": None}), ("decide", {"share": 10})],
        [ship, deliver, ("release_part", {"line": line}), rest],
        [ship, deliver, ("pause", {}), ("resume", {}), ("extend", {}), ("confirm", {})],
        [ship, arrived, ("evidence", {})],
        [ship, deliver],  # nobody says anything any more: the clock releases it
    ]
    return chance.choice(journeys)


# ------------------------------------------------------------------------------------------------ carrying out


def carry_out(plan: Plan, index: int, now: datetime) -> str:
    """Make one request; its answer in a word. WAIT: ask again later. END: this purchase was never paid.

    A refusal is an answer too. Anything that is not a DomainError is no answer.
    """
    verb, args = plan.steps[index]
    try:
        return _VERBS[verb](plan, args, now) or "done"
    except DomainError as error:
        return f"refused: {type(error).__name__}"


def _order(plan: Plan, args: dict[str, Any]) -> UUID:
    return plan.requests[args["order"]].order_id


def _charge_id(plan: Plan) -> UUID:
    view = facade.find_charge_for_purchase(plan.purchase_id)
    assert view is not None, f"the accepted charge of purchase {plan.purchase_id} is gone"
    return view.charge_id


def _open(plan: Plan, _args: dict[str, Any], now: datetime) -> str | None:
    try:
        with transaction.atomic():
            facade.open_charge(
                purchase_id=plan.purchase_id, buyer_id=plan.buyer.organisation_id, amount=plan.amount,
                escrows=plan.requests, actor=plan.buyer, now=now,
            )  # fmt: skip
    except (ChargeAlreadyOpen, ChargeAlreadyCaptured):
        return "known"
    return None


def _submit(plan: Plan, args: dict[str, Any], now: datetime) -> str:
    view = facade.submit_charge(
        charge_id=_charge_id(plan), method_token=args["token"], return_url="/", actor=plan.buyer, now=now
    )
    return f"done: {view.state.value}"


def _card(plan: Plan, args: dict[str, Any], now: datetime) -> None:
    intent, card = network.find_intent(str(_charge_id(plan))), find_by_token(args["token"])
    assert intent is not None
    assert card is not None
    network.pay(intent_id=intent.id, card=card, now=now)


def _answer_bank(plan: Plan, _args: dict[str, Any], now: datetime) -> None:
    intent = network.find_intent(str(_charge_id(plan)))
    assert intent is not None
    network.answer_challenge(intent_id=intent.id, approved=plan.number % 3 > 0, now=now)


def _paid(plan: Plan, _args: dict[str, Any], _now: datetime) -> str:
    state = facade.get_charge(_charge_id(plan)).state
    if state is ChargeState.CAPTURED:
        return "done"
    return END if state in (ChargeState.FAILED, ChargeState.CANCELLED, ChargeState.RETURNED) else WAIT


def _cancel(plan: Plan, _args: dict[str, Any], now: datetime) -> None:
    facade.cancel_charge(charge_id=_charge_id(plan), actor=plan.buyer, now=now)


def _refund(plan: Plan, args: dict[str, Any], now: datetime) -> str:
    amount = None if args["amount"] is None else eur(args["amount"])
    view = facade.refund(
        order_id=_order(plan, args), amount=amount, reason="chaos", key=args["key"], actor=OPERATOR, now=now
    )
    return f"done: {view.refund_id} {view.amount.minor}"


def _decide(plan: Plan, args: dict[str, Any], now: datetime) -> None:
    order = _order(plan, args)
    refund = eur(facade.get_escrow(order).frozen_amount.minor * args["share"] // 10)
    facade.decide_escrow(order_id=order, refund=refund, reason="chaos", actor=OPERATOR, now=now)


def _freeze(plan: Plan, args: dict[str, Any], now: datetime) -> None:
    lines = [args["line"]] if args["line"] else None
    facade.freeze_escrow(order_id=_order(plan, args), reason="chaos", actor=plan.buyer, now=now, lines=lines)


def _deliver(plan: Plan, args: dict[str, Any], now: datetime) -> None:
    facade.mark_delivered(
        order_id=_order(plan, args), delivery_kind=DeliveryKind.DIGITAL, actor=CARRIER, now=now,
        delivered_at=now - timedelta(seconds=args["ago"]),
    )  # fmt: skip


def _pay_out(plan: Plan, args: dict[str, Any], now: datetime) -> None:
    payouts.request_payout(
        seller_id=plan.requests[args["order"]].seller_id, currency="EUR", actor=plan.seller_of(args["order"]), now=now,
        instant=args["instant"],
    )  # fmt: skip


def _evidence(plan: Plan, args: dict[str, Any], now: datetime) -> str:
    found = Chargeback.objects.filter(shares__order_id=_order(plan, args)).values_list("id", flat=True).first()
    if found is None:
        return "no chargeback"
    evidence.submit_evidence(chargeback_id=found, actor=OPERATOR, now=now)
    return "done"


def _invoice(plan: Plan, args: dict[str, Any], now: datetime) -> str:
    request = plan.requests[args["order"]]
    seller = Party(request.seller_id, "Seller", "Calle 1", "46001", "Valencia", "ES")
    buyer = Party(plan.buyer.organisation_id, "Buyer", "Calle 2", "46002", "Valencia", "ES")
    goods = [line for line in request.lines if line.kind is LineKind.GOODS]
    made = facade.issue_invoice(
        request=InvoiceRequest(
            order_id=request.order_id, order_number="CHAOS", seller=seller, buyer=buyer, ship_to="ES",
            lines=tuple(InvoiceLine(line.ref, 1, line.amount, "honey" if line.category else "") for line in goods),
            shipping=request.amount - eur(sum(line.amount.minor for line in goods)), ship_to_postcode="46002",
            supplied_on=now.date(),
        ),
        actor=SYSTEM, now=now,
    )  # fmt: skip
    return f"done: {made.number}"


def _schedule_steps(plan: Plan, args: dict[str, Any], now: datetime) -> None:
    triggers = [MilestoneTrigger.FUNDING, MilestoneTrigger.ACCEPTANCE][-len(args["ids"]) :]
    facade.open_schedule(
        order_id=args["of"], buyer_id=plan.buyer.organisation_id, seller_id=plan.requests[0].seller_id, now=now,
        steps=[
            MilestoneRequest(f"Step {n}", eur(amount), trigger, milestone_id=step_id)
            for n, (step_id, amount, trigger) in enumerate(zip(args["ids"], args["amounts"], triggers, strict=True))
        ],
    )  # fmt: skip


def _pay_step(plan: Plan, args: dict[str, Any], now: datetime) -> str:
    charge = facade.find_charge_for_purchase(args["id"])
    if charge is None:
        charge = facade.charge_milestone(milestone_id=args["id"], actor=plan.buyer, now=now)
    view = facade.submit_charge(
        charge_id=charge.charge_id, method_token=args["token"], return_url="/", actor=plan.buyer, now=now
    )
    return f"done: {view.state.value}"


def _step_paid(_plan: Plan, args: dict[str, Any], _now: datetime) -> str:
    charge = facade.find_charge_for_purchase(args["id"])
    assert charge is not None, f"the accepted charge of step {args['id']} is gone"
    return "done" if charge.state is ChargeState.CAPTURED else WAIT


_VERBS: dict[str, Any] = {
    "invoice": _invoice, "schedule": _schedule_steps, "pay_step": _pay_step, "step_paid": _step_paid,
    "prove": lambda plan, args, now: facade.prove_milestone(
        milestone_id=args["id"], proof="Done.", actor=plan.seller_of(0), now=now) and None,
    "accept": lambda plan, args, now: facade.accept_milestone(
        milestone_id=args["id"], actor=plan.buyer, now=now) and None,
    "open": _open, "submit": _submit, "card": _card, "answer_bank": _answer_bank, "paid": _paid, "cancel": _cancel,
    "refund": _refund, "decide": _decide, "freeze": _freeze, "deliver": _deliver, "pay_out": _pay_out,
    "evidence": _evidence,
    "refresh": lambda plan, args, now: facade.refresh_charge(charge_id=_charge_id(plan), now=now) and None,
    "ship": lambda plan, args, now: facade.mark_shipped(
        order_id=_order(plan, args), actor=plan.seller_of(args["order"]), now=now) and None,
    "confirm": lambda plan, args, now: facade.confirm_receipt(
        order_id=_order(plan, args), actor=plan.buyer, now=now) and None,
    "cancel_order": lambda plan, args, now: facade.refund_order(
        order_id=_order(plan, args), reason="chaos", actor=plan.buyer, now=now) and None,
    "ship_by": lambda plan, args, now: facade.arm_ship_deadlines(
        due_at={_order(plan, args): now + timedelta(seconds=args["within"])}),
    "unfreeze": lambda plan, args, now: facade.unfreeze_escrow(
        order_id=_order(plan, args), reason="chaos", actor=plan.buyer, now=now) and None,
    "release_part": lambda plan, args, now: facade.release_part(
        order_id=_order(plan, args), lines=[args["line"]], reason="chaos", actor=plan.buyer, now=now) and None,
    "pause": lambda plan, args, now: facade.pause_inspection(
        order_id=_order(plan, args), reason="chaos", actor=plan.buyer, now=now) and None,
    "resume": lambda plan, args, now: facade.resume_inspection(
        order_id=_order(plan, args), reason="chaos", actor=plan.buyer, now=now) and None,
    "extend": lambda plan, args, now: facade.extend_inspection(
        order_id=_order(plan, args), actor=plan.buyer, now=now) and None,
}  # fmt: skip


def prepare(now: datetime) -> None:
    """Sellers with bank accounts (two of them closed, two without), and a reserve that is due at once.

    Two sellers are paid in dollars, the platform pays the VAT of one, and buyers may pay by bank transfer.
    """
    from payments.documents.models import TaxRemittance
    from payments.reserves.models import ReservePolicy
    from tests.factories.bank import our_account

    ReservePolicy.objects.create(basis_points=1_000, days=0, debt_limit_minor=5_000)
    for number, seller_id in enumerate(SELLERS[2:]):
        facade.set_payout_destination(
            seller_id=seller_id, holder="Seller", iban=CLOSED_IBAN if number < 2 else IBAN, actor=SYSTEM, now=now
        )
    for seller_id in SELLERS[-2:]:
        payouts.set_payout_schedule(
            seller_id=seller_id,
            frequency=PayoutFrequency.IMMEDIATE,
            weekday=0,
            month_day=1,
            currency="USD",
            actor=SYSTEM,
            now=now,
        )
    TaxRemittance.objects.create(seller_id=SELLERS[4], remitted_by="PLATFORM")
    our_account()
