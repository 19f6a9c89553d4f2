"""Reads camt.052, camt.053 and camt.054 of any version (ISO 20022) into plain values.

Elements are found by their local names: between versions names move one level (Pty in parties, Cd in the status) far
more often than they change meaning, and one reader for all of them is easier to trust than one for each. The parser
resolves no entities, loads no DTD, opens no network and bounds the size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from payments.reconciliation.messages import (
    Amount,
    Balance,
    Detail,
    EntryFact,
    MessageFact,
    PartyAccount,
    StatementFact,
)
from payments.reconciliation.xml import (
    MAX_BYTES,
    InvalidStatement,
    child_of,
    children_of,
    first_of,
    first_text,
    local_name,
    own_text,
    parse_xml,
    text_of,
)

_ROOTS = {
    "BkToCstmrAcctRpt": ("camt.052", "Rpt"),
    "BkToCstmrStmt": ("camt.053", "Stmt"),
    "BkToCstmrDbtCdtNtfctn": ("camt.054", "Ntfctn"),
}
_VERSION = re.compile(r"camt\.05[234]\.001\.(\d\d)")
#: At most 18 digits (ISO 20022), a sign or an exponent never.
_NUMBER = re.compile(r"^(?=(?:\.?\d){1,18}\.?$)\d*\.?\d*$")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_PARTY_ROLES = ("Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr", "InitgPty", "TradgPty")
_AGENTS = ("DbtrAgt", "CdtrAgt", "IntrmyAgt1", "RcvgAgt", "DlvrgAgt", "IssgAgt", "SttlmPlc")
_AMOUNT_DETAILS = ("TxAmt", "CntrValAmt", "InstdAmt")


def read_message(content: bytes) -> MessageFact:
    """The message in `content`. Raises InvalidStatement, saying what is wrong."""
    if len(content) > MAX_BYTES:
        raise InvalidStatement(remedy=f"At most {MAX_BYTES // 1024 // 1024} MB.")
    root = parse_xml(content)
    for name, (kind, record) in _ROOTS.items():
        body = root if local_name(root) == name else child_of(root, name)
        if body is not None:
            return _message(body, kind, record, _version(root, body))
    raise InvalidStatement(remedy="Send a camt.052, camt.053 or camt.054 message.")


def _version(root: Any, body: Any) -> str:
    found = _VERSION.search(" ".join(str(etree.QName(element).namespace or "") for element in (root, body)))
    return found.group(1) if found else ""


def _message(body: Any, kind: str, record: str, version: str) -> MessageFact:
    header = child_of(body, "GrpHdr")
    records = tuple(_statement(element) for element in children_of(body, record))
    if header is None or not records:
        raise InvalidStatement(remedy=f"It has no {'header' if header is None else record}.")
    return MessageFact(kind, version, text_of(header, "MsgId"), _moment(text_of(header, "CreDtTm")), records)


def _statement(element: Any) -> StatementFact:
    account = child_of(element, "Acct")
    period = child_of(element, "FrToDt")
    page = first_of(element, "StmtPgntn", "RptPgntn", "NtfctnPgntn")
    if account is None or not text_of(element, "Id"):
        raise InvalidStatement(remedy="A statement names its account and has an id.")
    return StatementFact(
        statement_id=text_of(element, "Id"), page=text_of(page, "PgNb"), account=_account_number(account),
        account_name=text_of(account, "Nm") or text_of(child_of(account, "Ownr"), "Nm"),
        account_currency=text_of(account, "Ccy"), created_at=_moment(text_of(element, "CreDtTm")),
        from_at=_moment(text_of(period, "FrDtTm") or text_of(period, "FrDt")),
        to_at=_moment(text_of(period, "ToDtTm") or text_of(period, "ToDt")),
        sequence=text_of(element, "LglSeqNb") or text_of(element, "ElctrncSeqNb"), is_copy=text_of(element, "CpyDplctInd"),
        balances=tuple(_balance(bal) for bal in children_of(element, "Bal")),
        entries=tuple(_entry(entry) for entry in children_of(element, "Ntry")),
        text=first_text(element, "AddtlStmtInf", "AddtlRptInf", "AddtlNtfctnInf"),
    )  # fmt: skip


def _balance(element: Any) -> Balance:
    kind = child_of(child_of(element, "Tp"), "CdOrPrtry")
    return Balance(
        text_of(kind, "Cd") or text_of(kind, "Prtry"), _signed(_required_amount(element), text_of(element, "CdtDbtInd")),
        _day(child_of(element, "Dt")),
    )  # fmt: skip


def _entry(element: Any) -> EntryFact:
    status = child_of(element, "Sts")
    direction = text_of(element, "CdtDbtInd")
    blocks = children_of(element, "NtryDtls")
    batch = next((child_of(block, "Btch") for block in blocks if child_of(block, "Btch") is not None), None)
    return EntryFact(
        amount=_signed(_required_amount(element), direction),
        status=(text_of(status, "Cd") or text_of(status, "Prtry") or own_text(status)).upper(),
        is_reversal=text_of(element, "RvslInd") in {"true", "1"}, booked_on=_day(child_of(element, "BookgDt")),
        value_on=_day(child_of(element, "ValDt")), servicer_ref=text_of(element, "AcctSvcrRef"),
        entry_ref=text_of(element, "NtryRef"), bank_code=_bank_code(element), text=text_of(element, "AddtlNtryInf"),
        charges=_charges(element), batch_id=text_of(batch, "PmtInfId") or text_of(batch, "MsgId"),
        details=tuple(_detail(tx, direction) for block in blocks for tx in children_of(block, "TxDtls")),
    )  # fmt: skip


def _detail(element: Any, entry_direction: str) -> Detail:
    direction = text_of(element, "CdtDbtInd") or entry_direction
    amounts = child_of(element, "AmtDtls")
    named = [_amount_of(child_of(child_of(amounts, name), "Amt")) for name in _AMOUNT_DETAILS]
    own = _amount_of(child_of(element, "Amt"))
    returned = child_of(element, "RtrInf")
    reason = child_of(returned, "Rsn")
    return Detail(
        amount=_signed(own, direction) if own else None,
        candidates=tuple(_signed(amount, direction) for amount in [own, *named] if amount),
        refs=_refs(child_of(element, "Refs")), parties=tuple(_parties(child_of(element, "RltdPties"))),
        creditor_references=tuple(_creditor_references(element)), texts=tuple(_remittance_texts(element)),
        charges=_charges(element), return_code=text_of(reason, "Cd") or text_of(reason, "Prtry"),
        return_text=" ".join(own_text(part) for part in children_of(returned, "AddtlInf")),
        bank_code=_bank_code(element), agents=tuple(_agents(child_of(element, "RltdAgts"))),
    )  # fmt: skip


def _refs(element: Any) -> dict[str, str]:
    """Every reference by its element's name; proprietary ones as Prtry:<type>."""
    refs: dict[str, str] = {}
    for child in element if element is not None else ():
        if local_name(child) == "Prtry":
            refs[f"Prtry:{text_of(child, 'Tp')}"] = text_of(child, "Ref")
        elif own_text(child):
            refs.setdefault(local_name(child), own_text(child))
    return refs


def _parties(element: Any) -> Iterator[PartyAccount]:
    if element is None:
        return
    for role in _PARTY_ROLES:
        party = child_of(element, role)
        account = child_of(element, f"{role}Acct")
        if party is None and account is None:
            continue
        agent = child_of(party, "Agt")
        inner = child_of(party, "Pty") if child_of(party, "Pty") is not None else agent if agent is not None else party
        address = child_of(inner, "PstlAdr")
        yield PartyAccount(
            role=role, name=text_of(inner, "Nm") or text_of(child_of(inner, "FinInstnId"), "Nm"),
            account=_account_number(account) if account is not None else "", ids=tuple(_ids(child_of(inner, "Id"))),
            country=text_of(address, "Ctry") or text_of(inner, "CtryOfRes"),
            address=tuple(own_text(line) for line in address if own_text(line)) if address is not None else (),
            bic=_bic(child_of(inner, "FinInstnId")),
        )  # fmt: skip


def _ids(element: Any) -> Iterator[str]:
    """Identifications of an organisation or a person, whatever their scheme."""
    for kind in element if element is not None else ():
        for child in kind:
            if local_name(child) == "Othr":
                yield text_of(child, "Id")
            elif own_text(child):
                yield own_text(child)


def _creditor_references(element: Any) -> Iterator[str]:
    for block in children_of(child_of(element, "RmtInf"), "Strd"):
        for info in children_of(block, "CdtrRefInf"):
            if text_of(info, "Ref"):
                yield text_of(info, "Ref")


def _remittance_texts(element: Any) -> Iterator[str]:
    remittance = child_of(element, "RmtInf")
    for line in children_of(remittance, "Ustrd"):
        yield own_text(line)
    for block in children_of(remittance, "Strd"):
        for line in children_of(block, "AddtlRmtInf"):
            yield own_text(line)
    if text_of(element, "AddtlTxInf"):
        yield text_of(element, "AddtlTxInf")


def _agents(element: Any) -> Iterator[str]:
    for name in _AGENTS:
        bic = _bic(child_of(child_of(element, name), "FinInstnId"))
        if bic:
            yield bic


def _bic(institution: Any) -> str:
    return first_text(institution, "BICFI", "BIC")


def _charges(element: Any) -> tuple[Amount, ...]:
    """Charges taken, as negative amounts. Version 02 lists them directly, later ones in records with a total."""
    found: list[Amount] = []
    for block in children_of(element, "Chrgs"):
        records = children_of(block, "Rcrd") or [block]
        for record in records:
            amount = _amount_of(child_of(record, "Amt"))
            if amount is not None:
                found.append(_signed(amount, text_of(record, "CdtDbtInd") or "DBIT"))
    return tuple(found)


def _bank_code(element: Any) -> str:
    code = child_of(element, "BkTxCd")
    domain = child_of(code, "Domn")
    family = child_of(domain, "Fmly")
    parts = [text_of(domain, "Cd"), text_of(family, "Cd"), text_of(family, "SubFmlyCd")]
    return "/".join(part for part in parts if part) or text_of(child_of(code, "Prtry"), "Cd")


def _account_number(account: Any) -> str:
    identity = child_of(account, "Id")
    number = text_of(identity, "IBAN") or text_of(child_of(identity, "Othr"), "Id")
    number = number or first_text(identity, "BBAN", "UPIC") or text_of(child_of(identity, "PrtryAcct"), "Id")
    return re.sub(r"\s", "", number)


def _required_amount(element: Any) -> Amount:
    amount = _amount_of(child_of(element, "Amt"))
    if amount is None:
        raise InvalidStatement(remedy="A balance or an entry has no amount.")
    return amount


def _amount_of(element: Any) -> Amount | None:
    if element is None or not own_text(element):
        return None
    if not _NUMBER.match(own_text(element)):
        raise InvalidStatement(remedy="An amount is not a plain positive number.")
    value = Decimal(own_text(element))
    return Amount(value, element.get("Ccy", ""))


def _signed(amount: Amount, direction: str) -> Amount:
    return Amount(-amount.value, amount.currency) if direction == "DBIT" else amount


def _day(element: Any) -> date | None:
    """Dt or DtTm: banks send either where the standard means a day."""
    text = text_of(element, "Dt") or text_of(element, "DtTm")
    moment = _moment(text)
    if moment is None:
        return None
    return date.fromisoformat(text[:10]) if text else None


def _moment(text: str) -> datetime | None:
    """ISO 8601 with any number of decimals, with or without a zone (then UTC); a plain day is its midnight."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    except ValueError:
        raise InvalidStatement(remedy=f"{text[:40]!r} is not a date.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
