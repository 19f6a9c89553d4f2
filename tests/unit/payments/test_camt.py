"""The reader of bank statements: versions, batches, charges, odd dates, references; and what it refuses."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from core.money import Money
from payments.reconciliation.camt import MAX_BYTES, InvalidStatement, read_message
from payments.reconciliation.messages import Amount
from payments.reconciliation.rules import (
    balance_difference,
    counterparty,
    end_to_end_id,
    lines_of,
    order_id_of,
    reference_candidates,
    split_entry,
    to_money,
)
from tests.factories.bank import entry, statement, tx

NS = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."


def read(*entries, **options):
    return read_message(statement(*entries, **options)).statements[0]


def lines(*entries, **options):
    return [line.amount.minor for line in lines_of(read(*entries, **options), "camt.053")]


@pytest.mark.parametrize("version", ["02", "03", "04", "08", "13"])
def test_every_version_is_read(version):
    content = statement(entry("8.85", tx("E2E", name="Ana", iban="X1"))).replace(
        b"053.001.08", f"053.001.{version}".encode()
    )
    message = read_message(content)
    assert (message.kind, message.version) == ("camt.053", version)
    assert message.statements[0].entries[0].details[0].refs["EndToEndId"] == "E2E"


def test_parties_one_level_deeper_in_later_versions_and_the_ultimate_ones():
    for wrap in ("{}", "<Pty>{}</Pty>", "<Agt><FinInstnId>{}</FinInstnId></Agt>"):
        detail = f"<TxDtls><RltdPties><Dbtr>{wrap.format('<Nm>Bea</Nm>')}</Dbtr></RltdPties></TxDtls>"
        fact = read(entry("1.00", detail)).entries[0].details[0]
        assert counterparty(fact, incoming=True) == ("Bea", "")
    detail = "<TxDtls><RltdPties><UltmtDbtr><Nm>Mother</Nm></UltmtDbtr><DbtrAcct><Id><Othr><Id>77</Id></Othr></Id></DbtrAcct></RltdPties></TxDtls>"
    assert counterparty(read(entry("1.00", detail)).entries[0].details[0], incoming=True) == ("Mother", "77")


@pytest.mark.parametrize(
    ("text", "moment"),
    [("2025-07-24T06:10:29.000000000", datetime(2025, 7, 24, 6, 10, 29, tzinfo=UTC)),
     ("2015-03-10T18:43:50+01:00", datetime(2015, 3, 10, 17, 43, 50, tzinfo=UTC)),
     ("2025-07-24", datetime(2025, 7, 24, tzinfo=UTC))],
)  # fmt: skip
def test_dates_as_banks_write_them(text, moment):
    content = statement().replace(b"2026-03-02T18:00:00Z", text.encode())
    assert read_message(content).created_at == moment


def test_a_day_may_come_as_a_moment():
    raw = entry("1.00").replace("<Dt>2026-03-02</Dt>", "<DtTm>2026-03-02T23:30:00+01:00</DtTm>")
    assert read(raw).entries[0].booked_on == date(2026, 3, 2)


def test_amounts_are_exact_or_nothing():
    assert to_money(Amount(Decimal("8.850"), "EUR")) == Money(885, "EUR")
    assert to_money(Amount(Decimal("8.85012"), "EUR")) is None
    assert to_money(Amount(Decimal(2700), "JPY")) == Money(2700, "JPY")
    assert to_money(Amount(Decimal("1.234"), "KWD")) == Money(1234, "KWD")
    assert to_money(Amount(Decimal(1), "XXX")) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (entry("10.00"), [1000]),
        (entry("-10.00", tx(amount="3.00"), tx(amount="7.00")), [-300, -700]),
        (entry("10.00", tx(amount="3.00"), tx()), [300, 700]),  # one is silent: the remainder
        (entry("10.00", tx(), tx()), [1000]),  # both are: the batch stays whole
        (entry("10.00", tx(amount="3.00"), tx(amount="4.00")), [1000]),  # they do not add up
        (entry("10.00", tx(amount="99.00")), [1000]),  # one detail: the account's amount counts
        (entry("9.00", tx(amount="3.00"), tx(amount="7.00"),
               extra='<Chrgs><Amt Ccy="EUR">1.00</Amt></Chrgs>'), [300, 700, -100]),
        (entry("9.00", tx(amount="3.00"), tx(amount="7.00", extra='<Chrgs><Rcrd><Amt Ccy="EUR">1.00</Amt>'
               "<CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>")), [300, 700, -100]),
        (entry("5.00", status="PDNG"), []),
        (entry("5.00").replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>"), [500]),
        (entry("5.00", reversal=True), [500]),
    ],
)  # fmt: skip
def test_entries_become_lines(raw, expected):
    assert lines(raw) == expected


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_the_lines_of_an_entry_always_add_up_to_it(parts, outgoing, silent):
    total = sum(parts)
    texts = [f"{part / 100:.2f}" for part in parts]
    details = [tx(amount="" if silent and index == 0 else text) for index, text in enumerate(texts)]
    fact = read(entry(f"{'-' if outgoing else ''}{total / 100:.2f}", *details)).entries[0]
    assert sum(amount.minor for amount, _, _ in split_entry(fact)) == (-total if outgoing else total)


def test_equal_movements_of_one_statement_stay_apart_and_are_known_elsewhere():
    twice = [line.fingerprint for line in lines_of(read(entry("5.00", ref="A"), entry("5.00", ref="A")), "camt.053")]
    other = [line.fingerprint for line in lines_of(read(entry("5.00", ref="A"), number="S2"), "camt.053")]
    assert len(set(twice)) == 2
    assert other == twice[:1]
    nameless = [next(lines_of(read(entry("5.00"), number=number), "camt.053")).fingerprint for number in ("S1", "S2")]
    assert len(set(nameless)) == 2


def test_balances_are_checked():
    assert balance_difference(read(entry("5.00"), opening="10.00", closing="15.00")) == Money(0, "EUR")
    assert balance_difference(read(entry("5.00"), opening="10.00", closing="14.00")) == Money(-100, "EUR")
    assert balance_difference(read(entry("5.00"), opening="10.00")) is None


@given(st.from_regex(r"[0-9A-Z]{1,21}", fullmatch=True), st.sampled_from(["{}", "order {} thanks", "{}.", "ref:{}"]))
def test_references_are_found_in_what_people_type(body, pattern):
    digits = "".join(str("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter)) for letter in body + "RF00")
    reference = f"RF{98 - int(digits) % 97:02d}{body}"
    assert iso11649.is_valid(reference)
    spaced = " ".join(reference[i : i + 4] for i in range(0, len(reference), 4))
    for text in (reference, spaced.lower()):
        assert reference in reference_candidates([pattern.format(text)])


def test_our_ids_come_back_with_and_without_hyphens():
    known = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
    assert str(order_id_of(known)) == str(order_id_of(known.replace("-", "").upper())) == known
    assert order_id_of("INVOICE 7") is None
    assert end_to_end_id(read(entry("1.00", tx("NOTPROVIDED"))).entries[0].details[0]) == ""


@pytest.mark.parametrize(
    "content",
    [b"<x", b"<Document/>", statement().replace(b"<Acct>", b"<Acc>").replace(b"</Acct>", b"</Acc>"),
     b'<!DOCTYPE a [<!ENTITY x "y">]>' + statement(entry("1.00"))[21:], b" " * (MAX_BYTES + 1),
     statement(entry("1.00").replace(">1.00<", ">NaN<")), statement(entry("1.00").replace(">1.00<", ">-1.00<")),
     statement(entry("1.00").replace(">1.00<", "><"))],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(content):
    with pytest.raises(InvalidStatement):
        read_message(content)


def test_entities_are_never_loaded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("42.00")
    bomb = f'<!DOCTYPE D [<!ENTITY e SYSTEM "file://{secret}">]>'.encode() + statement(entry("1.00")).split(b"?>", 1)[1]
    with pytest.raises(InvalidStatement):
        read_message(bomb.replace(b">1.00<", b">&e;<"))
