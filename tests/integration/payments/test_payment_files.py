"""Payment files: valid against the schema in every version, each order in exactly one, structured addresses inside."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from lxml import etree

from core.clock import utc_now
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from payments import facade
from payments.payouts import services as payouts
from payments.payouts.models import Payout, PayoutPolicy
from payments.providers import bank
from payments.providers.bank_models import BankOrder, PaymentFile
from payments.providers.pain import InvalidPaymentFile
from payments.reconciliation.models import BankLine, BankStatement
from tests.factories.bank import our_account
from tests.factories.payments import CLOSED_IBAN, IBAN, OPERATOR, eur, member, open_purchase, paid_purchase, submit
from tests.integration.payments.test_payouts import release


def waiting(now, holder="Ana Ruiz", minor=1_000, **changes):
    return bank.order_transfer(
        order_id=new_id(), purpose="PAYOUT", amount=eur(minor), holder=holder, iban=IBAN, text="Payout",
        address=changes.get("address", {}), now=now,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("version", ["pain.001.001.03", "pain.001.001.09", "pain.001.001.11"])
def test_the_file_fits_its_schema_and_says_what_is_paid(now, version):
    account = our_account(pain_version=version)
    home = {"street_name": "Calle Luna", "building_number": "7", "postcode": "28004", "town": "Madrid", "country": "ES"}
    one, two = waiting(now, "Begoña Ñíguez & Hijos", 12_345, address=home), waiting(now, minor=5)
    made = bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    root = etree.fromstring(made.content.encode())
    tree = {name: [e.text for e in root.iter(f"{{*}}{name}")] for name in
            ("EndToEndId", "InstdAmt", "CtrlSum", "NbOfTxs", "MsgId", "TwnNm", "Ctry", "AdrTp", "BIC", "BICFI")}  # fmt: skip
    assert tree["EndToEndId"] == [one.id.hex, two.id.hex]
    assert all(len(text) <= 35 for text in tree["EndToEndId"])
    assert tree["InstdAmt"] == ["123.45", "0.05"]
    assert set(tree["CtrlSum"]) == {"123.50"}
    assert (made.count, made.total, tree["MsgId"]) == (2, eur(12_350), [made.message_id])
    assert (tree["TwnNm"], tree["Ctry"], tree["AdrTp"]) == (["Valencia", "Madrid"], ["ES", "ES"], [])
    assert version in made.content


@pytest.mark.django_db
def test_a_file_takes_every_waiting_order_once(now):
    account = our_account()
    waiting(now)
    bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    with pytest.raises(InvalidInput):
        bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    with pytest.raises(NotFound):
        bank.create_payment_file(account_id=account.id, actor=member(new_id()), now=now)
    assert BankOrder.objects.get().state == "SENT"


@pytest.mark.django_db
def test_what_does_not_fit_the_schema_is_not_stored(now):
    account = our_account(bic="nonsense!")
    waiting(now)
    with pytest.raises(InvalidPaymentFile):
        bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    assert not PaymentFile.objects.exists()
    assert BankOrder.objects.get().state == "WAITING"


@pytest.mark.django_db
def test_payouts_of_the_bank_rail_wait_for_a_file(now, tmp_path):
    our_account()
    PayoutPolicy.objects.filter(currency="EUR").update(rail="bank")
    p = paid_purchase(now)
    payouts.set_payout_destination(
        seller_id=p.seller.organisation_id, holder="Ana Ruiz", iban=IBAN, actor=p.seller, now=now,
        address={"town": "Sevilla", "country": "ES", "postcode": "41001"},
    )  # fmt: skip
    release(p, now)
    payouts.submit_due_payouts(now=now)
    payout = Payout.objects.get()
    assert (payout.provider, payout.state) == ("bank", "SUBMITTED")
    target = tmp_path / "out.xml"
    call_command("make_payment_file", output=target)
    text = target.read_text()
    assert payout.end_to_end_id in text
    assert "<TwnNm>Sevilla</TwnNm>" in text
    with pytest.raises(CommandError):
        call_command("make_payment_file", output=target)


def test_two_operators_at_once_never_pay_twice(real_database, now):
    account = our_account()
    for _ in range(6):
        waiting(now)
    made, refused = [], []

    def work():
        try:
            made.append(bank.create_payment_file(account_id=account.id, actor=OPERATOR, now=now).count)
        except InvalidInput:
            refused.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 6
    assert BankOrder.objects.filter(state="SENT").count() == 6


def test_references_are_valid_and_stable():
    from stdnum import iso11649

    for _ in range(200):
        key = new_id()
        reference = bank.make_reference(key)
        assert iso11649.is_valid(reference)
        assert reference == bank.make_reference(key)
        assert len(reference) == 20


@pytest.mark.django_db
def test_the_sandboxs_bank_books_files_returns_and_transfers(tmp_path):
    our_account()
    PayoutPolicy.objects.filter(currency="EUR").update(rail="bank")
    moment = utc_now()
    states = {}
    for name, iban in (("good", IBAN), ("closed", CLOSED_IBAN)):
        p = paid_purchase(moment)
        payouts.set_payout_destination(
            seller_id=p.seller.organisation_id, holder="Ana Ruiz", iban=iban, actor=p.seller, now=moment
        )
        release(p, moment)
        states[name] = p.seller.organisation_id
    payouts.submit_due_payouts(now=moment)
    call_command("make_payment_file", output=tmp_path / "out.xml")
    charge = open_purchase(moment)
    submit(charge, moment, token="bank_transfer")
    call_command("sandbox_statement")
    assert {name: Payout.objects.get(seller_id=seller).state for name, seller in states.items()} == {
        "good": "PAID", "closed": "RETURNED",
    }  # fmt: skip
    assert facade.get_charge(charge.charge_id).state == "CAPTURED"
    assert set(BankLine.objects.values_list("state", flat=True)) == {"MATCHED"}
    sheet = BankStatement.objects.get()
    assert (sheet.difference_minor, sheet.ledger_difference_minor) == (0, 0)
    call_command("verify_ledger")
