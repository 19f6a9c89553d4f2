"""Corrections by the operator: with a reason, by two people above the limit, through the waterfall, once."""

import pytest
from django.core.management import call_command

from core.actor import Actor, ActorKind
from core.errors import InvalidInput, NotAllowed, NotFound, TransitionRefused
from core.ids import new_id
from payments import facade
from payments.adjustments import services
from payments.adjustments.models import Adjustment
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.ledger.selectors import balance
from tests.factories.payments import OPERATOR, eur, member, paid_purchase
from tests.integration.payments.test_payouts import release

SECOND = Actor(kind=ActorKind.OPERATOR, user_id=new_id())


def seller_with(now, minor=10_000):
    """A seller with most of this available."""
    p = paid_purchase(now, (minor,))
    release(p, now)
    return p.seller


def ask(seller, minor, now, kind="CORRECTION", actor=OPERATOR, reason="Wrong label"):
    return services.request_adjustment(
        seller_id=seller.organisation_id, kind=kind, amount=eur(minor), reason=reason, actor=actor, now=now
    )


def balances(seller):
    found = facade.seller_balance(seller.organisation_id, "EUR")
    return found.available.minor, found.owed.minor


@pytest.mark.django_db
def test_a_penalty_takes_what_is_there_and_the_rest_is_debt(now):
    seller = seller_with(now)
    ledger.post(
        scope="test", key="reserve", kind="TEST", ref="", now=now,
        legs=[Leg(AccountCode.SELLER_PAYABLE, str(seller.organisation_id), eur(9_000)),
              Leg(AccountCode.SELLER_RESERVE, str(seller.organisation_id), eur(-9_000))],
    )  # fmt: skip
    made = ask(seller, -9_800, now, "PENALTY")
    assert made.state == "POSTED"
    assert balances(seller) == (0, 560)
    assert balance(AccountCode.SELLER_RESERVE, str(seller.organisation_id), "EUR") == eur(0)
    ask(seller, 700, now, "COMPENSATION", reason="Our mistake")
    assert balances(seller) == (140, 0)
    call_command("verify_ledger")


@pytest.mark.django_db
def test_above_the_limit_somebody_else_must_approve(now):
    seller = seller_with(now, 100_000)
    before = balances(seller)
    made = ask(seller, -10_001, now)
    assert (made.state, balances(seller)) == ("REQUESTED", before)
    with pytest.raises(NotAllowed):
        services.approve_adjustment(adjustment_id=made.id, actor=OPERATOR, now=now)
    with pytest.raises(NotAllowed):
        services.reject_adjustment(adjustment_id=made.id, reason="no", actor=OPERATOR, now=now)
    services.approve_adjustment(adjustment_id=made.id, actor=SECOND, now=now)
    assert balances(seller) == (before[0] - 10_001, 0)
    for again in (services.approve_adjustment, lambda **k: services.reject_adjustment(reason="no", **k)):
        with pytest.raises(TransitionRefused):
            again(adjustment_id=made.id, actor=SECOND, now=now)
    assert [step.to_state for step in made.transitions.all()] == ["REQUESTED", "APPROVED", "POSTED"]


@pytest.mark.django_db
def test_a_rejected_adjustment_moves_nothing(now):
    seller = seller_with(now, 100_000)
    before = balances(seller)
    made = ask(seller, -50_000, now)
    with pytest.raises(InvalidInput):
        services.reject_adjustment(adjustment_id=made.id, reason=" ", actor=SECOND, now=now)
    services.reject_adjustment(adjustment_id=made.id, reason="Not proven", actor=SECOND, now=now)
    assert balances(seller) == before
    assert Adjustment.objects.get().state == "REJECTED"


@pytest.mark.django_db
def test_only_operators_with_a_reason_and_a_fitting_sign(now):
    seller = member(new_id())
    with pytest.raises(NotFound):
        ask(seller, -1, now, actor=seller)
    for minor, kind, reason in ((-1, "CORRECTION", " "), (0, "CORRECTION", "x"), (1, "PENALTY", "x"),
                                (-1, "COMPENSATION", "x"), (1, "GIFT", "x")):  # fmt: skip
        with pytest.raises(InvalidInput):
            ask(seller, minor, now, kind, reason=reason)
    with pytest.raises(NotFound):
        services.approve_adjustment(adjustment_id=new_id(), actor=SECOND, now=now)
