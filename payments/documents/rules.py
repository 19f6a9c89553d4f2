"""VAT basics: which rate, who pays it, and what is inside a price. Rates are data (vat_rates.json, basis points).

Sources: EU VAT directive art. 33 (distance sales: the destination's rate), art. 138/196 (businesses with a VAT number
in another member state: reverse charge), art. 14a (the platform as deemed supplier), art. 146 (exports).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

from core.money import Money
from payments.contracts import Party

_EU_CODES = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
EU = frozenset(_EU_CODES.split(" "))
RATES_FILE = Path(__file__).with_name("vat_rates.json")
FULL = 10_000
#: DAC7 (directive 2021/514): sellers with fewer sales and no more money than this are not reported.
DAC7_SALES, DAC7_EUR_MINOR = 30, 2_000_00


class Treatment(StrEnum):
    """Why an invoice has the VAT it has."""

    DOMESTIC = "DOMESTIC"
    DESTINATION = "DESTINATION"
    REVERSE_CHARGE = "REVERSE_CHARGE"
    EXPORT = "EXPORT"
    OUTSIDE = "OUTSIDE"


@dataclass(frozen=True, slots=True)
class Tax:
    """The VAT of a sale. `remitted_by`: SELLER or PLATFORM, empty when there is none to pay."""

    treatment: Treatment
    country: str
    basis_points: int
    remitted_by: str


@lru_cache(maxsize=1)
def _table() -> dict[str, list[dict[str, Any]]]:
    table: dict[str, list[dict[str, Any]]] = json.loads(RATES_FILE.read_text())
    return table


def vat_rate(country: str, *, on: date, postcode: str = "", name: str = "standard") -> int:
    """Basis points of a country's rate on a day; places of their own (Canary Islands) by postcode. 0: no table."""
    found: dict[str, Any] | None = None
    for period in _table().get(country, []):
        if date.fromisoformat(period["from"]) <= on:
            found = period
    if found is None:
        return 0
    for place in found.get("exceptions", []):
        if postcode and re.fullmatch(place["postcode"], postcode.strip()):
            return int(place["standard"])
    return int(found["rates"].get(name, found["rates"]["standard"]))


def is_vat_number(number: str) -> bool:
    """Form and check digits of an EU VAT number (no question to VIES: that never blocks a sale)."""
    try:
        eu_vat.validate(number)
    except ValidationError:
        return False
    return True


def vat_country(number: str) -> str:
    """The member state of a VAT number; Greece writes EL."""
    prefix = number.strip()[:2].upper()
    return "GR" if prefix == "EL" else prefix


def decide_tax(
    *, seller: Party, buyer: Party, ship_to: str, postcode: str, on: date, remitted_by: str, name: str = "standard"
) -> Tax:
    """The VAT of a sale of goods from the seller's country to `ship_to`."""
    if ship_to not in EU:
        abroad = Treatment.EXPORT if seller.country in EU else Treatment.OUTSIDE
        return Tax(abroad, "", 0, "")
    business = bool(buyer.tax_number) and is_vat_number(buyer.tax_number)
    if business and seller.country in EU and vat_country(buyer.tax_number) == ship_to != seller.country:
        return Tax(Treatment.REVERSE_CHARGE, ship_to, 0, "")
    if seller.country not in EU and remitted_by != "PLATFORM":
        return Tax(Treatment.OUTSIDE, "", 0, "")
    rate = vat_rate(ship_to, on=on, postcode=postcode, name=name)
    kind = Treatment.DOMESTIC if seller.country == ship_to else Treatment.DESTINATION
    return Tax(kind, ship_to, rate, remitted_by)


def decide_fee_tax(*, platform: Party, seller: Party | None, on: date) -> Tax:
    """The VAT inside the platform's fees: a service to the seller."""
    if platform.country not in EU or seller is None or seller.country not in EU:
        return Tax(Treatment.OUTSIDE, "", 0, "")
    if seller.country != platform.country and seller.tax_number and is_vat_number(seller.tax_number):
        return Tax(Treatment.REVERSE_CHARGE, seller.country, 0, "")
    return Tax(Treatment.DOMESTIC, platform.country, vat_rate(platform.country, on=on), "PLATFORM")


def tax_inside(gross: Money, basis_points: int) -> Money:
    """The VAT contained in a price that includes it, half up."""
    product = abs(gross.minor) * basis_points
    whole = FULL + basis_points
    tax = (2 * product + whole) // (2 * whole)
    return Money(tax if gross.minor >= 0 else -tax, gross.currency)


@dataclass(frozen=True, slots=True)
class RateShare:
    """What of a document stands at one rate: `tax` is inside `gross`; all in minor units."""

    basis_points: int
    gross: int
    tax: int


def shares_by_rate(lines: Sequence[tuple[Money, int]], shipping: Money) -> tuple[RateShare, ...]:
    """Lines (amount, rate) by rate, the highest first. Shipping is ancillary: it follows the goods in proportion to their
    price (largest remainder), at their rates (CJEU C-349/96, one supply with its accessory).
    """
    totals: dict[int, int] = {}
    for amount, rate in lines:
        totals[rate] = totals.get(rate, 0) + amount.minor
    rates = sorted(totals, reverse=True)
    weights = [totals[rate] for rate in rates]
    parts = shipping.allocate(weights if any(weights) else [1] * len(rates)) if shipping else []
    for rate, part in zip(rates, parts, strict=False):
        totals[rate] += part.minor
    return tuple(
        RateShare(rate, totals[rate], tax_inside(Money(totals[rate], shipping.currency), rate).minor) for rate in rates
    )


def corrected_shares(shares: Sequence[RateShare], *, gross: Money, tax: Money) -> tuple[RateShare, ...]:
    """A correction by `gross` with `tax` inside, over the rates of what it corrects; sums are exact."""
    parts = gross.allocate([share.gross for share in shares])
    taxed = [share.tax for share in shares]
    taxes = tax.allocate(taxed) if any(taxed) else [Money.zero(tax.currency)] * len(shares)
    return tuple(
        RateShare(share.basis_points, part.minor, inside.minor)
        for share, part, inside in zip(shares, parts, taxes, strict=True)
    )


def credited_tax(*, gross: Money, tax: Money, before: Money, now: Money) -> Money:
    """The VAT of a correction by `now` after corrections of `before`: all together they never exceed the invoice's."""

    def share(part: Money) -> int:
        return (2 * tax.minor * part.minor + gross.minor) // (2 * gross.minor) if gross.minor else 0

    return Money(share(before + now) - share(before), gross.currency)


def vat_to_withhold(*, tax: Money, gross: Money, released: Money, refunded_later: Money) -> Money:
    """The VAT inside what the seller kept of a sale, half up: what the platform must hold for the tax office."""
    kept = max(released.minor - refunded_later.minor, 0)
    return Money((2 * tax.minor * kept + gross.minor) // (2 * gross.minor) if gross.minor else 0, tax.currency)


def is_reportable(*, sales: int, eur_minor: int) -> bool:
    """DAC7: everybody but sellers with fewer than 30 sales that together are no more than 2,000 EUR."""
    return not (sales < DAC7_SALES and eur_minor <= DAC7_EUR_MINOR)
