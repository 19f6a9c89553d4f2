"""Real threads race for one escrow: one of them wins, and the money follows the winner alone."""

from datetime import timedelta

from django.core.management import call_command
from django.db import connection

from core.ids import new_id
from payments import facade
from payments.contracts import DeliveryKind, EscrowState, MilestoneRequest, MilestoneTrigger
from payments.escrow.milestones import release_deposit
from payments.escrow.models import EscrowEvent
from payments.escrow.timers import run_due_timers
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import owed_to
from tests.factories.payments import CARRIER, eur, member, paid_purchase

S = EscrowState


def deliver(p, now, kind):
    facade.mark_delivered(order_id=p.order_id, delivery_kind=kind, delivered_at=now, actor=CARRIER, now=now)


def confirm(p, now):
    facade.confirm_receipt(order_id=p.order_id, actor=p.buyer, now=now)


def freeze(p, now):
    facade.freeze_escrow(order_id=p.order_id, reason="broken", actor=p.buyer, now=now)


def payable(p):
    return owed_to(AccountCode.SELLER_PAYABLE, str(p.seller.organisation_id), "EUR")


def race(*acts):
    import threading

    outcomes, barrier = [], threading.Barrier(len(acts))

    def run(act):
        barrier.wait()
        try:
            act()
            outcomes.append("won")
        except Exception as error:
            outcomes.append(type(error).__name__)
        connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_release_freeze_and_clock_race_to_one_outcome(real_database, now):
    end = now + timedelta(days=1)
    for _ in range(8):
        p = paid_purchase(now)
        deliver(p, now, DeliveryKind.DIGITAL)
        race(
            lambda p=p: confirm(p, end), lambda p=p: freeze(p, end), lambda: run_due_timers(now=end),
            lambda: run_due_timers(now=end),
        )  # fmt: skip
        events = EscrowEvent.objects.filter(
            escrow__order_id=p.order_id, event__in=["CONFIRM", "AUTO_RELEASE", "FREEZE"]
        )
        assert events.count() == 1
        view = facade.get_escrow(p.order_id)
        assert payable(p) == (eur(9_240) if view.state is S.RELEASED else eur(0))
    call_command("verify_ledger")


def test_ten_confirmations_pay_once(real_database, now):
    p = paid_purchase(now)
    deliver(p, now, DeliveryKind.POST)
    assert race(*[lambda: confirm(p, now)] * 10) == ["won"] * 10
    assert payable(p) == eur(9_240)


def test_a_deposit_that_is_accepted_while_it_releases_itself_is_paid_once_and_nobody_is_refused(real_database, now):
    for _ in range(4):
        buyer, seller, order = member(new_id()), member(new_id()), new_id()
        (step,) = facade.open_schedule(
            order_id=order, buyer_id=buyer.organisation_id, seller_id=seller.organisation_id, now=now,
            steps=(MilestoneRequest("Deposit", eur(3_000), MilestoneTrigger.FUNDING),),
        )  # fmt: skip
        deposit = step.milestone_id
        charge = facade.charge_milestone(milestone_id=deposit, actor=buyer, now=now)
        facade.submit_charge(
            charge_id=charge.charge_id, method_token="tok_approve", return_url="/", actor=buyer, now=now
        )
        assert facade.get_escrow(deposit).held == eur(3_000)
        acts = [
            lambda m=deposit: release_deposit(milestone_id=m, now=now),
            lambda m=deposit, b=buyer: facade.accept_milestone(milestone_id=m, actor=b, now=now),
        ]
        assert race(*acts * 4) == ["won"] * 8
        assert facade.get_escrow(deposit).released == eur(3_000)
        assert EscrowEvent.objects.filter(escrow__order_id=deposit, to_state=S.RELEASED).count() == 1
