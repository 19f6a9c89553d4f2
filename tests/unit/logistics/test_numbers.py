"""Check digits, waybills, masked phones, promise keeping."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.shipments.rules import (
    gs1_check_digit,
    is_promise_kept,
    is_waybill,
    masked_phone,
    s10_check_digit,
    sscc,
    waybill_number,
)  # fmt: skip


@pytest.mark.parametrize(("serial", "check"), [("00071761", 8), ("47312482", 9)])
def test_s10_check_digit_of_published_examples(serial, check):
    assert s10_check_digit(serial) == check


@given(st.integers(0, 23 * 10**8))
def test_waybills_are_well_formed(sequence):
    assert is_waybill(waybill_number(sequence))


def test_waybills_do_not_collide_and_a_wrong_digit_is_seen():
    numbers = {waybill_number(n) for n in range(5_000)}
    assert len(numbers) == 5_000
    number = waybill_number(7)
    wrong = number[:2] + str((int(number[2]) + 1) % 10) + number[3:]
    assert not is_waybill(wrong)
    for text in ("", "LX", "RR123456785ES", "L" * 13, "LA١٢٣٤٥٦٧٨9XL"):
        assert not is_waybill(text)


def test_gs1_check_digit_and_sscc():
    assert gs1_check_digit("629104150021") == 3  # GS1's published GTIN-13 example
    unit = sscc(1_000)
    assert len(unit) == 18
    assert unit.startswith("09999999")
    assert gs1_check_digit(unit[:-1]) == int(unit[-1])


def test_phones_are_masked():
    assert masked_phone("+34 600 111 222") == "*** *** 222"
    assert masked_phone("12") == ""


def test_promises_are_judged_by_the_recipients_calendar():
    at = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
    assert is_promise_kept(delivered_at=at, promised_latest=date(2026, 3, 5), time_zone="UTC")
    assert not is_promise_kept(delivered_at=at, promised_latest=date(2026, 3, 5), time_zone="Europe/Madrid")
