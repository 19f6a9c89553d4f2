"""Pure rules of how a listing is sold: minimum quantity, packs, prices by quantity, and the prior price of a reduction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.money import Money
from marketplace.contracts import PriceTier, QuantityRefused, SellingTerms

MAX_TIERS: Final = 6
MAX_MINIMUM: Final = 999
"""A cart line holds no more."""

PRIOR_WINDOW: Final = timedelta(days=30)
"""Directive 98/6/EC, art. 6a (2): not shorter than 30 days before the reduction."""

UNITS: Final = ("PIECE", "PAIR", "SET", "BOX", "METRE", "KILOGRAM", "LITRE")


def checked_terms(terms: SellingTerms, *, price: Money, max_handling_days: int) -> dict[str, Any]:
    """The column values of terms. Raises InvalidInput naming `min_quantity`, `pack_size`, `unit` or `tiers`.

    Tiers rise in quantity and fall in price, so that more is never dearer.
    """
    for name in ("min_quantity", "pack_size"):
        if not 1 <= getattr(terms, name) <= MAX_MINIMUM:
            bounds = {"low": 1, "high": MAX_MINIMUM}
            raise InvalidInput(
                "This number is out of range.", field=name, remedy=_("Between %(low)s and %(high)s.") % bounds
            )
    if terms.min_quantity % terms.pack_size:
        raise InvalidInput(
            "The minimum is not a whole number of packs.", field="min_quantity",
            remedy=_("Choose a multiple of %(pack)s.") % {"pack": terms.pack_size},
        )  # fmt: skip
    if terms.unit not in UNITS:
        raise InvalidInput("Unknown unit.", field="unit", remedy=", ".join(UNITS))
    if len(terms.tiers) > MAX_TIERS:
        raise InvalidInput("Too many steps.", field="tiers", remedy=_("At most %(n)s.") % {"n": MAX_TIERS})
    quantity, above = terms.min_quantity, price
    for tier in terms.tiers:
        _check_tier(tier, quantity=quantity, above=above, pack=terms.pack_size, max_days=max_handling_days)
        quantity, above = tier.from_quantity, tier.price
    return {
        "min_quantity": terms.min_quantity, "pack_size": terms.pack_size, "unit": terms.unit,
        "tiers": [
            {"from": tier.from_quantity, "minor": tier.price.minor, "days": tier.handling_days} for tier in terms.tiers
        ],
    }  # fmt: skip


def _check_tier(tier: PriceTier, *, quantity: int, above: Money, pack: int, max_days: int) -> None:
    if not quantity < tier.from_quantity <= MAX_MINIMUM:
        raise InvalidInput(
            "Steps must rise in quantity.", field="tiers",
            remedy=_("More than %(low)s and at most %(high)s.") % {"low": quantity, "high": MAX_MINIMUM},
        )  # fmt: skip
    if tier.from_quantity % pack:
        raise InvalidInput(
            "A step is not a whole number of packs.", field="tiers",
            remedy=_("Choose a multiple of %(pack)s.") % {"pack": pack},
        )  # fmt: skip
    if tier.price.currency != above.currency or not 0 < tier.price.minor < above.minor:
        raise InvalidInput("Steps must fall in price.", field="tiers", remedy=_("Below %(above)s.") % {"above": above})
    if tier.handling_days is not None and not 0 <= tier.handling_days <= max_days:
        raise InvalidInput(
            "This number is out of range.", field="tiers",
            remedy=_("Between %(low)s and %(high)s.") % {"low": 0, "high": max_days},
        )  # fmt: skip


def tiers_of(stored: Sequence[Mapping[str, Any]], currency: str) -> tuple[PriceTier, ...]:
    """Stored steps as values."""
    return tuple(PriceTier(tier["from"], Money(tier["minor"], currency), tier["days"]) for tier in stored)


def price_for(*, quantity: int, price: Money, tiers: Sequence[PriceTier]) -> Money:
    """What one piece costs when so many are bought; a reduced price below a step's wins."""
    reached = [tier.price for tier in tiers if tier.from_quantity <= quantity]
    return min([price, *reached])


def handling_days_for(*, quantity: int, days: int, tiers: Sequence[PriceTier]) -> int:
    """How long so many take to get ready: what the largest step reached says, else the listing."""
    said = [tier.handling_days for tier in tiers if tier.from_quantity <= quantity and tier.handling_days is not None]
    return said[-1] if said else days


def quantity_problem(*, quantity: int, min_quantity: int, pack_size: int) -> str:
    """Empty, BELOW_MINIMUM or NOT_IN_PACKS."""
    if quantity < min_quantity:
        return "BELOW_MINIMUM"
    return "NOT_IN_PACKS" if quantity % pack_size else ""


def check_quantity(*, quantity: int, min_quantity: int, pack_size: int, field: str = "quantity") -> None:
    """Raises QuantityRefused naming what would be sold."""
    problem = quantity_problem(quantity=quantity, min_quantity=min_quantity, pack_size=pack_size)
    if problem == "BELOW_MINIMUM":
        raise QuantityRefused(
            _("The seller's minimum is %(n)s.") % {"n": min_quantity}, field=field,
            remedy=_("Choose %(n)s or more.") % {"n": min_quantity},
        )  # fmt: skip
    if problem:
        lower = quantity // pack_size * pack_size
        around = {"lower": max(lower, min_quantity), "higher": lower + pack_size}
        raise QuantityRefused(
            _("Sold in packs of %(n)s.") % {"n": pack_size}, field=field,
            remedy=_("Choose %(lower)s or %(higher)s.") % around,
        )  # fmt: skip


def prior_price(*, history: Sequence[tuple[datetime, int]], starts_at: datetime) -> int | None:
    """The lowest price of the 30 days before a reduction that starts at `starts_at`, in minor units; None: there was none.

    `history`: (from when, price), oldest first; a price is in force until the next. The one in force when the window opens
    counts; what was on sale for less than 30 days counts since its first price (Directive 98/6/EC, art. 6a; the CJEU in
    C-330/23 has the percentage computed from this price).
    """
    opens = starts_at - PRIOR_WINDOW
    before = [(at, minor) for at, minor in history if at < starts_at]
    in_force = [minor for at, minor in before if at <= opens][-1:]
    return min([*in_force, *(minor for at, minor in before if at > opens)], default=None)


def reduction_percent(*, prior_minor: int, price_minor: int) -> int:
    """Whole per cent from the prior price, rounded down: never more than the law lets us say."""
    return (prior_minor - price_minor) * 100 // prior_minor
