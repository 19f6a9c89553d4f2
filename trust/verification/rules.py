"""Checks of a submitted business profile the operator sees before deciding."""

from __future__ import annotations

from dataclasses import dataclass

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

MINIMUM_REGISTRATION_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Check:
    """`passed` None: there is nothing to check, the operator judges."""

    name: str
    passed: bool | None
    value: str


def vat_number_fits(country: str, vat_number: str) -> bool | None:
    """Whether the number has the form and check digits of its country's VAT numbers; None when that is unknown."""
    module = get_cc_module(country.lower(), "vat")
    if not vat_number or module is None:
        return None
    try:
        module.validate(vat_number)
    except ValidationError:
        return False
    return True


def profile_checks(*, country: str, legal_name: str, registration_number: str, vat_number: str) -> tuple[Check, ...]:
    """What can be said about a profile without asking anyone outside."""
    registered = len(registration_number.strip()) >= MINIMUM_REGISTRATION_LENGTH
    return (
        Check("legal_name", bool(legal_name.strip()), legal_name),
        Check("registration_number", registered, registration_number),
        Check("vat_number", vat_number_fits(country, vat_number), vat_number),
        Check("country", len(country) == 2 and country.isalpha(), country),
    )
