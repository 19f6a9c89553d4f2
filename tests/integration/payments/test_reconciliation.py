"""Statements of the bank: payouts confirmed and returned, transfers captured, the rest in suspense; nothing twice."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from core.errors import InvalidInput, NotFound
from payments import facade
from payments.charges.models import Charge
from payments.contracts import ChargeState, PayoutState
from payments.escrow.models import Refund
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance
from payments.payouts import services as payouts
from payments.payouts.models import Payout, PayoutPolicy
from payments.providers import bank
from payments.providers.bank_models import BankOrder
from payments.reconciliation import services
from payments.reconciliation.camt import InvalidStatement
from payments.reconciliation.models import BankLine, BankStatement
from payments.refunds import submission as refunding
from tests.factories.bank import BUYER_IBAN, OURS, entry, imported, our_account, statement, tx
from tests.factories.payments import IBAN, OPERATOR, eur, member, open_purchase, paid_purchase, submit
from tests.integration.payments.test_payouts import destination, money_of, release

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db):
    PayoutPolicy.objects.filter(currency="EUR").update(rail="bank")
    return our_account()


def booked(code, owner=""):
    return balance(code, owner, "EUR").minor


def suspense():
    return sum(booked(AccountCode.BANK_SUSPENSE, str(line.id)) for line in BankLine.objects.all())


def sent_payout(now):
    """A payout of 92.40 in a payment file."""
    p = paid_purchase(now)
    destination(p.seller, now)
    release(p, now)
    payouts.submit_due_payouts(now=now)
    made = bank.create_payment_file(account_id=bank.find_receiving_account("EUR").id, actor=OPERATOR, now=now)
    return p, Payout.objects.get(seller_id=p.seller.organisation_id), made


def paid_out(now):
    p, payout, _made = sent_payout(now)
    imported(now, entry("-92.40", tx(payout.end_to_end_id, outgoing=True)), number="OUT")
    return p, payout


def transfer(now):
    """A charge of 100.00 waiting for a transfer, and its instructions."""
    p = open_purchase(now)
    assert submit(p, now, token="bank_transfer").state is ChargeState.PENDING
    return p, facade.transfer_instructions(p.charge_id)


def state_of(p):
    return Charge.objects.get(id=p.charge_id).state


def test_a_payout_is_paid_when_the_statement_shows_it(account, now):
    p, payout, _made = sent_payout(now)
    assert money_of(p) == (0, 0, 9_240, 0, 0)
    done = imported(now, entry("-92.40", tx(payout.end_to_end_id, outgoing=True)))
    assert (done.lines, done.matched, done.left_open) == (1, 1, 0)
    assert money_of(p) == (0, 0, 0, 9_240, 0)
    assert booked(AccountCode.BANK, str(account.id)) == -9_240
    assert suspense() == 0
    call_command("verify_ledger")


def test_the_same_statement_twice_changes_nothing(account, now):
    _p, payout, _ = sent_payout(now)
    line = entry("-92.40", tx(payout.end_to_end_id, outgoing=True), ref="B1")
    imported(now, line)
    assert imported(now, line).known == 1
    again = imported(now, line, number="S2")  # the bank repeats the entry in another statement
    assert (again.lines, again.matched) == (0, 0)
    assert booked(AccountCode.BANK, str(account.id)) == -9_240
    with pytest.raises(services.StatementChanged):
        imported(now, entry("-1.00"), number="S1")


def test_returned_payout_is_credited_again_once_even_days_after_it_was_paid(account, now):
    p, payout = paid_out(now)
    later = now + timedelta(days=5)
    back = entry("92.40", tx(payout.end_to_end_id, ret="AC04"), booked="2026-03-07", ref="R1")
    imported(later, back, number="BACK")
    imported(later, back, number="BACK-2")
    payout.refresh_from_db()
    assert (payout.state, payout.failure_code) == (PayoutState.RETURNED, "AC04")
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    assert booked(AccountCode.BANK, str(account.id)) == 0
    assert payouts.request_due_payouts(now=later) == 0  # the account is refused until the seller changes it
    imported(later, entry("92.40", tx(payout.end_to_end_id, ret="AC04"), ref="R2"), number="BACK-3")
    assert money_of(p) == (0, 9_240, 0, 0, 0)  # a second return is nobody's: it waits for a person
    assert suspense() == -9_240
    call_command("verify_ledger")


def test_a_return_before_the_debit_was_reported_fails_the_payout(account, now):
    p, payout, _ = sent_payout(now)
    imported(now, entry("92.40", tx(payout.end_to_end_id, ret="AC01")), number="BACK")
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    imported(now, entry("-92.40", tx(payout.end_to_end_id, outgoing=True)), number="OUT")
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    assert Payout.objects.get(id=payout.id).state == PayoutState.FAILED


def test_without_our_id_amount_account_and_days_decide(account, now):
    p, _payout, _ = sent_payout(now)
    imported(now, entry("-92.40", tx(name="Ana Ruiz", iban=IBAN, outgoing=True), booked="2026-04-30"), number="LATE")
    assert money_of(p)[2] == 9_240
    imported(now, entry("-92.40", tx(name="Ana Ruiz", iban=IBAN, outgoing=True), booked="2026-03-04"), number="FITS")
    assert money_of(p)[3] == 9_240


def test_a_whole_payment_file_booked_as_one_entry(account, now):
    sellers = [paid_purchase(now, (amount,)) for amount in (10_000, 20_000)]
    for p in sellers:
        destination(p.seller, now)
        release(p, now)
    payouts.submit_due_payouts(now=now)
    made = bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    done = imported(now, entry(f"-{made.total.decimal}", batch=f"{made.message_id[:30]}-1"))
    assert (done.lines, done.matched) == (1, 1)
    assert [money_of(p)[3] > 0 for p in sellers] == [True, True]
    assert suspense() == 0


def test_a_batch_entry_with_details_is_several_lines(account, now):
    (a, one, _), (b, two, _) = sent_payout(now), sent_payout(now)
    done = imported(
        now,
        entry("-184.80", tx(one.end_to_end_id, "92.40", outgoing=True), tx(two.end_to_end_id, "92.40", outgoing=True)),
    )
    assert (done.lines, done.matched) == (2, 2)
    assert money_of(a)[3] == money_of(b)[3] == 9_240


def test_another_amount_under_our_id_waits_for_a_person(account, now):
    p, payout, _ = sent_payout(now)
    done = imported(now, entry("-92.00", tx(payout.end_to_end_id, outgoing=True)))
    assert done.left_open == 1
    assert money_of(p)[2] == 9_240
    assert suspense() == 9_200


def test_a_notification_notes_and_the_statement_books_once(account, now):
    p, payout, _ = sent_payout(now)
    line = entry("-92.40", tx(payout.end_to_end_id, outgoing=True), ref="B7")
    noted = imported(now, line, kind="054", number="N1")
    assert (noted.lines, noted.matched) == (1, 0)
    assert money_of(p)[2] == 9_240
    assert imported(now, line, number="S1").matched == 1
    assert BankLine.objects.count() == 1
    assert money_of(p)[3] == 9_240


def test_the_details_of_a_batch_may_come_in_a_notification(account, now):
    (a, one, _), (b, two, _) = sent_payout(now), sent_payout(now)
    details = [tx(o.end_to_end_id, "92.40", outgoing=True) for o in (one, two)]
    imported(now, entry("-184.80", *details, ref="B9"), kind="054", number="N1")
    assert imported(now, entry("-184.80", ref="B9"), number="S1").matched == 2
    assert money_of(a)[3] == money_of(b)[3] == 9_240
    assert booked(AccountCode.BANK, str(account.id)) == -18_480


def test_pending_entries_move_nothing(account, now):
    p, payout, _ = sent_payout(now)
    done = imported(now, entry("-92.40", tx(payout.end_to_end_id, outgoing=True), status="PDNG"))
    assert (done.lines, BankStatement.objects.get().skipped_count) == (0, 1)
    assert money_of(p)[2] == 9_240


def test_statements_of_strange_accounts_move_nothing(account, now):
    done = imported(now, entry("50.00"), account="DE89370400440532013000")
    assert done.lines == 1
    assert BankLine.objects.get().state == "NOTED"
    assert suspense() == 0


def test_balances_are_compared_with_each_other_and_with_the_ledger(account, now):
    imported(now, entry("50.00"), opening="1000.00", closing="1050.00", number="A")
    imported(now, entry("5.00"), opening="1050.00", closing="1060.00", number="B")
    first, second = BankStatement.objects.order_by("statement_id")
    assert (first.difference_minor, first.ledger_difference_minor) == (0, 0)
    assert (second.difference_minor, second.ledger_difference_minor) == (500, 500)


def test_a_transfer_with_the_reference_pays_the_purchase(account, now):
    p, how = transfer(now)
    assert how.iban == OURS
    spaced = " ".join(how.reference[i : i + 4] for i in range(0, len(how.reference), 4)).lower()
    done = imported(now, entry("100.00", tx(text=f"my order {spaced} thanks", name="Bea", iban=BUYER_IBAN)))
    assert done.matched == 1
    assert state_of(p) == ChargeState.CAPTURED
    assert facade.get_escrow(p.order_id).held == eur(10_000)
    assert (suspense(), booked(AccountCode.PSP_CLEARING)) == (0, 0)
    call_command("verify_ledger")


def test_less_stays_open_and_the_rest_completes_it(account, now):
    p, how = transfer(now)
    imported(now, entry("60.00", tx(reference=how.reference, name="Bea", iban=BUYER_IBAN)), number="S1")
    assert state_of(p) == ChargeState.PENDING
    assert facade.transfer_instructions(p.charge_id).missing == eur(4_000)
    imported(now, entry("40.00", tx(reference=how.reference, name="Bea", iban=BUYER_IBAN)), number="S2")
    assert state_of(p) == ChargeState.CAPTURED
    assert {line.state for line in BankLine.objects.all()} == {"MATCHED"}
    assert suspense() == 0


def test_more_pays_and_the_surplus_goes_back(account, now):
    p, how = transfer(now)
    imported(now, entry("130.00", tx(reference=how.reference, name="Bea", iban=BUYER_IBAN)))
    assert state_of(p) == ChargeState.CAPTURED
    order = BankOrder.objects.get(purpose="SEND_BACK")
    assert (order.amount, order.iban) == (eur(3_000), BUYER_IBAN)
    assert suspense() == 0
    made = bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    imported(now, entry("-30.00", tx(order.end_to_end_id, outgoing=True)), number="S2")
    assert booked(AccountCode.PSP_CLEARING) == 0
    assert made.count == 1


def test_a_surplus_of_an_unknown_payer_is_the_buyers_credit(account, now):
    p, how = transfer(now)
    imported(now, entry("130.00", tx(reference=how.reference)))
    assert booked(AccountCode.BUYER_CREDIT, str(p.buyer.organisation_id)) == -3_000
    assert suspense() == 0


def test_expired_transfers_fail_and_parts_and_late_money_go_back(account, now):
    p, how = transfer(now)
    imported(now, entry("60.00", tx(reference=how.reference, iban=BUYER_IBAN, name="Bea")), number="S1")
    later = now + timedelta(days=5, minutes=1)
    assert services.close_transfers(now=now) == 0
    assert services.close_transfers(now=later) == 1
    assert services.close_transfers(now=later) == 0
    assert state_of(p) == ChargeState.FAILED
    assert [order.amount_minor for order in BankOrder.objects.all()] == [6_000]
    imported(later, entry("100.00", tx(reference=how.reference, iban=BUYER_IBAN, name="Bea")), number="S2")
    assert sorted(order.amount_minor for order in BankOrder.objects.all()) == [6_000, 10_000]
    assert suspense() == 0
    call_command("verify_ledger")


def test_paying_the_same_transfer_twice_sends_the_second_back(account, now):
    p, how = transfer(now)
    for number in ("S1", "S2"):
        imported(now, entry("100.00", tx(reference=how.reference, iban=BUYER_IBAN, name="Bea")), number=number)
    assert facade.get_escrow(p.order_id).held == eur(10_000)
    assert BankOrder.objects.get().amount_minor == 10_000


def test_a_refund_of_a_transfer_goes_to_the_payers_account(account, now):
    p, how = transfer(now)
    imported(now, entry("100.00", tx(reference=how.reference, iban=BUYER_IBAN, name="Bea")))
    facade.refund_order(order_id=p.order_id, reason="sold out", actor=p.seller, now=now)
    refunding.submit_due_refunds(now=now)
    order = BankOrder.objects.get(purpose="REFUND")
    assert (order.iban, order.amount) == (BUYER_IBAN, eur(10_000))
    bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    imported(now, entry("-100.00", tx(order.end_to_end_id, outgoing=True)), number="S2")
    assert Refund.objects.get().state == "DONE"
    assert (booked(AccountCode.PSP_CLEARING), booked(AccountCode.BANK, str(account.id))) == (0, 0)


def test_unknown_receipts_wait_in_suspense_for_the_operator(account, now):
    imported(now, entry("12.34", tx(name="Who", iban=BUYER_IBAN)), entry("-3.00"), entry("7.00"))
    fee, back, odd = (BankLine.objects.get(amount_minor=minor) for minor in (-300, 1_234, 700))
    with pytest.raises(NotFound):
        services.write_line_off(line_id=fee.id, as_fee=True, reason="x", actor=member(back.id), now=now)
    with pytest.raises(InvalidInput):
        services.write_line_off(line_id=fee.id, as_fee=True, reason=" ", actor=OPERATOR, now=now)
    services.write_line_off(line_id=fee.id, as_fee=True, reason="account fee", actor=OPERATOR, now=now)
    services.send_line_back(line_id=back.id, reason="unknown", actor=OPERATOR, now=now)
    with pytest.raises(InvalidInput):
        services.send_line_back(line_id=odd.id, reason="unknown", actor=OPERATOR, now=now)
    services.assign_line(
        line_id=odd.id, subject="PROVIDER", subject_id=None, reason="settlement", actor=OPERATOR, now=now
    )
    with pytest.raises(InvalidInput):
        services.write_line_off(line_id=fee.id, as_fee=True, reason="again", actor=OPERATOR, now=now)
    assert booked(AccountCode.PSP_FEES) == 300
    assert suspense() == 0
    call_command("verify_ledger")


def test_the_operator_assigns_a_line_to_a_charge_or_a_payout(account, now):
    p, _how = transfer(now)
    q, payout, _ = sent_payout(now)
    imported(now, entry("100.00", tx(text="no reference")), entry("-92.40", tx(iban=BUYER_IBAN, outgoing=True)))
    receipt, debit = BankLine.objects.get(amount_minor=10_000), BankLine.objects.get(amount_minor=-9_240)
    with pytest.raises(InvalidInput):
        services.assign_line(
            line_id=receipt.id, subject="PAYOUT", subject_id=payout.id, reason="", actor=OPERATOR, now=now
        )
    for line, subject, key in ((receipt, "CHARGE", p.charge_id), (debit, "PAYOUT", payout.id)):
        services.assign_line(line_id=line.id, subject=subject, subject_id=key, reason="", actor=OPERATOR, now=now)
    assert state_of(p) == ChargeState.CAPTURED
    assert money_of(q)[3] == 9_240


def test_what_the_bank_refuses_is_payable_again_and_a_debit_that_comes_anyway_waits(account, now):
    p, payout, _made = sent_payout(now)
    with pytest.raises(NotFound):
        bank.refuse_order(order_id=payout.id, actor=p.seller, now=now)
    bank.refuse_order(order_id=payout.id, actor=OPERATOR, now=now)
    payouts.submit_due_payouts(now=now + timedelta(days=1))
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    imported(now, entry("-92.40", tx(payout.end_to_end_id, outgoing=True)))
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    assert suspense() == 9_240


def test_only_the_operator_imports(account, now):
    with pytest.raises(NotFound):
        services.import_statements(content=statement(), file_name="", actor=member(account.id), now=now)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"<a/>", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>',
     b"<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr></BkToCstmrStmt>",
     statement(entry("1e9")), statement(entry("1.00", booked="yesterday"))],
)  # fmt: skip
def test_what_is_no_statement_is_refused_whole(account, now, content):
    with pytest.raises(InvalidStatement):
        services.import_statements(content=content, file_name="x", actor=OPERATOR, now=now)
    assert not BankStatement.objects.exists()
