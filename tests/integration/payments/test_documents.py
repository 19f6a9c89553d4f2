"""Invoices, credit notes, fee statements and the DAC7 report: numbers without gaps, VAT by the rules, nothing twice."""

import csv
import io
import json
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, NotFound
from core.ids import new_id
from core.money import Money
from core.outbox.services import drain
from payments import facade
from payments.contracts import InvoiceLine, InvoiceRequest, Party
from payments.documents import selectors, services
from payments.documents.exports import export_dac7
from payments.documents.models import Document, DocumentSeries, TaxRemittance
from payments.documents.pdf import render_pdf
from payments.documents.rules import (
    Treatment,
    corrected_shares,
    credited_tax,
    decide_fee_tax,
    decide_tax,
    is_reportable,
    is_vat_number,
    shares_by_rate,
    tax_inside,
    vat_rate,
    vat_to_withhold,
)
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import owed_to
from payments.payouts import parties
from payments.providers.port import DisputeStatus
from tests import world
from tests.factories.payments import OPERATOR, SYSTEM, eur, member, paid_purchase
from tests.integration.payments.test_chargebacks import news
from tests.integration.payments.test_payouts import destination, release

DAY = date(2026, 3, 2)
GERMAN_VAT = "DE136695976"


def party(country="ES", tax_number="", party_id=None):
    return Party(party_id or new_id(), "Telares Ruiz SL", "Calle del Telar 3", "46001", "Valencia", country, tax_number)


def request(order_id=None, seller=None, buyer=None, ship_to="ES", postcode="46003", goods=11_500, shipping=600):
    return InvoiceRequest(
        order_id=order_id or new_id(), order_number="LJ-1", seller=seller or party(), buyer=buyer or party(),
        lines=(InvoiceLine("Linen tablecloth <b>&", 2, eur(goods)),), shipping=eur(shipping), ship_to=ship_to,
        ship_to_postcode=postcode, supplied_on=DAY,
    )  # fmt: skip


def issue(now, **changes):
    return services.issue_invoice(request=request(**changes), actor=SYSTEM, now=now)


def tax_of(seller="ES", ship_to="ES", postcode="", vat="", remitted_by="SELLER"):
    return decide_tax(
        seller=party(seller), buyer=party(ship_to, vat), ship_to=ship_to, postcode=postcode, on=DAY,
        remitted_by=remitted_by,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "treatment", "rate", "payer"),
    [
        ({}, Treatment.DOMESTIC, 2_100, "SELLER"),
        ({"postcode": "35001"}, Treatment.DOMESTIC, 0, "SELLER"),  # Canary Islands
        ({"ship_to": "DE"}, Treatment.DESTINATION, 1_900, "SELLER"),
        ({"ship_to": "DE", "vat": GERMAN_VAT}, Treatment.REVERSE_CHARGE, 0, ""),
        ({"ship_to": "DE", "vat": "DE136695977"}, Treatment.DESTINATION, 1_900, "SELLER"),  # wrong check digit
        ({"ship_to": "DE", "vat": "ESB64717838"}, Treatment.DESTINATION, 1_900, "SELLER"),  # another country's
        ({"ship_to": "US"}, Treatment.EXPORT, 0, ""),
        ({"seller": "CN", "ship_to": "ES"}, Treatment.OUTSIDE, 0, ""),
        ({"seller": "CN", "ship_to": "ES", "remitted_by": "PLATFORM"}, Treatment.DESTINATION, 2_100, "PLATFORM"),
        ({"seller": "CN", "ship_to": "US"}, Treatment.OUTSIDE, 0, ""),
    ],
)
def test_vat_of_a_sale(facts, treatment, rate, payer):
    tax = tax_of(**facts)
    assert (tax.treatment, tax.basis_points, tax.remitted_by) == (treatment, rate, payer)


def test_rates_change_with_the_day():
    assert vat_rate("CZ", on=date(2023, 6, 1), name="reduced1") == 1_000
    assert vat_rate("CZ", on=date(2024, 6, 1), name="reduced") == 1_200
    assert vat_rate("XX", on=DAY) == 0
    assert is_vat_number(GERMAN_VAT)
    assert not is_vat_number("DE1")


def test_vat_of_the_platforms_fees():
    platform = party("ES")
    assert decide_fee_tax(platform=platform, seller=party("ES"), on=DAY).basis_points == 2_100
    assert (
        decide_fee_tax(platform=platform, seller=party("DE", GERMAN_VAT), on=DAY).treatment is Treatment.REVERSE_CHARGE
    )
    assert decide_fee_tax(platform=platform, seller=party("DE"), on=DAY).basis_points == 2_100
    assert decide_fee_tax(platform=platform, seller=party("US"), on=DAY).treatment is Treatment.OUTSIDE
    assert decide_fee_tax(platform=platform, seller=None, on=DAY).treatment is Treatment.OUTSIDE


@pytest.mark.django_db
def test_a_refund_after_release_is_credited_and_its_vat_given_back(now):
    p = paid_purchase(now)
    seller = party("CN", party_id=p.seller.organisation_id)
    TaxRemittance.objects.create(seller_id=seller.party_id, remitted_by="PLATFORM")
    issue(now, order_id=p.order_id, seller=seller, goods=9_500, shipping=500)
    release(p, now)
    drain(now=now)
    assert owed_to(AccountCode.VAT_PAYABLE, "ES", "EUR") == eur(1_736)
    for number, (minor, left) in enumerate(((5_000, 868), (5_000, 0)), start=1):
        facade.refund(
            order_id=p.order_id, amount=eur(minor), reason="broken", key=f"r{number}", actor=p.seller, now=now
        )
        drain(now=now)
        assert owed_to(AccountCode.VAT_PAYABLE, "ES", "EUR") == eur(left)
    invoice, *notes = facade.list_order_documents(p.order_id)
    assert [note.gross for note in notes] == [eur(-5_000), eur(-5_000)]
    assert sum(note.tax.minor for note in notes) == -invoice.tax.minor
    call_command("verify_ledger", stdout=io.StringIO())


@pytest.mark.django_db
def test_a_lost_chargeback_is_credited(now):
    p = paid_purchase(now)
    issue(now, order_id=p.order_id, seller=party(party_id=p.seller.organisation_id), goods=9_500, shipping=500)
    for status in (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.LOST):
        news(p, now, status)
    drain(now=now)
    invoice, note = facade.list_order_documents(p.order_id)
    assert (note.gross, note.tax) == (-invoice.gross, -invoice.tax)


@given(st.integers(1, 10**9), st.integers(0, 2_700), st.lists(st.integers(1, 10**6), max_size=8))
def test_corrections_never_take_back_more_vat_than_there_was(gross, rate, parts):
    whole = eur(gross)
    tax, done, credited = tax_inside(whole, rate), eur(0), 0
    assert 0 <= tax.minor <= gross
    for part in parts:
        now = min(eur(part), whole - done)
        credited += credited_tax(gross=whole, tax=tax, before=done, now=now).minor
        done = done + now
        assert 0 <= credited <= tax.minor
    rest = credited_tax(gross=whole, tax=tax, before=done, now=whole - done).minor
    assert credited + rest == tax.minor


@pytest.mark.parametrize(
    ("sales", "euros", "reported"), [(29, 2_000_00, False), (30, 1, True), (1, 2_000_01, True), (0, 0, False)]
)
def test_who_is_reported(sales, euros, reported):
    assert is_reportable(sales=sales, eur_minor=euros) is reported


@pytest.mark.django_db
def test_an_invoice_is_issued_once_and_numbers_follow_each_other(now):
    seller, order_id = party(), new_id()
    first = issue(now, seller=seller, order_id=order_id)
    assert issue(now, seller=seller, order_id=order_id) == first
    second = issue(now, seller=seller)
    assert (first.number, second.number) == ("INV-2026-000001", "INV-2026-000002")
    assert (first.gross, first.tax) == (eur(12_100), eur(2_100))
    assert issue(now, seller=party()).number == "INV-2026-000001"  # every issuer counts for itself
    assert issue(now + timedelta(days=365), seller=seller).number == "INV-2027-000001"


@pytest.mark.django_db
def test_a_failed_issue_leaves_no_gap(now):
    seller = party()
    with pytest.raises(RuntimeError), transaction.atomic():
        issue(now, seller=seller)
        raise RuntimeError
    assert issue(now, seller=seller).number == "INV-2026-000001"
    dollars = InvoiceRequest(
        new_id(), "x", seller, party(), (InvoiceLine("a", 1, Money(1, "USD")),), eur(0), "ES", "", DAY
    )
    with pytest.raises(InvalidInput):
        services.issue_invoice(request=dollars, actor=SYSTEM, now=now)


@pytest.mark.django_db
def test_documents_never_change(now):
    issue(now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Document.objects.update(gross_minor=1)


def test_many_at_once_have_numbers_without_gaps_or_doubles(real_database, now):
    seller, order_id = party(), new_id()
    failures = []

    def work(same):
        try:
            for _ in range(4):
                issue(now, seller=seller, order_id=order_id if same else None)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number == 0,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    numbers = sorted(Document.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, 18))  # sixteen of their own and one asked for four times
    assert DocumentSeries.objects.get(kind="INVOICE").last_number == 17


@pytest.mark.django_db
def test_what_is_refunded_is_credited_once_whatever_comes_first(now):
    early, late = paid_purchase(now), paid_purchase(now)
    for p, first in ((early, True), (late, False)):
        ask = {
            "order_id": p.order_id,
            "seller": party(party_id=p.seller.organisation_id),
            "goods": 9_500,
            "shipping": 500,
        }
        if first:
            issue(now, **ask)
        facade.refund_order(order_id=p.order_id, reason="sold out", actor=p.seller, now=now)
        if not first:
            issue(now, **ask)
        services.credit_refunds(order_id=p.order_id, actor=SYSTEM, now=now)
        services.credit_refunds(order_id=p.order_id, actor=SYSTEM, now=now)
        invoice, note = facade.list_order_documents(p.order_id)
        assert (note.gross, note.tax) == (-invoice.gross, -invoice.tax)
        assert note.number == "CN-2026-000001"
    assert services.credit_refunds(order_id=new_id(), actor=SYSTEM, now=now) is None


@pytest.mark.django_db
def test_the_marketplace_pays_the_vat_where_it_is_said(now):
    seller = party("CN")
    TaxRemittance.objects.create(seller_id=seller.party_id, country="", remitted_by="PLATFORM")
    TaxRemittance.objects.create(seller_id=seller.party_id, country="FR", remitted_by="SELLER")
    issue(now, seller=seller, ship_to="ES")
    issue(now, seller=seller, ship_to="FR")
    spain, france = Document.objects.order_by("sequence")
    assert (spain.tax_remittance, spain.tax_minor > 0) == ("PLATFORM", True)
    assert (france.tax_remittance, france.tax_minor) == ("", 0)


@pytest.mark.django_db
@pytest.mark.parametrize("invoiced_first", [True, False])
def test_the_platform_withholds_the_vat_it_must_pay_once(now, invoiced_first):
    p = paid_purchase(now)
    seller = party("CN", party_id=p.seller.organisation_id)
    TaxRemittance.objects.create(seller_id=seller.party_id, remitted_by="PLATFORM")
    ask = {"order_id": p.order_id, "seller": seller, "goods": 9_500, "shipping": 500}
    if invoiced_first:
        issue(now, **ask)
    release(p, now)
    if not invoiced_first:
        issue(now, **ask)
    services.withhold_vat(order_id=p.order_id, now=now)
    services.withhold_vat(order_id=p.order_id, now=now)
    assert owed_to(AccountCode.VAT_PAYABLE, "ES", "EUR") == eur(1_736)  # 21 % inside of 100.00
    assert facade.seller_balance(p.seller.organisation_id, "EUR").available == eur(9_240 - 1_736)
    call_command("verify_ledger", stdout=io.StringIO())


@given(st.integers(1, 10**9), st.integers(0, 2_700), st.integers(0, 10**9), st.integers(0, 10**9))
def test_never_more_vat_is_withheld_than_the_invoice_has(gross, rate, released, later):
    tax = tax_inside(eur(gross), rate)
    held = vat_to_withhold(
        tax=tax, gross=eur(gross), released=min(eur(released), eur(gross)), refunded_later=eur(later)
    )
    assert 0 <= held.minor <= tax.minor


@pytest.mark.django_db
def test_fee_statements_of_a_month_once(now):
    p = paid_purchase(now)
    release(p, now)
    month = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        services.issue_fee_statements(month=month, actor=SYSTEM, now=now)
    later = now + timedelta(days=40)
    assert services.issue_fee_statements(month=month, actor=SYSTEM, now=later) == 1
    assert services.issue_fee_statements(month=month, actor=SYSTEM, now=later) == 0
    statement = Document.objects.get()
    assert (statement.gross, statement.recipient_id) == (eur(760), p.seller.organisation_id)
    assert statement.number == "FEE-2026-000001"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_pdf_is_the_same_every_time(now, language):
    from django.utils.translation import override

    issue(now)
    issue(now, ship_to="US")
    with override(language):
        for document in Document.objects.all():
            assert render_pdf(document).startswith(b"%PDF")
            assert render_pdf(document) == render_pdf(document)


@pytest.mark.django_db
def test_documents_are_for_the_people_on_them(now):
    seller, buyer, stranger = world.open_seller(now), world.person(now), world.person(now)
    operator = world.person(now, is_operator=True)
    view = issue(now, seller=party(party_id=seller.organisation_id), buyer=party(party_id=buyer.organisation_id))
    codes = {}
    for name, one in (("seller", seller), ("buyer", buyer), ("stranger", stranger), ("operator", operator)):
        client = Client()
        client.force_login(one.user)
        codes[name] = (
            client.get(f"/documents/{view.document_id}/").status_code,
            client.get(f"/api/v1/payments/documents/{view.document_id}/").status_code,
        )
        if name != "operator":
            shown = view.number in client.get("/documents/").content.decode()
            assert shown is (name != "stranger")
    assert codes == {"seller": (200, 200), "buyer": (200, 200), "stranger": (404, 404), "operator": (200, 200)}
    assert Client().get(f"/documents/{view.document_id}/").status_code == 404
    with pytest.raises(NotFound):
        selectors.get_document_for(new_id(), OPERATOR)


@pytest.mark.django_db
def test_the_yearly_report_counts_by_quarter(now, tmp_path, monkeypatch):
    class Known(parties.NobodyKnown):
        def find_party(self, organisation_id):
            return party(party_id=organisation_id)

    monkeypatch.setattr(parties, "_plugged", Known())
    seller, small = member(new_id()), member(new_id())
    for day in (0, 1, 100):
        moment = now + timedelta(days=day)
        p = paid_purchase(moment, (100_000,), [seller])
        destination(seller, moment)
        release(p, moment)
    release(paid_purchase(now, (5_000,), [small]), now)
    (row,) = selectors.dac7_rows(2026)
    assert row.seller_id == seller.organisation_id
    assert [(q.quarter, q.sales, q.consideration.minor, q.fees.minor) for q in row.quarters] == [
        (1, 2, 184_080, 15_920), (2, 1, 92_040, 7_960),
    ]  # fmt: skip
    assert selectors.dac7_rows(2025) == []
    (line,) = csv.DictReader(io.StringIO(export_dac7([row], 2026, "csv").decode()))
    assert (line["q1_consideration"], line["q2_sales"], line["account"][:2]) == ("1840.80", "1", "ES")
    assert json.loads(export_dac7([row], 2026, "json"))["sellers"][0]["name"] == "Telares Ruiz SL"
    assert b"<q1_sales>2</q1_sales>" in export_dac7([row], 2026, "xml")
    call_command("export_dac7", "2026", output=tmp_path / "report.csv", stdout=io.StringIO())
    assert str(seller.organisation_id) in (tmp_path / "report.csv").read_text()


def test_a_paid_order_has_its_invoice(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    order = world.buy(buyer, world.published(seller, now), now)
    world.outbox.drain(now=now)
    (invoice,) = facade.list_order_documents(order.id)
    assert invoice.gross == order.total
    client = Client()
    client.force_login(buyer.user)
    assert f"/orders/{order.id}/documents/" in client.get(f"/orders/{order.id}/").content.decode()
    assert invoice.number in client.get(f"/orders/{order.id}/documents/").content.decode()


def mixed(now, **changes):
    """An order with oil (4 % in Spain), honey (10 %) and a bowl (21 %), and shipping that follows them."""
    lines = (
        InvoiceLine("Oil", 1, eur(2_000), "olive-oil"), InvoiceLine("Honey", 2, eur(1_000), "honey"),
        InvoiceLine("Bowl", 1, eur(3_000), "tableware"),
    )  # fmt: skip
    return services.issue_invoice(
        request=replace(request(**changes), lines=lines, shipping=eur(601)), actor=SYSTEM, now=now
    )


@pytest.mark.django_db
def test_an_order_of_several_rates_is_taxed_line_by_line_and_shipping_follows_the_goods(now):
    made = mixed(now)
    document = Document.objects.get(id=made.document_id)
    shares = {share["basis_points"]: share for share in document.content["rates"]}
    assert sorted(shares) == [400, 1_000, 2_100]
    assert sum(share["gross"] for share in shares.values()) == made.gross.minor == 6_601
    assert sum(share["tax"] for share in shares.values()) == made.tax.minor
    assert {rate: share["gross"] for rate, share in shares.items()} == {2_100: 3_301, 1_000: 1_100, 400: 2_200}
    assert [line["rate"] for line in document.content["lines"]] == [400, 1_000, 2_100]
    assert made.tax < tax_inside(made.gross, 2_100)
    assert render_pdf(document).startswith(b"%PDF")


@pytest.mark.django_db
def test_another_country_has_its_own_reduced_rates_and_abroad_none(now):
    rates = {
        country: Document.objects.get(id=mixed(now, ship_to=country).document_id).content["rates"]
        for country in ("DE", "US")
    }
    assert [share["basis_points"] for share in rates["DE"]] == [1_900, 700]
    assert [share["basis_points"] for share in rates["US"]] == [0]


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from([0, 400, 550, 1_000, 2_100])), min_size=1, max_size=6),
    st.integers(0, 10**5), st.integers(1, 10**6),
)  # fmt: skip
def test_shares_by_rate_always_sum_up_and_corrections_too(lines, shipping, part):
    shares = shares_by_rate([(eur(minor), rate) for minor, rate in lines], eur(shipping))
    gross, tax = sum(s.gross for s in shares), sum(s.tax for s in shares)
    assert gross == sum(minor for minor, _rate in lines) + shipping
    assert 0 <= tax <= gross
    if not gross:
        return
    taken = credited_tax(gross=eur(gross), tax=eur(tax), before=eur(0), now=eur(min(part, gross)))
    corrected = corrected_shares(shares, gross=-eur(min(part, gross)), tax=-taken)
    assert sum(s.gross for s in corrected) == -min(part, gross)
    assert sum(s.tax for s in corrected) == (-taken.minor if tax else 0)
