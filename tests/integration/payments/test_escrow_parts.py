"""Parts of an escrow: lines released and frozen on their own, pauses, warnings, the arbiter's deadline, milestones."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from core.errors import InvalidInput
from core.ids import new_id
from core.models import EventRecord
from core.outbox.services import drain
from payments import facade
from payments.contracts import (
    DeliveryKind,
    EscrowState,
    EscrowSumMismatch,
    EscrowTransitionRefused,
    MilestoneNotFound,
    MilestoneRequest,
    MilestoneTrigger,
    UnknownLine,
)
from payments.escrow.letters import send_release_due
from payments.escrow.models import Escrow, EscrowLineMove
from payments.escrow.receipt import explain
from payments.escrow.timers import run_due_timers
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import owed_to
from tests.factories.payments import (
    CARRIER,
    OPERATOR,
    SYSTEM,
    eur,
    lined_purchase,
    member,
    open_purchase,
    paid_purchase,
    request_for,
)

pytestmark = pytest.mark.django_db
S = EscrowState
DAY = timedelta(days=1)


def settled():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    call_command("verify_ledger")


def deliver(p, now, kind=DeliveryKind.EXPRESS):
    return facade.mark_delivered(order_id=p.order_id, delivery_kind=kind, delivered_at=now, actor=CARRIER, now=now)


def freeze(p, now, **what):
    return facade.freeze_escrow(order_id=p.order_id, reason="broken", actor=p.buyer, now=now, **what)


def decide(p, minor, now, actor=OPERATOR):
    return facade.decide_escrow(order_id=p.order_id, refund=eur(minor), reason="seen", actor=actor, now=now)


def release(p, now, actor=None, **what):
    return facade.release_part(order_id=p.order_id, reason="good", actor=actor or p.buyer, now=now, **what)


def payable(p):
    return owed_to(AccountCode.SELLER_PAYABLE, str(p.seller.organisation_id), "EUR").minor


def events():
    return list(EventRecord.objects.order_by("id").values_list("name", flat=True))


def test_undisputed_lines_release_on_their_day_while_the_others_stay_frozen(now):
    p = lined_purchase(now, cup=3_000, plate=5_000, shipping=500)
    deliver(p, now)
    view = freeze(p, now + 4 * DAY, lines=["cup"])
    assert (view.state, view.frozen_amount, view.release_at) == (S.DISPUTED, eur(3_000), now + 10 * DAY)
    assert view.decide_by == now + 18 * DAY
    assert run_due_timers(now=now + 10 * DAY) == 1
    view = facade.get_escrow(p.order_id)
    assert (view.state, view.held, view.released) == (S.DISPUTED, eur(3_000), eur(5_500))
    assert payable(p) == 5_500 - 400
    settled()
    assert decide(p, 1_000, now + 12 * DAY).state is S.SETTLED
    assert decide(p, 1_000, now + 12 * DAY).refunded == eur(1_000)  # twice changes nothing
    assert payable(p) == 5_500 - 400 + 2_000 - 160
    settled()


def test_an_early_decision_leaves_the_rest_to_its_own_clock(now):
    p = lined_purchase(now, cup=3_000, plate=5_000)
    deliver(p, now)
    freeze(p, now + DAY, lines=["cup"])
    view = decide(p, 3_000, now + 2 * DAY)
    assert (view.state, view.held, view.release_at) == (S.DELIVERED, eur(5_000), now + 10 * DAY)
    assert run_due_timers(now=now + 10 * DAY) == 1
    assert facade.get_escrow(p.order_id).state is S.RELEASED
    settled()


def test_a_withdrawn_dispute_gives_the_disputed_line_its_time_back(now):
    p = lined_purchase(now, cup=3_000, plate=5_000)
    deliver(p, now)
    freeze(p, now + 4 * DAY, lines=["cup"])
    view = facade.unfreeze_escrow(order_id=p.order_id, reason="fine", actor=p.buyer, now=now + 9 * DAY)
    assert (view.state, view.release_at, view.frozen_amount) == (S.DELIVERED, now + 15 * DAY, eur(0))
    settled()


def test_unresolved_dispute_ends_at_the_arbiters_deadline_for_the_buyer(now):
    p = paid_purchase(now)
    deliver(p, now)
    freeze(p, now)
    assert run_due_timers(now=now + 14 * DAY - timedelta(seconds=1)) == 0
    assert run_due_timers(now=now + 14 * DAY) == 1
    view = facade.get_escrow(p.order_id)
    assert (view.state, view.refunded) == (S.REFUNDED, eur(10_000))
    assert events().count("payments.escrow.decided.v1") == 1
    settled()


def test_the_deadline_survives_what_happens_to_the_parcel_meanwhile(now):
    p = paid_purchase(now)
    freeze(p, now)
    facade.mark_shipped(order_id=p.order_id, actor=CARRIER, now=now + DAY)
    deliver(p, now + 2 * DAY)
    assert facade.get_escrow(p.order_id).decide_by == now + 14 * DAY
    assert run_due_timers(now=now + 14 * DAY) == 1
    assert facade.get_escrow(p.order_id).state is S.REFUNDED


def test_an_amount_in_dispute_and_a_seller_who_gives_it_back(now):
    p = paid_purchase(now)
    deliver(p, now)
    freeze(p, now, amount=eur(2_500))
    with pytest.raises(InvalidInput):
        decide(p, 2_501, now)
    with pytest.raises(EscrowTransitionRefused):
        decide(p, 2_000, now, actor=p.seller)
    view = decide(p, 2_500, now, actor=p.seller)
    assert (view.state, view.refunded, view.held) == (S.DELIVERED, eur(2_500), eur(7_500))
    settled()


def test_parts_released_by_the_buyer_pay_commission_to_the_cent(now):
    p = lined_purchase(now, a=333, b=333, c=334)
    for line in ("a", "b"):
        release(p, now, lines=[line])
    with pytest.raises(UnknownLine):
        release(p, now, lines=["a"])  # twice pays nothing twice
    assert release(p, now, amount=eur(100)).released == eur(766)
    view = release(p, now)
    assert (view.state, view.fee) == (S.RELEASED, eur(27 + 27 + 27))
    assert payable(p) == 1_000 - 81
    names = events()
    assert (names.count("payments.escrow.part_released.v1"), names.count("payments.escrow.released.v1")) == (3, 1)
    settled()


def test_sellers_and_strangers_release_nothing(now):
    p = paid_purchase(now)
    with pytest.raises(EscrowTransitionRefused):
        release(p, now, actor=p.seller)
    with pytest.raises(Exception, match="no money held"):
        release(p, now, actor=member(new_id()))


def test_a_return_pauses_the_inspection_and_gives_the_rest_back(now):
    p = paid_purchase(now)
    deliver(p, now)
    view = facade.pause_inspection(order_id=p.order_id, reason="return", actor=SYSTEM, now=now + 4 * DAY)
    assert (view.paused, view.release_at) == (True, None)
    facade.pause_inspection(order_id=p.order_id, reason="again", actor=SYSTEM, now=now + 5 * DAY)
    assert run_due_timers(now=now + 12 * DAY) == 0
    view = facade.resume_inspection(order_id=p.order_id, reason="over", actor=SYSTEM, now=now + 20 * DAY)
    assert (view.paused, view.release_at) == (False, now + 26 * DAY)
    facade.resume_inspection(order_id=p.order_id, reason="again", actor=SYSTEM, now=now + 21 * DAY)
    assert run_due_timers(now=now + 26 * DAY) == 1


def test_a_return_that_never_ends_does_not_hold_the_money_for_ever(now):
    p = paid_purchase(now)
    deliver(p, now)
    facade.pause_inspection(order_id=p.order_id, reason="return", actor=SYSTEM, now=now + 4 * DAY)
    assert run_due_timers(now=now + 34 * DAY) == 1
    assert facade.get_escrow(p.order_id).release_at == now + 40 * DAY


def test_a_dispute_during_a_return_leaves_the_return_open(now):
    p = paid_purchase(now)
    deliver(p, now)
    facade.pause_inspection(order_id=p.order_id, reason="return", actor=SYSTEM, now=now + DAY)
    freeze(p, now + 2 * DAY)
    view = facade.unfreeze_escrow(order_id=p.order_id, reason="x", actor=p.buyer, now=now + 3 * DAY)
    assert (view.state, view.paused, view.release_at) == (S.DELIVERED, True, None)
    view = facade.resume_inspection(order_id=p.order_id, reason="x", actor=SYSTEM, now=now + 4 * DAY)
    assert view.release_at == now + 13 * DAY


def test_the_buyer_is_warned_three_days_and_one_day_before(now):
    p = paid_purchase(now)
    deliver(p, now)
    run_due_timers(now=now + 7 * DAY)
    run_due_timers(now=now + 7 * DAY)
    assert events().count("payments.escrow.release_due.v1") == 1
    facade.extend_inspection(order_id=p.order_id, actor=p.buyer, now=now + 8 * DAY)
    run_due_timers(now=now + 12 * DAY)
    run_due_timers(now=now + 14 * DAY)
    warned = EventRecord.objects.filter(name="payments.escrow.release_due.v1").order_by("id")
    assert [record.payload["days"] for record in warned] == [3, 3, 1]
    drain(now=now + 14 * DAY)
    assert mail.outbox == []  # nobody of the buyer has an address here, and a moved clock writes nothing
    send_release_due(order_id=p.order_id, release_at=now)


def test_a_late_clock_does_not_warn_of_what_is_past(now):
    p = paid_purchase(now)
    deliver(p, now, DeliveryKind.POST)
    assert run_due_timers(now=now + 40 * DAY) == 1
    assert "payments.escrow.release_due.v1" not in events()


def test_every_held_cent_has_a_reason(now):
    p = lined_purchase(now, cup=3_000, plate=5_000)

    def codes():
        view = facade.get_escrow(p.order_id)
        reasons = explain(view)
        assert sum(reason.amount.minor for reason in reasons) == view.held.minor
        assert all(reason.why and reason.rule for reason in reasons)
        return [reason.code for reason in reasons]

    assert codes() == ["TO_SHIP"]
    facade.mark_shipped(order_id=p.order_id, actor=CARRIER, now=now)
    assert codes() == ["ON_THE_ROAD"]
    deliver(p, now)
    assert codes() == ["INSPECTION"]
    facade.pause_inspection(order_id=p.order_id, reason="return", actor=SYSTEM, now=now)
    assert codes() == ["RETURN"]
    facade.resume_inspection(order_id=p.order_id, reason="x", actor=SYSTEM, now=now)
    freeze(p, now, lines=["cup"])
    assert codes() == ["DISPUTE", "INSPECTION"]
    decide(p, 3_000, now)
    release(p, now)
    assert codes() == []


def raw(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_frozen_money_cannot_leave_its_account_whoever_writes(now):
    p = paid_purchase(now)
    freeze(p, now)
    with pytest.raises(DatabaseError, match="balance_below_hi"), transaction.atomic():
        raw(
            "SELECT payments_ledger_post('x','y','','STEAL','', now(), NULL, '{ESCROW,SELLER_PAYABLE}',"
            " ARRAY[%s,'me'], '{EUR,EUR}', '{1,-1}')", str(p.order_id),
        )  # fmt: skip


def test_an_event_that_frees_frozen_money_without_its_movement_is_refused(now):
    p = paid_purchase(now)
    freeze(p, now)
    escrow = Escrow.objects.get()
    with (
        pytest.raises(DatabaseError, match=r"does not hold what its state says|without its event"),
        transaction.atomic(),
    ):
        raw(
            "INSERT INTO payments_escrowevent (escrow_id, seq, from_state, event, actor, to_state, actor_ref, reason,"
            " released_minor, refunded_minor, fee_minor, disputed_minor, at) VALUES (%s, %s, 'DISPUTED',"
            " 'UNFREEZE_FUNDED', 'BUYER', 'FUNDED', 'x', '', 0, 0, 0, -10000, now())", escrow.id, escrow.seq + 1,
        )  # fmt: skip
        settled()


def test_a_line_cannot_move_more_than_it_has(now):
    p = lined_purchase(now, cup=3_000, plate=5_000)
    deliver(p, now)
    release(p, now, lines=["cup"])
    move = EscrowLineMove.objects.get()
    event_id = Escrow.objects.get().events.order_by("seq").first().id
    with pytest.raises(DatabaseError, match="moves more than it has"), transaction.atomic():
        EscrowLineMove(event_id=event_id, escrow_id=move.escrow_id, line_ref="cup", released_minor=1).save()
        settled()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        raw("UPDATE payments_escrowlinemove SET released_minor = 0")


def test_lines_that_are_not_the_amount_are_refused_by_the_database_too(now):
    open_purchase(now)
    row = Escrow.objects.get()
    row.pk, row.order_id = new_id(), new_id()
    row.lines = [{**row.lines[0], "amount": 1}]
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save(force_insert=True)


def test_requests_whose_lines_do_not_add_up(now):
    from dataclasses import replace

    from payments.contracts import EscrowLine

    good = request_for(new_id())
    twice = (EscrowLine("a", eur(5_000)), EscrowLine("a", eur(5_000)))
    for lines in (twice, (EscrowLine("a", eur(9_999)),), (EscrowLine("a", eur(10_000), tax=eur(10_001)),),
                  (EscrowLine("a", eur(10_000), quantity=0),)):  # fmt: skip
        with pytest.raises(EscrowSumMismatch), transaction.atomic():
            facade.open_charge(
                purchase_id=new_id(), buyer_id=new_id(), amount=eur(10_000), escrows=(replace(good, lines=lines),),
                actor=SYSTEM, now=now,
            )  # fmt: skip


# ------------------------------------------------------------------------------------------------ milestones

STEPS = (
    MilestoneRequest("Deposit", eur(3_000), MilestoneTrigger.FUNDING),
    MilestoneRequest("Balance", eur(5_000)),
    MilestoneRequest("Inspection", eur(2_000)),
)


def schedule(now):
    buyer, seller, order = member(new_id()), member(new_id()), new_id()
    steps = facade.open_schedule(
        order_id=order, buyer_id=buyer.organisation_id, seller_id=seller.organisation_id, steps=STEPS, now=now
    )
    return buyer, seller, order, [step.milestone_id for step in steps]


def pay(milestone, buyer, now):
    charge = facade.charge_milestone(milestone_id=milestone, actor=buyer, now=now)
    facade.submit_charge(charge_id=charge.charge_id, method_token="tok_approve", return_url="/", actor=buyer, now=now)
    drain(now=now)


def test_a_made_to_order_schedule_from_deposit_to_inspection(now):
    buyer, seller, order, (deposit, rest, last) = schedule(now)
    with pytest.raises(EscrowTransitionRefused):
        facade.charge_milestone(milestone_id=rest, actor=buyer, now=now)  # the deposit comes first
    pay(deposit, buyer, now)
    assert facade.get_escrow(deposit).state is S.RELEASED  # a deposit goes to the maker at once
    pay(rest, buyer, now)
    view = facade.prove_milestone(milestone_id=rest, proof="Photos sent", actor=seller, now=now)
    assert view.escrow.release_at == now + 3 * DAY
    assert run_due_timers(now=now + 3 * DAY) == 1  # silence accepts
    pay(last, buyer, now)
    assert facade.accept_milestone(milestone_id=last, actor=buyer, now=now).escrow.state is S.RELEASED
    facade.accept_milestone(milestone_id=last, actor=buyer, now=now)  # twice changes nothing
    released = sum(step.escrow.released.minor for step in facade.list_milestones(order))
    assert released == 10_000
    settled()


def test_schedules_are_written_once_and_hidden_from_strangers(now):
    buyer, seller, order, ids = schedule(now)
    again = facade.open_schedule(
        order_id=order, buyer_id=buyer.organisation_id, seller_id=seller.organisation_id, steps=STEPS, now=now
    )
    assert [step.milestone_id for step in again] == ids
    with pytest.raises(InvalidInput):
        facade.open_schedule(
            order_id=order, buyer_id=buyer.organisation_id, seller_id=seller.organisation_id, steps=STEPS[:1], now=now
        )
    for stranger in (member(new_id()), seller):
        with pytest.raises(MilestoneNotFound):
            facade.charge_milestone(milestone_id=ids[0], actor=stranger, now=now)
        with pytest.raises(MilestoneNotFound):
            facade.accept_milestone(milestone_id=ids[0], actor=stranger, now=now)
    with pytest.raises(MilestoneNotFound):
        facade.prove_milestone(milestone_id=ids[0], proof="x", actor=buyer, now=now)
