"""Numbers on parcels and the keeping of promises. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

SSCC_DEMO_PREFIX: Final = "09999999"
"""Extension digit 0 and a prefix nobody is licensed for: these units are marked as demo (GS1)."""

S10_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
WAYBILL_COUNTRY: Final = "XL"
"""XL is an ISO 3166 user-assigned code: the waybill looks like UPU S10 but claims no postal operator."""

SERIALS: Final = 10**8
SCRAMBLE: Final = 61_803_399
SERVICE_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def s10_check_digit(serial: str) -> int:
    """UPU S10: 11 - (weighted sum mod 11), where 10 becomes 0 and 11 becomes 5."""
    if len(serial) != 8 or not serial.isdigit():
        raise ValueError("An S10 serial has eight digits")
    check = 11 - sum(int(digit) * weight for digit, weight in zip(serial, S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(check, check)


def waybill_number(sequence: int) -> str:
    """The platform's waybill for the n-th parcel: L + letter, eight digits, check digit, XL.

    The serial is scrambled (a bijection), so that neighbours in the sequence are not neighbours in number.
    """
    block, position = divmod(sequence, SERIALS)
    serial = f"{position * SCRAMBLE % SERIALS:08d}"
    return f"L{SERVICE_LETTERS[block]}{serial}{s10_check_digit(serial)}{WAYBILL_COUNTRY}"


def is_waybill(text: str) -> bool:
    """True for a well-formed waybill with a right check digit."""
    return (
        len(text) == 13 and text[0] == "L" and text[11:] == WAYBILL_COUNTRY and text[2:11].isdigit()
        and text.isascii() and int(text[10]) == s10_check_digit(text[2:10])
    )  # fmt: skip


def gs1_check_digit(digits: str) -> int:
    """GS1 mod 10 with weights 3 and 1 from the right."""
    return -sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits))) % 10


def sscc(sequence: int) -> str:
    """SSCC-18 of the n-th logistic unit, under the demo prefix."""
    body = f"{SSCC_DEMO_PREFIX}{sequence:09d}"
    if len(body) != 17:
        raise ValueError("The SSCC serials are used up")
    return f"{body}{gs1_check_digit(body)}"


def is_manifest(text: str) -> bool:
    """True when a scanner read, or a person typed, the number of a manifest and not of a parcel."""
    return text.strip().upper().removeprefix("]C0").startswith("MF")


SYMBOLOGY_MARKS: Final = ("]C1", "]D2", "]E0", "]Q3")


def number_on_label(text: str) -> str:
    """The SSCC or the waybill in what a scanner read or a person typed: blanks, brackets, FNC1 and scanner marks apart.

    An element string that begins with AI 00 gives its SSCC.
    """
    plain = "".join(letter for letter in text.upper() if letter.isalnum() or letter == "]")
    for mark in SYMBOLOGY_MARKS:
        plain = plain.removeprefix(mark)
    unit = plain[2:20]
    return unit if plain.startswith("00") and len(unit) == 18 and unit.isdigit() else plain[:40]


def masked_phone(phone: str) -> str:
    """All but the last three digits hidden, so that a label tells the courier enough and a passer-by little."""
    digits = [character for character in phone if character.isdigit()]
    return f"*** *** {''.join(digits[-3:])}" if len(digits) >= 6 else ""


CUSTOMS_UNION: Final = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MC",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
"""The European Union and Monaco: goods move without papers among them (Union Customs Code, art. 4)."""


def crosses_customs(origin: str, destination: str) -> bool:
    """True when a parcel between these countries passes a customs border."""
    return origin != destination and not {origin, destination} <= CUSTOMS_UNION


def is_promise_kept(*, delivered_at: datetime, promised_latest: date, time_zone: str) -> bool:
    """True when the parcel arrived on or before the last promised day, by the recipient's calendar."""
    return delivered_at.astimezone(ZoneInfo(time_zone)).date() <= promised_latest


def days_late(*, delivered_at: datetime, promised_latest: date, time_zone: str) -> int:
    """Whole days after the last promised one, by the recipient's calendar; 0 when kept."""
    return max((delivered_at.astimezone(ZoneInfo(time_zone)).date() - promised_latest).days, 0)


def liable_for_delay(*, handed_over_at: datetime | None, ship_by: datetime) -> str:
    """SELLER when the carrier got the parcel after the moment the promise was built on, else CARRIER."""
    return "SELLER" if handed_over_at is not None and handed_over_at > ship_by else "CARRIER"
