"""What carriers and countries say about goods that need care. Pure.

A country's prohibition stands above every carrier's word. Otherwise the nearest rule decides: the service's own, else its
carrier's, else the one for all carriers. Without a rule a parcel is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from logistics.contracts import HandlingMark, RejectionReason

MARK_WORDS: Final = {
    HandlingMark.DANGEROUS: _("Dangerous"), HandlingMark.FRAGILE: _("Fragile"),
    HandlingMark.PERISHABLE: _("Perishable"), HandlingMark.HIGH_VALUE: _("Of high value"),
}  # fmt: skip
NOT_TAKEN: Final = {
    HandlingMark.DANGEROUS: RejectionReason.DANGEROUS_NOT_TAKEN,
    HandlingMark.FRAGILE: RejectionReason.FRAGILE_NOT_TAKEN,
    HandlingMark.PERISHABLE: RejectionReason.PERISHABLE_NOT_TAKEN,
    HandlingMark.HIGH_VALUE: RejectionReason.HIGH_VALUE_NOT_TAKEN,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Of a carrier (empty: any), a service (empty: all of its), or a country that lets such goods in (empty: any).

    `most_days`: taken only where the parcel is there within so many working days nine times in ten; 0: however long it takes.
    """

    mark: HandlingMark
    carrier_code: str
    service_code: str
    country: str
    is_taken: bool
    most_days: int = 0


def refusal(
    rules: Iterable[Rule], marks: Iterable[HandlingMark], *, carrier: str, service: str, origin: str, destination: str,
    latest_days: int,
) -> RejectionReason | None:  # fmt: skip
    """Why a service does not take goods with these marks from one country to another; None when it does."""
    known = list(rules)
    for mark in sorted(marks):
        fitting = [
            rule for rule in known
            if rule.mark is mark and rule.carrier_code in ("", carrier) and rule.service_code in ("", service)
        ]  # fmt: skip
        if origin != destination and any(rule.country == destination and not rule.is_taken for rule in fitting):
            return RejectionReason.COUNTRY_PROHIBITS
        nearest = max(
            (rule for rule in fitting if not rule.country),
            key=lambda rule: (bool(rule.service_code), bool(rule.carrier_code)), default=None,
        )  # fmt: skip
        if nearest is not None and (not nearest.is_taken or 0 < nearest.most_days < latest_days):
            return NOT_TAKEN[mark]
    return None
