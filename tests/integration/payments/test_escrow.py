"""Escrow: from funded to released, refunded, disputed, decided; every edge, every stranger, every clock."""

import itertools
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from core.ids import new_id
from core.models import EventRecord
from payments import facade
from payments.contracts import (
    DeliveryKind,
    EscrowNotFound,
    EscrowState,
    EscrowSumMismatch,
    EscrowTransitionRefused,
    ExtensionUsed,
)
from payments.escrow import selectors
from payments.escrow.models import Escrow, EscrowRule, EscrowTimer, Refund
from payments.escrow.services import advance
from payments.escrow.states import PARTIES, TRANSITIONS, EscrowAction, rules
from payments.escrow.timers import run_due_timers
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance, owed_to
from tests.factories.payments import CARRIER, OPERATOR, SYSTEM, eur, member, open_purchase, paid_purchase, request_for

pytestmark = pytest.mark.django_db
S = EscrowState


def ship(p, now, order=None):
    return facade.mark_shipped(order_id=order or p.order_id, actor=CARRIER, now=now)


def deliver(p, now, kind=DeliveryKind.POST, order=None):
    return facade.mark_delivered(
        order_id=order or p.order_id, delivery_kind=kind, delivered_at=now, actor=CARRIER, now=now
    )


def confirm(p, now):
    return facade.confirm_receipt(order_id=p.order_id, actor=p.buyer, now=now)


def freeze(p, now, actor=None):
    return facade.freeze_escrow(order_id=p.order_id, reason="broken", actor=actor or p.buyer, now=now)


def unfreeze(p, now):
    return facade.unfreeze_escrow(order_id=p.order_id, reason="fine", actor=p.buyer, now=now)


def decide(p, minor, now, actor=OPERATOR):
    return facade.decide_escrow(order_id=p.order_id, refund=eur(minor), reason="looked", actor=actor, now=now)


def payable(p):
    return owed_to(AccountCode.SELLER_PAYABLE, str(p.seller.organisation_id), "EUR")


def settle_constraints():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_paid_shipped_delivered_confirmed_pays_the_seller_minus_commission(now):
    p = paid_purchase(now)
    assert facade.get_escrow(p.order_id).held == eur(10_000)
    ship(p, now)
    assert deliver(p, now).release_at == now + timedelta(days=30)
    view = confirm(p, now)
    assert (view.state, view.released, view.fee, view.held) == (S.RELEASED, eur(10_000), eur(760), eur(0))
    assert payable(p) == eur(9_240)
    assert owed_to(AccountCode.FEE_REVENUE, "", "EUR") == eur(760)
    names = list(EventRecord.objects.order_by("id").values_list("name", flat=True))
    assert names.count("payments.escrow.released.v1") == 1
    confirm(p, now)  # twice changes nothing
    assert payable(p) == eur(9_240)
    assert [m.code for m in facade.money_timeline(p.order_id)] == ["FUND", "RELEASE", "FEE"]
    settle_constraints()
    call_command("verify_ledger")


@pytest.mark.parametrize(("kind", "days"), [("DIGITAL", 1), ("VIRTUAL", 3), ("EXPRESS", 10), ("POST", 30)])
def test_the_inspection_ends_by_itself(now, kind, days):
    p = paid_purchase(now)
    deliver(p, now, DeliveryKind(kind))
    assert run_due_timers(now=now + timedelta(days=days) - timedelta(seconds=1)) == 0
    assert run_due_timers(now=now + timedelta(days=days)) == 1
    assert run_due_timers(now=now + timedelta(days=days)) == 0
    assert facade.get_escrow(p.order_id).state is S.RELEASED


def test_a_dispute_stops_the_clock_and_withdrawing_gives_the_rest_back(now):
    p = paid_purchase(now)
    deliver(p, now, DeliveryKind.EXPRESS)
    freeze(p, now + timedelta(days=4))
    assert run_due_timers(now=now + timedelta(days=17)) == 0
    assert facade.get_escrow(p.order_id).frozen
    view = unfreeze(p, now + timedelta(days=17))
    assert (view.state, view.release_at) == (S.DELIVERED, now + timedelta(days=23))
    assert run_due_timers(now=now + timedelta(days=23)) == 1


def test_a_dispute_right_before_the_clock_is_looked_at_still_gets_its_time_back(now):
    p = paid_purchase(now)
    deliver(p, now, DeliveryKind.DIGITAL)
    freeze(p, now + timedelta(hours=23))
    run_due_timers(now=now + timedelta(days=3))  # the stale timer is closed here
    assert unfreeze(p, now + timedelta(days=4)).release_at == now + timedelta(days=4, hours=1)


def test_one_extension_of_five_days(now):
    p = paid_purchase(now)
    assert deliver(p, now, DeliveryKind.VIRTUAL).can_extend
    view = facade.extend_inspection(order_id=p.order_id, actor=p.buyer, now=now)
    assert (view.release_at, view.can_extend) == (now + timedelta(days=8), False)
    with pytest.raises(ExtensionUsed):
        facade.extend_inspection(order_id=p.order_id, actor=p.buyer, now=now)
    assert run_due_timers(now=now + timedelta(days=3)) == 0
    assert run_due_timers(now=now + timedelta(days=8)) == 1


def test_not_shipped_in_time_is_refunded_and_shipping_disarms_it(now):
    p, q = paid_purchase(now), paid_purchase(now)
    due = now + timedelta(days=3)
    for purchase in (p, q):
        facade.arm_ship_deadlines(due_at={purchase.order_id: due})
        view = facade.get_escrow(purchase.order_id)
        assert view.ship_by == due
    ship(q, now)
    assert run_due_timers(now=due) == 1
    assert facade.get_escrow(p.order_id).state is S.REFUNDED
    assert facade.get_escrow(q.order_id).state is S.SHIPPED
    refund = Refund.objects.get()
    assert (refund.order_id, refund.amount) == (p.order_id, eur(10_000))


def test_refund_before_shipping_by_either_side_and_never_after(now):
    p, q = paid_purchase(now), paid_purchase(now)
    facade.refund_order(order_id=p.order_id, reason="changed my mind", actor=p.buyer, now=now)
    facade.refund_order(order_id=p.order_id, reason="again", actor=p.seller, now=now)
    assert Refund.objects.count() == 1
    ship(q, now)
    with pytest.raises(EscrowTransitionRefused):
        facade.refund_order(order_id=q.order_id, reason="late", actor=q.buyer, now=now)
    assert balance(AccountCode.PSP_CLEARING, "", "EUR") == eur(10_000)


def test_cancelling_an_unpaid_order(now):
    p = open_purchase(now)
    assert facade.refund_order(order_id=p.order_id, reason="x", actor=p.buyer, now=now).state is S.CANCELLED


@pytest.mark.parametrize(
    ("refund", "state", "fee"), [(0, S.RELEASED, 760), (10_000, S.REFUNDED, 0), (3_333, S.SETTLED, 507)]
)
def test_a_decision_splits_and_charges_the_fee_on_the_released_part(now, refund, state, fee):
    p = paid_purchase(now)
    deliver(p, now)
    freeze(p, now)
    view = decide(p, refund, now)
    assert (view.state, view.fee.minor, view.refunded.minor) == (state, fee, refund)
    assert payable(p).minor == 10_000 - refund - fee
    decide(p, refund, now)  # twice changes nothing
    assert payable(p).minor == 10_000 - refund - fee
    assert sum(r.amount_minor for r in Refund.objects.all()) == refund
    settle_constraints()
    call_command("verify_ledger")


def test_what_happens_to_the_parcel_during_a_dispute_counts_afterwards(now):
    p = paid_purchase(now)
    ship(p, now)
    freeze(p, now)
    assert deliver(p, now + timedelta(days=1), DeliveryKind.EXPRESS).state is S.DISPUTED
    view = unfreeze(p, now + timedelta(days=2))
    assert (view.state, view.release_at) == (S.DELIVERED, now + timedelta(days=12))


def test_late_and_repeated_news_of_the_parcel_change_nothing(now):
    p = paid_purchase(now)
    deliver(p, now)
    assert ship(p, now).state is S.DELIVERED
    assert deliver(p, now + timedelta(days=2)).release_at == now + timedelta(days=30)
    confirm(p, now)
    assert deliver(p, now + timedelta(days=3)).state is S.RELEASED


def test_strangers_and_wrong_sides_are_refused(now):
    p = paid_purchase(now)
    deliver(p, now)
    stranger = member(new_id())
    for act in (confirm_as, freeze_as, extend_as):
        with pytest.raises(EscrowNotFound):
            act(p, stranger, now)
        with pytest.raises(EscrowTransitionRefused):
            act(p, p.seller, now)
    freeze(p, now)
    with pytest.raises(EscrowTransitionRefused):
        decide(p, 0, now, actor=p.buyer)
    with pytest.raises(EscrowTransitionRefused):
        decide(p, 0, now, actor=p.seller)
    assert decide(p, 10_000, now, actor=p.seller).state is S.REFUNDED  # the seller agrees


def confirm_as(p, actor, now):
    facade.confirm_receipt(order_id=p.order_id, actor=actor, now=now)


def freeze_as(p, actor, now):
    facade.freeze_escrow(order_id=p.order_id, reason="x", actor=actor, now=now)


def extend_as(p, actor, now):
    facade.extend_inspection(order_id=p.order_id, actor=actor, now=now)


def test_sums_must_fit(now):
    seller = new_id()
    for amount, requests in (
        (eur(10_001), (request_for(seller),)),
        (eur(10_000), ()),
        (eur(20_000), (request_for(seller, order_id=(same := new_id())), request_for(seller, order_id=same))),
    ):
        with pytest.raises(EscrowSumMismatch), transaction.atomic():
            facade.open_charge(
                purchase_id=new_id(), buyer_id=new_id(), amount=amount, escrows=requests, actor=SYSTEM, now=now
            )


def test_the_machine_in_the_database_is_the_machine_in_the_code():
    stored = set(EscrowRule.objects.values_list("from_state", "event", "actor", "to_state"))
    assert stored == set(rules())


PATHS = {
    S.CREATED: (),
    S.FUNDED: ("fund",),
    S.SHIPPED: ("fund", "ship"),
    S.DELIVERED: ("fund", "deliver"),
    S.DISPUTED: ("fund", "freeze"),
    S.RELEASED: ("fund", "deliver", "confirm"),
    S.REFUNDED: ("fund", "refund"),
    S.SETTLED: ("fund", "freeze", "split"),
    S.CANCELLED: ("refund",),
}


def purchase_in(state, now):
    steps = PATHS[state]
    p = paid_purchase(now) if "fund" in steps else open_purchase(now)
    acts = {
        "ship": ship, "deliver": deliver, "confirm": confirm, "freeze": freeze, "split": lambda p, n: decide(p, 5_000, n),
        "refund": lambda p, n: facade.refund_order(order_id=p.order_id, reason="x", actor=p.buyer, now=n),
    }  # fmt: skip
    for step in steps:
        if step != "fund":
            acts[step](p, now)
    return p


@pytest.mark.parametrize("state", list(S))
def test_every_pair_of_state_and_action(state, now):
    """Allowed pairs advance, the others are refused by the code, and by the database when the code is left out."""
    for action in EscrowAction:
        p = purchase_in(state, now)
        escrow = Escrow.objects.get(order_id=p.order_id)
        assert escrow.state == state.value
        allowed = (state, action) in TRANSITIONS
        actor = {"BUYER": p.buyer, "OPERATOR": OPERATOR, "SYSTEM": SYSTEM, "PROVIDER": SYSTEM, "SELLER": p.seller}.get(
            PARTIES[action][-1].value, SYSTEM
        )
        with transaction.atomic():
            if allowed:
                advance(escrow, action, actor=actor, now=now)
            else:
                with pytest.raises(EscrowTransitionRefused), transaction.atomic():
                    advance(escrow, action, actor=actor, now=now)
            transaction.set_rollback(True)
    for target, party in itertools.product(S, ("BUYER", "SYSTEM")):
        legal = (state.value, "CONFIRM", party, target.value) in set(rules())
        if not legal:
            escrow = escrow_of(state, now)
            with pytest.raises(DatabaseError), transaction.atomic():
                raw_event(escrow, event="CONFIRM", actor=party, target=target)
                settle_constraints()


def escrow_of(state, now):
    return Escrow.objects.get(order_id=purchase_in(state, now).order_id)


def raw_event(escrow, *, event, actor, target, released=0, seq=None):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_escrowevent (escrow_id, seq, from_state, event, actor, to_state, actor_ref, reason,"
            " released_minor, refunded_minor, fee_minor, at) VALUES (%s,%s,%s,%s,%s,%s,'x','',%s,0,0,now())",
            [escrow.id, seq or escrow.seq + 1, escrow.state, event, actor, target.value, released],
        )


def test_a_terminal_escrow_that_still_holds_money_cannot_commit(now):
    for released in (0, 10_000):
        escrow = escrow_of(S.DELIVERED, now)
        with (
            pytest.raises(DatabaseError, match=r"does not hold what its state says|without its event"),
            transaction.atomic(),
        ):
            raw_event(escrow, event="CONFIRM", actor="BUYER", target=S.RELEASED, released=released)
            settle_constraints()


def test_money_cannot_leave_an_escrow_without_its_event(now):
    p = paid_purchase(now)
    statement = (
        "SELECT payments_ledger_post('x','y','','STEAL','', now(), NULL, '{ESCROW,SELLER_PAYABLE}',"
        " ARRAY[%s,'me'], '{EUR,EUR}', '{5,-5}')"
    )
    with pytest.raises(DatabaseError, match="without its event"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement, [str(p.order_id)])
        settle_constraints()


def test_more_than_is_held_is_refused_by_the_balance_itself(now):
    p = paid_purchase(now)
    with pytest.raises(DatabaseError, match="balance_below_hi"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT payments_ledger_post('x','y','','STEAL','', now(), NULL, '{ESCROW,SELLER_PAYABLE}',"
            " ARRAY[%s,'me'], '{EUR,EUR}', '{10001,-10001}')",
            [str(p.order_id)],
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_escrow SET state = 'RELEASED'",
        "UPDATE payments_escrow SET amount_minor = 1",
        "UPDATE payments_escrow SET seller_id = buyer_id",
        "DELETE FROM payments_escrow",
        "TRUNCATE payments_escrow CASCADE",
        "UPDATE payments_escrowevent SET reason = 'x'",
        "DELETE FROM payments_escrowevent",
    ],
)
def test_raw_sql_on_escrows_is_refused(statement, now):
    paid_purchase(now)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_stale_event_is_refused(now):
    escrow = escrow_of(S.DELIVERED, now)
    with pytest.raises(DatabaseError, match="stale"), transaction.atomic():
        raw_event(escrow, event="FREEZE", actor="BUYER", target=S.DISPUTED, seq=escrow.seq)


def test_an_escrow_cannot_be_born_funded_or_on_another_account(now):
    p = open_purchase(now)
    escrow = Escrow.objects.get(order_id=p.order_id)
    for change in ({"state": "FUNDED"}, {"order_id": new_id()}, {"released_minor": 5}):
        row = Escrow.objects.get(id=escrow.id)
        row.pk, row.order_id = new_id(), new_id()
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save(force_insert=True)


def test_lists_take_a_fixed_number_of_queries(now, django_assert_num_queries):
    purchases = [paid_purchase(now) for _ in range(4)]
    for p in purchases:
        deliver(p, now)
    with django_assert_num_queries(2):
        assert len(facade.list_escrows([p.order_id for p in purchases])) == 4


def test_a_failing_clock_waits_and_does_not_hold_others(now, monkeypatch):
    from payments.escrow import timers

    p, q = paid_purchase(now), paid_purchase(now)
    for purchase in (p, q):
        deliver(purchase, now, DeliveryKind.DIGITAL)
    real = timers.batches.release_all

    def broken(escrows, **kwargs):
        if any(escrow.order_id == p.order_id for escrow in escrows):
            raise ValueError("half-way")
        real(escrows, **kwargs)

    monkeypatch.setattr(timers.batches, "release_all", broken)
    later = now + timedelta(days=2)
    assert run_due_timers(now=later) == 1
    assert EscrowTimer.objects.get(escrow__order_id=p.order_id).attempts == 1
    monkeypatch.setattr(timers.batches, "release_all", real)
    assert run_due_timers(now=later) == 0
    assert run_due_timers(now=later + timedelta(minutes=1)) == 1


def test_selectors_hide_other_peoples_escrows(now):
    p = paid_purchase(now)
    for actor in (p.buyer, p.seller, OPERATOR):
        assert selectors.get_escrow_view_for(p.order_id, actor).amount == eur(10_000)
    with pytest.raises(EscrowNotFound):
        selectors.get_escrow_view_for(p.order_id, member(new_id()))
