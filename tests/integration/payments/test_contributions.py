"""The platform's part of an order: it follows the buyer's money, to the cent, whatever happens, and comes back with refunds."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError
from core.ids import new_id
from payments import facade
from payments.contracts import EscrowLine, EscrowRequest, EscrowSumMismatch, LineKind
from payments.escrow.models import ContributionEntry, Escrow, Refund
from payments.escrow.rules import contribution_due
from payments.ledger.models import Entry
from tests.factories.payments import OPERATOR, SYSTEM, eur, member, submit
from tests.factories.payments import Purchase as Bought

pytestmark = pytest.mark.django_db


def bought(now, *, goods=9_000, shipping=500, contribution=1_000, plain=None):
    """A paid order whose seller gets `contribution` from the platform, and one of another seller without."""
    buyer, sellers = member(new_id()), [member(new_id()), member(new_id())]
    parts = [(sellers[0], goods, eur(contribution))] + ([(sellers[1], plain, None)] if plain else [])
    requests = tuple(
        EscrowRequest(
            order_id=new_id(), seller_id=seller.organisation_id, amount=eur(minor + shipping), contribution=added,
            lines=(
                EscrowLine("a", eur(minor // 2), category="ceramics"), EscrowLine("b", eur(minor - minor // 2), category="ceramics"),
                EscrowLine("shipping", eur(shipping), kind=LineKind.SHIPPING),
            ),
        )
        for seller, minor, added in parts
    )  # fmt: skip
    purchase_id, total = new_id(), sum(r.amount.minor for r in requests)
    with transaction.atomic():
        charge = facade.open_charge(
            purchase_id=purchase_id, buyer_id=buyer.organisation_id, amount=eur(total), escrows=requests, actor=buyer,
            now=now,
        )  # fmt: skip
    made = Bought(purchase_id, buyer, sellers, [r.order_id for r in requests], requests, charge.charge_id)
    submit(made, now)
    return made


def booked(kind, owner=""):
    """Credits of an account: positive is money on the owner's side."""
    return -(Entry.objects.filter(account__kind=kind, account__owner=owner).aggregate(s=Sum("amount"))["s"] or 0)


def got(made, number=0):
    """What a seller has of everything: available, kept back, less what they owe."""
    owner = str(made.sellers[number].organisation_id)
    return sum(booked(kind, owner) for kind in ("SELLER_PAYABLE", "SELLER_RESERVE", "SELLER_DEBT"))


def fee(made, number=0):
    return Escrow.objects.get(order_id=made.orders[number]).fee_minor


def test_a_released_order_pays_the_seller_in_full_and_the_platform_bears_the_difference(now):
    made = bought(now, plain=4_000)
    assert booked("PROMOTION_COST") == 0
    for order_id in made.orders:
        facade.mark_shipped(order_id=order_id, actor=SYSTEM, now=now)
        facade.confirm_receipt(order_id=order_id, actor=made.buyer, now=now)
    assert got(made) == 9_500 + 1_000 - fee(made)
    assert got(made, 1) == 4_500 - fee(made, 1)
    assert booked("PROMOTION_COST") == -1_000
    assert facade.paid_contributions(made.orders) == {made.orders[0]: eur(1_000)}


def test_a_refund_before_release_sends_back_what_the_buyer_paid_and_costs_the_platform_nothing(now):
    made = bought(now)
    facade.refund_order(order_id=made.order_id, reason="cancelled", actor=SYSTEM, now=now)
    assert Refund.objects.get().amount_minor == 9_500
    assert (got(made), booked("PROMOTION_COST")) == (0, 0)
    assert not ContributionEntry.objects.exists()


def test_a_refund_after_release_takes_the_platforms_part_back(now):
    made = bought(now)
    facade.mark_shipped(order_id=made.order_id, actor=SYSTEM, now=now)
    facade.confirm_receipt(order_id=made.order_id, actor=made.buyer, now=now)
    facade.refund(order_id=made.order_id, lines={"a": None}, reason="broken", key="k1", actor=SYSTEM, now=now)
    due = contribution_due(contribution=1_000, amount=9_500, released=9_500, claimed=4_500)
    assert booked("PROMOTION_COST") == -due
    facade.refund(order_id=made.order_id, reason="all of it", key="k2", actor=SYSTEM, now=now)
    assert booked("PROMOTION_COST") == 0
    assert facade.paid_contributions(made.orders) == {made.order_id: eur(0)}


def test_many_that_are_released_by_the_clock_are_paid_too(now):
    made = [bought(now) for _ in range(3)]
    for one in made:
        facade.mark_shipped(order_id=one.order_id, actor=SYSTEM, now=now)
        facade.mark_delivered(
            order_id=one.order_id, delivery_kind=facade.DeliveryKind.EXPRESS, delivered_at=now, actor=SYSTEM, now=now
        )
    facade.run_due_work(now=now + timedelta(days=11))
    assert booked("PROMOTION_COST") == -3_000


@pytest.mark.parametrize("contribution", [-1, None])
def test_a_contribution_that_is_none_is_refused(now, contribution):
    if contribution is None:
        with pytest.raises(EscrowSumMismatch):
            bought_in_other_currency(now)
        return
    with pytest.raises(EscrowSumMismatch):
        bought(now, contribution=contribution)


def bought_in_other_currency(now):
    request = EscrowRequest(
        order_id=new_id(), seller_id=new_id(), amount=eur(100), goods=(("ceramics", eur(100)),),
        contribution=facade.Money(5, "USD"),
    )  # fmt: skip
    facade.open_charge(
        purchase_id=new_id(), buyer_id=new_id(), amount=eur(100), escrows=(request,), actor=SYSTEM, now=now
    )


STEPS = st.lists(st.tuples(st.sampled_from("rRfFdD"), st.integers(1, 4_000)), max_size=7)


@given(STEPS, st.integers(1, 5_000), st.integers(1, 5_000), st.integers(0, 700))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_story_keeps_the_platforms_part_in_step(now, story, goods, contribution, shipping):
    made = bought(now, goods=goods + 1, shipping=shipping, contribution=contribution, plain=777)
    order_id, before = made.order_id, booked("PROMOTION_COST")
    facade.mark_shipped(order_id=order_id, actor=SYSTEM, now=now)
    for number, (verb, minor) in enumerate(story):
        with suppress(DomainError), transaction.atomic():
            _act(verb, minor, number, made, now)
        _check(made, contribution, before)
    with suppress(DomainError):
        facade.confirm_receipt(order_id=order_id, actor=made.buyer, now=now)
    _check(made, contribution, before)
    assert sum(row["s"] for row in Entry.objects.values("currency").annotate(s=Sum("amount"))) == 0


def _act(verb, minor, number, made, now):
    order_id = made.order_id
    if verb == "r":
        facade.release_part(order_id=order_id, amount=eur(minor), reason="", actor=made.buyer, now=now)
    elif verb == "R":
        facade.confirm_receipt(order_id=order_id, actor=made.buyer, now=now)
    elif verb == "f":
        facade.refund(order_id=order_id, amount=eur(minor), reason="r", key=f"k{number}", actor=SYSTEM, now=now)
    elif verb == "F":
        facade.refund(order_id=order_id, lines={"a": None}, reason="r", key=f"k{number}", actor=SYSTEM, now=now)
    elif verb == "d":
        facade.freeze_escrow(order_id=order_id, reason="d", actor=SYSTEM, now=now, amount=eur(minor))
    else:
        facade.decide_escrow(order_id=order_id, refund=eur(minor), reason="d", actor=OPERATOR, now=now)


def _check(made, contribution, before):
    """The platform's part is what the rule says; the seller's money is what was released, less fees and claims, with it."""
    escrow = Escrow.objects.get(order_id=made.order_id)
    refunds = Refund.objects.filter(order_id=made.order_id)
    claims = [(r.amount_minor - r.from_escrow_minor, r.fee_returned_minor, r.from_seller_minor) for r in refunds]
    claimed = sum(gross for gross, _fee, borne in claims if borne)
    paid = contribution_due(
        contribution=contribution, amount=escrow.amount_minor, released=escrow.released_minor, claimed=claimed
    )
    assert before - booked("PROMOTION_COST") == paid
    entries = ContributionEntry.objects.filter(escrow=escrow).aggregate(s=Sum("delta_minor"))["s"] or 0
    assert entries == paid <= contribution
    borne = sum(gross - back for gross, back, _ in claims)
    lost = -booked("PLATFORM_LOSS")
    if not lost:
        assert got(made) == escrow.released_minor - escrow.fee_minor - borne + paid
    if escrow.released_minor == escrow.amount_minor and not claims:
        assert paid == contribution
    if not escrow.released_minor:
        assert paid == 0
