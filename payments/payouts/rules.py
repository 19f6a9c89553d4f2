"""Bank accounts: checked and masked."""

from __future__ import annotations

from stdnum import iban as stdnum_iban
from stdnum.exceptions import ValidationError

from payments.contracts import InvalidIban


def normalise_iban(text: str) -> str:
    """The compact IBAN (ISO 13616; check digits and national structure). Raises InvalidIban."""
    try:
        return str(stdnum_iban.validate(text))
    except ValidationError:
        raise InvalidIban(field="iban") from None


def mask_iban(iban: str) -> str:
    """Country and the last four: ES•• •••• 1332."""
    return f"{iban[:2]}•• •••• {iban[-4:]}"
