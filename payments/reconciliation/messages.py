"""What a camt message says, as plain values: the language between the reader and the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """As written: a decimal with up to five places, and the currency's letters. Never a float."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Balance:
    """`code`: OPBD, CLBD, PRCD, OPAV, CLAV, FWAV, INFO, ITAV, ITBD, XPCD or the bank's own. Negative: we owe."""

    code: str
    amount: Amount
    on: date | None


@dataclass(frozen=True, slots=True)
class PartyAccount:
    """A party with its account. `role`: Dbtr, Cdtr, UltmtDbtr, UltmtCdtr, InitgPty, …; `ids`: its identifications."""

    role: str
    name: str = ""
    account: str = ""
    ids: tuple[str, ...] = ()
    country: str = ""
    address: tuple[str, ...] = ()
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """One transaction of an entry (TxDtls). Amounts keep the sign the detail gives; None when it is silent."""

    amount: Amount | None = None
    candidates: tuple[Amount, ...] = ()
    refs: dict[str, str] = field(default_factory=dict)
    parties: tuple[PartyAccount, ...] = ()
    creditor_references: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    charges: tuple[Amount, ...] = ()
    return_code: str = ""
    return_text: str = ""
    bank_code: str = ""
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryFact:
    """A booked or pending movement (Ntry): positive came in. `is_reversal`: it undoes an earlier one."""

    amount: Amount
    status: str
    is_reversal: bool
    booked_on: date | None
    value_on: date | None
    servicer_ref: str
    entry_ref: str
    bank_code: str
    text: str
    charges: tuple[Amount, ...]
    batch_id: str
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class StatementFact:
    """A Stmt, Rpt or Ntfctn. `account`: the IBAN, or the bank's own number."""

    statement_id: str
    page: str
    account: str
    account_name: str
    account_currency: str
    created_at: datetime | None
    from_at: datetime | None
    to_at: datetime | None
    sequence: str
    is_copy: str
    balances: tuple[Balance, ...]
    entries: tuple[EntryFact, ...]
    text: str


@dataclass(frozen=True, slots=True)
class MessageFact:
    """A whole message. `kind`: camt.052, camt.053 or camt.054; `version`: two digits."""

    kind: str
    version: str
    message_id: str
    created_at: datetime | None
    statements: tuple[StatementFact, ...]
