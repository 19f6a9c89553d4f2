"""From entries to lines: batches split, amounts made exact, references found. Pure functions."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from stdnum import iso11649

from core.money import CURRENCIES, Money, MoneyError
from payments.reconciliation.messages import Amount, Detail, EntryFact, StatementFact

BOOKED = "BOOK"
NO_REFERENCE = {"", "NOTPROVIDED", "NONREF", "NOTPROVIDED.", "NONE"}
SHORTEST_REFERENCE = 5
_HEX = re.compile(r"^[0-9a-f]{32}$", re.IGNORECASE)
_REFERENCE = re.compile(r"RF\s?\d\s?\d(?:\s?[0-9A-Z]){1,21}")


@dataclass(frozen=True, slots=True)
class LineFact:
    """One movement, ready to be stored. `detail` is None for an entry without details, or one that does not split."""

    amount: Money
    entry: EntryFact
    detail: Detail | None
    fingerprint: str
    is_charge: bool = False


def to_money(amount: Amount) -> Money | None:
    """Exact money; None for an unknown currency or more decimals than the currency has (8.850 EUR is exact)."""
    if amount.currency not in CURRENCIES:
        return None
    try:
        return Money.from_decimal(amount.value, amount.currency)
    except MoneyError:
        return None


def lines_of(statement: StatementFact, kind: str) -> Iterator[LineFact]:
    """The booked lines of a statement with their fingerprints; equal movements of one statement stay apart."""
    seen: Counter[str] = Counter()
    for entry in statement.entries:
        if entry.status not in (BOOKED, ""):
            continue
        for amount, detail, is_charge in split_entry(entry):
            if not amount:
                continue
            base = _identity(statement, entry, detail, amount, is_charge=is_charge)
            seen[base] += 1
            digest = hashlib.sha256(f"{base}|{seen[base]}".encode()).hexdigest()
            yield LineFact(amount, entry, detail, digest, is_charge)


def count_skipped(statement: StatementFact) -> int:
    """Entries that are not booked yet, or whose amount cannot be kept exactly."""
    return sum(1 for e in statement.entries if e.status not in (BOOKED, "") or to_money(e.amount) is None)


def split_entry(entry: EntryFact) -> list[tuple[Money, Detail | None, bool]]:
    """An entry's movements: (amount, detail, is a charge). They add up to the entry exactly.

    One detail: the entry's own amount counts, whatever the detail says (it may be the amount before an exchange).
    Several: their amounts in the account's currency, if they add up; one silent detail gets the remainder; charges
    that explain the difference become a line of their own. Otherwise the batch stays whole.
    """
    whole = to_money(entry.amount)
    if whole is None:
        return []
    if len(entry.details) <= 1:
        return [(whole, entry.details[0] if entry.details else None, False)]
    known = [_detail_money(detail, whole.currency) for detail in entry.details]
    silent = [index for index, amount in enumerate(known) if amount is None]
    total = sum(amount.minor for amount in known if amount is not None)
    if len(silent) == 1 and (whole.minor - total) * whole.minor > 0:
        known[silent[0]] = Money(whole.minor - total, whole.currency)
        silent, total = [], whole.minor
    if silent:
        return [(whole, None, False)]
    parts: list[tuple[Money, Detail | None, bool]] = [
        (amount, detail, False) for amount, detail in zip(known, entry.details, strict=True) if amount is not None
    ]
    rest = whole.minor - total
    if not rest:
        return parts
    charges = [*entry.charges, *(charge for detail in entry.details for charge in detail.charges)]
    if rest == sum(_minor_of(charge, whole.currency) for charge in charges):
        return [*parts, (Money(rest, whole.currency), None, True)]
    return [(whole, None, False)]


def _detail_money(detail: Detail, currency: str) -> Money | None:
    for candidate in detail.candidates:
        money = to_money(candidate) if candidate.currency == currency else None
        if money:
            return money
    return None


def _minor_of(amount: Amount, currency: str) -> int:
    money = to_money(amount) if amount.currency == currency else None
    return money.minor if money else 0


def _identity(
    statement: StatementFact, entry: EntryFact, detail: Detail | None, amount: Money, *, is_charge: bool
) -> str:
    """What makes a movement the same one in another message. Without the bank's reference, only within its statement."""
    refs = detail.refs if detail else {}
    bank_ref = refs.get("AcctSvcrRef") or entry.servicer_ref
    anchor = bank_ref if is_given(bank_ref) else f"{statement.statement_id}:{statement.page}"
    parts = [
        anchor, amount.minor, amount.currency, entry.booked_on, end_to_end_id(detail), refs.get("TxId", ""),
        ",".join(detail.creditor_references) if detail else "", is_charge, entry.is_reversal,
    ]  # fmt: skip
    return "|".join(str(part) for part in parts)


def is_given(reference: str) -> bool:
    return reference.strip().upper() not in NO_REFERENCE


def end_to_end_id(detail: Detail | None) -> str:
    reference = detail.refs.get("EndToEndId", "") if detail else ""
    return reference if is_given(reference) else ""


def order_id_of(reference: str) -> UUID | None:
    """Our payout's or refund's id, from an EndToEndId with or without hyphens."""
    compact = reference.replace("-", "").strip()
    return UUID(compact) if _HEX.match(compact) else None


def reference_candidates(texts: Iterable[str]) -> list[str]:
    """Valid ISO 11649 references, in structured fields or anywhere in what the payer typed, the longest first.

    Words may follow a reference without a gap we could see, and by luck (one in 97) still fit its check digits: every
    valid beginning is a candidate, and the caller knows which one it gave out.
    """
    found: dict[str, None] = {}
    for text in texts:
        for match in _REFERENCE.findall(text.upper()):
            compact = re.sub(r"\s", "", match)
            for end in range(len(compact), SHORTEST_REFERENCE - 1, -1):
                if iso11649.is_valid(compact[:end]):
                    found[compact[:end]] = None
    return list(found)


def texts_of(entry: EntryFact, detail: Detail | None) -> list[str]:
    """Everything people or banks wrote about a movement."""
    if detail is None:
        return [entry.text] if entry.text else []
    return [*detail.creditor_references, *detail.texts, *filter(None, [detail.return_text, entry.text])]


def counterparty(detail: Detail | None, *, incoming: bool) -> tuple[str, str]:
    """(name, account) of the other side: who paid us, or whom we paid; the ultimate one lends its name."""
    if detail is None:
        return "", ""
    by_role = {party.role: party for party in detail.parties}
    side, ultimate = ("Dbtr", "UltmtDbtr") if incoming else ("Cdtr", "UltmtCdtr")
    main = by_role.get(side)
    name = (main.name if main else "") or (by_role[ultimate].name if ultimate in by_role else "")
    return name, main.account if main else ""


def balance_minor(statement: StatementFact, codes: Sequence[str]) -> Money | None:
    """The first balance with one of the codes, in the order asked."""
    for code in codes:
        for balance in statement.balances:
            if balance.code == code:
                return to_money(balance.amount)
    return None


def opening(statement: StatementFact) -> Money | None:
    """Opening booked, or the previous closing booked."""
    return balance_minor(statement, ("OPBD", "PRCD"))


def closing(statement: StatementFact) -> Money | None:
    return balance_minor(statement, ("CLBD",))


def balance_difference(statement: StatementFact) -> Money | None:
    """Closing minus opening minus the booked entries; zero is right. None without both balances in one currency."""
    start, end = opening(statement), closing(statement)
    if start is None or end is None or start.currency != end.currency:
        return None
    moved = Decimal(0)
    for entry in statement.entries:
        if entry.status in (BOOKED, ""):
            if entry.amount.currency != start.currency:
                return None
            moved += entry.amount.value
    total = to_money(Amount(moved, start.currency))
    return None if total is None else end - start - total
