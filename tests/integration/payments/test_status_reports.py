"""pain.002: what a bank says about our payment files, once, whatever the version; refused payouts are payable again."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from core.errors import NotFound
from payments import facade
from payments.contracts import PayoutState
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance
from payments.payouts.models import Payout, PayoutPolicy
from payments.payouts.services import record_payout_return, submit_due_payouts
from payments.providers.bank import create_payment_file
from payments.providers.bank_models import BankOrder
from payments.reconciliation.models import StatusReport
from payments.reconciliation.status_reports import StatusReportChanged, import_status_report
from payments.reconciliation.xml import InvalidStatement
from tests import world
from tests.factories.bank import entry, imported, our_account, tx
from tests.factories.payments import OPERATOR, eur, paid_purchase
from tests.integration.payments.test_payouts import destination, release

pytestmark = pytest.mark.django_db


def report(original, *transactions, group="", batch="", message="R1", version="10"):
    """A pain.002 by hand; version 02 lists transactions below the message."""
    listed = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{e2e}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>As told.</AddtlInf></StsRsnInf></TxInfAndSts>"
        for e2e, status, reason in transactions
    )
    whole = f"<GrpSts>{group}</GrpSts>" if group else ""
    sts = f"<PmtInfSts>{batch}</PmtInfSts>" if batch else ""
    inner = (
        listed
        if version == "02"
        else f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId>{sts}{listed}</OrgnlPmtInfAndSts>"
    )
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>{message}</MsgId><CreDtTm>2026-03-02T18:00:00Z</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{original}</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>{whole}"
        f"</OrgnlGrpInfAndSts>{inner}</CstmrPmtStsRpt></Document>"
    ).encode()


@pytest.fixture
def sent(now):
    """Two payouts of two sellers in one payment file."""
    PayoutPolicy.objects.filter(currency="EUR").update(rail="bank")
    account = our_account()
    for _ in range(2):
        p = paid_purchase(now)
        destination(p.seller, now)
        release(p, now)
    submit_due_payouts(now=now)
    made = create_payment_file(account_id=account.id, actor=OPERATOR, now=now)
    return made, list(Payout.objects.order_by("id"))


def take_in(content, now):
    return import_status_report(content=content, file_name="r.xml", actor=OPERATOR, now=now)


@pytest.mark.parametrize("version", ["02", "03", "09", "10", "13"])
def test_a_refused_payout_is_payable_again_and_the_accepted_one_goes_on(sent, now, version):
    made, (one, two) = sent
    content = report(
        made.message_id, (one.end_to_end_id, "RJCT", "AC04"), (two.end_to_end_id, "ACCP", "G000"), version=version
    )
    done = take_in(content, now)
    assert (done.accepted, done.rejected, done.unknown) == (1, 1, 0)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, one.failure_code, two.state) == (PayoutState.FAILED, "AC04", PayoutState.SUBMITTED)
    assert facade.seller_balance(one.seller_id, "EUR").available == one.amount
    assert facade.seller_balance(two.seller_id, "EUR").on_its_way == two.amount
    assert BankOrder.objects.get(id=two.id).bank_status == "ACCP"
    call_command("verify_ledger")


def test_the_same_report_twice_gives_back_once(sent, now):
    made, (one, _two) = sent
    content = report(made.message_id, (one.end_to_end_id, "RJCT", "AC01"))
    assert not take_in(content, now).known
    again = take_in(content, now)
    assert (again.known, again.rejected) == (True, 1)
    take_in(report(made.message_id, (one.end_to_end_id, "RJCT", "AC01"), message="R2"), now)  # under another name
    assert facade.seller_balance(one.seller_id, "EUR").available == one.amount
    with pytest.raises(StatusReportChanged):
        take_in(report(made.message_id, (one.end_to_end_id, "ACCP", "")), now)


@pytest.mark.parametrize("where", ["group", "batch"])
def test_a_whole_file_refused_refuses_every_transfer(sent, now, where):
    made, payouts = sent
    done = take_in(report(made.message_id, **{where: "RJCT"}), now)
    assert done.rejected == 2
    for payout in payouts:
        payout.refresh_from_db()
        assert payout.state == PayoutState.FAILED
    assert balance(AccountCode.PAYOUT_IN_TRANSIT, str(payouts[0].seller_id), "EUR") == eur(0)


def test_a_report_after_the_statement_showed_the_payment_moves_nothing(sent, now):
    made, (one, _two) = sent
    imported(now, entry(f"-{one.amount.decimal}", tx(one.end_to_end_id, outgoing=True), ref="B1"))
    one.refresh_from_db()
    assert one.state == PayoutState.PAID
    assert take_in(report(made.message_id, (one.end_to_end_id, "RJCT", "AC04")), now).rejected == 0
    one.refresh_from_db()
    assert one.state == PayoutState.PAID


def test_transfers_and_files_that_are_not_ours_are_counted_and_move_nothing(sent, now):
    made, (one, _two) = sent
    assert take_in(report("SOMEBODY-ELSE", (one.end_to_end_id, "RJCT", "AC04")), now).unknown == 1
    assert take_in(report(made.message_id, ("nobody", "RJCT", "AC04"), message="R2"), now).unknown == 1
    one.refresh_from_db()
    assert one.state == PayoutState.SUBMITTED
    assert not record_payout_return(payout_id=made.id, code="AC04", actor=OPERATOR, now=now)


def test_what_is_no_status_report_is_refused_or_left_to_the_statements(now):
    assert take_in(b'<Document xmlns="x"><BkToCstmrStmt/></Document>', now) is None
    for content in (b"nonsense", b"<CstmrPmtStsRpt/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):
        with pytest.raises(InvalidStatement):
            take_in(content, now)
    with pytest.raises(NotFound):
        import_status_report(content=b"", file_name="", actor=world.person(now).actor, now=now)


def test_pages_api_and_command_take_it(sent, now, tmp_path, capsys):
    made, (one, two) = sent
    operator = Client()
    operator.force_login(world.person(now, is_operator=True).user)
    upload = SimpleUploadedFile("r.xml", report(made.message_id, (one.end_to_end_id, "RJCT", "AC04")))
    answer = operator.post("/admin/payments/bankstatement/upload/", {"statement": upload}, follow=True)
    assert "1 refused" in answer.content.decode()
    assert operator.get("/admin/payments/statusreport/").status_code == 200
    upload = SimpleUploadedFile("r.xml", report(made.message_id, (two.end_to_end_id, "RJCT", "AC04"), message="R2"))
    said = operator.post("/api/v1/payments/status-reports/", {"statement": upload})
    assert (said.status_code, said.json()["rejected"]) == (201, 1)
    assert len(operator.get("/api/v1/payments/status-reports/").json()["results"]) == 2
    path = tmp_path / "r.xml"
    path.write_bytes(report(made.message_id, message="R3", group="ACCP"))
    call_command("import_statement", str(path))
    assert "accepted" in capsys.readouterr().out
    assert StatusReport.objects.count() == 3
