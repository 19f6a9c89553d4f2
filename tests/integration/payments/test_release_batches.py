"""The clock releases many escrows in a handful of statements, and each as if it had come alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.ids import new_id
from core.models import EventRecord
from payments import facade
from payments.contracts import DeliveryKind, EscrowState
from payments.escrow.models import Escrow, EscrowEvent, EscrowTimer
from payments.escrow.timers import BATCH, run_due_timers
from payments.ledger.models import Entry
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance
from payments.ledger.services import BatchRefused
from payments.reserves.models import ReserveHold, ReservePolicy
from tests.factories.payments import CARRIER, eur, member, paid_purchase

pytestmark = pytest.mark.django_db


def delivered(now, *, seller=None, minor=10_000):
    purchase = paid_purchase(now, amounts=(minor,), sellers=[seller or member(new_id())])
    facade.mark_delivered(
        order_id=purchase.order_id, delivery_kind=DeliveryKind.DIGITAL, delivered_at=now, actor=CARRIER, now=now
    )
    return purchase


def state_of(purchase):
    return facade.get_escrow(purchase.order_id).state


def books_balance():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM payments_entry GROUP BY txn_id, currency HAVING sum(amount) <> 0) x"
        )
        assert cursor.fetchone()[0] == 0


def test_a_batch_takes_as_many_statements_as_one(now):
    def statements(count):
        for _ in range(count):
            delivered(now)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert run_due_timers(now=now + timedelta(days=2)) == count
        return len(caught)

    assert statements(1) == statements(BATCH)


def test_each_release_is_told_paid_and_closed(now):
    purchases = [delivered(now, minor=10_000 + n) for n in range(5)]
    assert run_due_timers(now=now + timedelta(days=2)) == 5
    assert run_due_timers(now=now + timedelta(days=2)) == 0
    for n, purchase in enumerate(purchases):
        escrow = Escrow.objects.get(order_id=purchase.order_id)
        assert (escrow.state, escrow.released_minor) == ("RELEASED", 10_000 + n)
        event = EscrowEvent.objects.get(escrow=escrow, event="AUTO_RELEASE")
        assert (event.actor, event.txn.kind, event.txn.ref) == ("SYSTEM", "AUTO_RELEASE", str(purchase.order_id))
        seller = str(purchase.seller.organisation_id)
        assert -balance(AccountCode.SELLER_PAYABLE, seller, "EUR") == escrow.amount - escrow.money(escrow.fee_minor)
        told = EventRecord.objects.get(name="payments.escrow.released.v1", payload__order_id=str(purchase.order_id))
        assert told.payload["automatic"] is True
        assert told.payload["fee"]["minor"] == escrow.fee_minor
    assert not EscrowTimer.objects.filter(event="AUTO_RELEASE", done_at=None).exists()
    books_balance()


def test_one_seller_twice_in_a_batch_is_reserved_on_both(now):
    ReservePolicy.objects.create(basis_points=1_000, days=30)
    seller = member(new_id())
    for _ in range(2):
        delivered(now, seller=seller)
    run_due_timers(now=now + timedelta(days=2))
    owner = str(seller.organisation_id)
    kept = [hold.amount_minor for hold in ReserveHold.objects.filter(seller_id=seller.organisation_id)]
    assert len(kept) == 2
    assert -balance(AccountCode.SELLER_RESERVE, owner, "EUR") == eur(sum(kept))
    books_balance()


def test_what_is_in_dispute_or_moved_on_is_left_out(now):
    free, frozen, confirmed = (delivered(now) for _ in range(3))
    facade.freeze_escrow(order_id=frozen.order_id, reason="Broken", actor=frozen.buyer, now=now)
    facade.confirm_receipt(order_id=confirmed.order_id, actor=confirmed.buyer, now=now)
    assert run_due_timers(now=now + timedelta(days=2)) == 1
    assert state_of(free) is EscrowState.RELEASED
    assert state_of(frozen) is EscrowState.DISPUTED
    assert Entry.objects.filter(txn__ref=str(confirmed.order_id), account__kind="ESCROW").count() == 1


def test_a_batch_that_is_refused_is_tried_one_by_one(now, monkeypatch):
    from payments.escrow import batches

    purchases = [delivered(now) for _ in range(3)]
    real = batches.ledger.post_many

    def refused(*, postings, now):
        if len(postings) > 1:
            raise BatchRefused(1)
        return real(postings=postings, now=now)

    monkeypatch.setattr(batches.ledger, "post_many", refused)
    assert run_due_timers(now=now + timedelta(days=2)) == 3
    assert {state_of(purchase) for purchase in purchases} == {EscrowState.RELEASED}
    assert EventRecord.objects.filter(name="payments.escrow.released.v1").count() == 3
    books_balance()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 50_000)), min_size=1, max_size=8))
def test_a_batch_pays_what_single_releases_pay(now, orders):
    """The same orders for two sets of sellers: one set released by the clock together, the other by the buyers."""
    ReservePolicy.objects.get_or_create(basis_points=700, days=30, seller_id=None, currency="")
    alone = [member(new_id()) for _ in range(3)]
    together = [member(new_id()) for _ in range(3)]
    for number, minor in orders:
        single = delivered(now, seller=alone[number], minor=minor)
        facade.confirm_receipt(order_id=single.order_id, actor=single.buyer, now=now)
        delivered(now, seller=together[number], minor=minor)
    assert run_due_timers(now=now + timedelta(days=2)) == len(orders)
    for one, other in zip(alone, together, strict=True):
        for account in (AccountCode.SELLER_PAYABLE, AccountCode.SELLER_RESERVE, AccountCode.SELLER_DEBT):
            assert balance(account, str(one.organisation_id), "EUR") == balance(
                account, str(other.organisation_id), "EUR"
            )
    books_balance()
