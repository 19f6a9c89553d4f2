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

from core.errors import DomainError
from payments.reconciliation.messages import (
    Amount,
    Balance,
    Detail,
    EntryFact,
    MessageFact,
    PartyAccount,
    StatementFact,
)

MAX_BYTES = 20 * 1024 * 1024
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


class InvalidStatement(DomainError):
    """The file is not a readable camt message; nothing was stored."""

    code = "invalid_statement"
    status = 422
    message = "This is not a bank statement we can read."


def read_message(content: bytes) -> MessageFact:
    """The message in `content`. Raises InvalidStatement, saying what is wrong."""
    if len(content) > MAX_BYTES:
        raise InvalidStatement(remedy=f"At most {MAX_BYTES // 1024 // 1024} MB.")
    root = _parse(content)
    for name, (kind, record) in _ROOTS.items():
        body = root if _local(root) == name else _child(root, name)
        if body is not None:
            return _message(body, kind, record, _version(root, body))
    raise InvalidStatement(remedy="Send a camt.052, camt.053 or camt.054 message.")


def _parse(content: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(content.lstrip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidStatement(remedy=str(error)[:200]) from None
    if str(getattr(root.getroottree().docinfo, "doctype", "")):
        raise InvalidStatement(remedy="A statement has no document type.")
    return root


def _version(root: Any, body: Any) -> str:
    found = _VERSION.search(" ".join(str(etree.QName(element).namespace or "") for element in (root, body)))
    return found.group(1) if found else ""


def _message(body: Any, kind: str, record: str, version: str) -> MessageFact:
    header = _child(body, "GrpHdr")
    records = tuple(_statement(element) for element in _children(body, record))
    if header is None or not records:
        raise InvalidStatement(remedy=f"It has no {'header' if header is None else record}.")
    return MessageFact(kind, version, _text(header, "MsgId"), _moment(_text(header, "CreDtTm")), records)


def _statement(element: Any) -> StatementFact:
    account = _child(element, "Acct")
    period = _child(element, "FrToDt")
    page = _first(element, "StmtPgntn", "RptPgntn", "NtfctnPgntn")
    if account is None or not _text(element, "Id"):
        raise InvalidStatement(remedy="A statement names its account and has an id.")
    return StatementFact(
        statement_id=_text(element, "Id"), page=_text(page, "PgNb"), account=_account_number(account),
        account_name=_text(account, "Nm") or _text(_child(account, "Ownr"), "Nm"),
        account_currency=_text(account, "Ccy"), created_at=_moment(_text(element, "CreDtTm")),
        from_at=_moment(_text(period, "FrDtTm") or _text(period, "FrDt")),
        to_at=_moment(_text(period, "ToDtTm") or _text(period, "ToDt")),
        sequence=_text(element, "LglSeqNb") or _text(element, "ElctrncSeqNb"), is_copy=_text(element, "CpyDplctInd"),
        balances=tuple(_balance(bal) for bal in _children(element, "Bal")),
        entries=tuple(_entry(entry) for entry in _children(element, "Ntry")),
        text=_first_text(element, "AddtlStmtInf", "AddtlRptInf", "AddtlNtfctnInf"),
    )  # fmt: skip


def _balance(element: Any) -> Balance:
    kind = _child(_child(element, "Tp"), "CdOrPrtry")
    return Balance(
        _text(kind, "Cd") or _text(kind, "Prtry"), _signed(_required_amount(element), _text(element, "CdtDbtInd")),
        _day(_child(element, "Dt")),
    )  # fmt: skip


def _entry(element: Any) -> EntryFact:
    status = _child(element, "Sts")
    direction = _text(element, "CdtDbtInd")
    blocks = _children(element, "NtryDtls")
    batch = next((_child(block, "Btch") for block in blocks if _child(block, "Btch") is not None), None)
    return EntryFact(
        amount=_signed(_required_amount(element), direction),
        status=(_text(status, "Cd") or _text(status, "Prtry") or _own_text(status)).upper(),
        is_reversal=_text(element, "RvslInd") in {"true", "1"}, booked_on=_day(_child(element, "BookgDt")),
        value_on=_day(_child(element, "ValDt")), servicer_ref=_text(element, "AcctSvcrRef"),
        entry_ref=_text(element, "NtryRef"), bank_code=_bank_code(element), text=_text(element, "AddtlNtryInf"),
        charges=_charges(element), batch_id=_text(batch, "PmtInfId") or _text(batch, "MsgId"),
        details=tuple(_detail(tx, direction) for block in blocks for tx in _children(block, "TxDtls")),
    )  # fmt: skip


def _detail(element: Any, entry_direction: str) -> Detail:
    direction = _text(element, "CdtDbtInd") or entry_direction
    amounts = _child(element, "AmtDtls")
    named = [_amount_of(_child(_child(amounts, name), "Amt")) for name in _AMOUNT_DETAILS]
    own = _amount_of(_child(element, "Amt"))
    returned = _child(element, "RtrInf")
    reason = _child(returned, "Rsn")
    return Detail(
        amount=_signed(own, direction) if own else None,
        candidates=tuple(_signed(amount, direction) for amount in [own, *named] if amount),
        refs=_refs(_child(element, "Refs")), parties=tuple(_parties(_child(element, "RltdPties"))),
        creditor_references=tuple(_creditor_references(element)), texts=tuple(_remittance_texts(element)),
        charges=_charges(element), return_code=_text(reason, "Cd") or _text(reason, "Prtry"),
        return_text=" ".join(_own_text(part) for part in _children(returned, "AddtlInf")),
        bank_code=_bank_code(element), agents=tuple(_agents(_child(element, "RltdAgts"))),
    )  # fmt: skip


def _refs(element: Any) -> dict[str, str]:
    """Every reference by its element's name; proprietary ones as Prtry:<type>."""
    refs: dict[str, str] = {}
    for child in element if element is not None else ():
        if _local(child) == "Prtry":
            refs[f"Prtry:{_text(child, 'Tp')}"] = _text(child, "Ref")
        elif _own_text(child):
            refs.setdefault(_local(child), _own_text(child))
    return refs


def _parties(element: Any) -> Iterator[PartyAccount]:
    if element is None:
        return
    for role in _PARTY_ROLES:
        party = _child(element, role)
        account = _child(element, f"{role}Acct")
        if party is None and account is None:
            continue
        agent = _child(party, "Agt")
        inner = _child(party, "Pty") if _child(party, "Pty") is not None else agent if agent is not None else party
        address = _child(inner, "PstlAdr")
        yield PartyAccount(
            role=role, name=_text(inner, "Nm") or _text(_child(inner, "FinInstnId"), "Nm"),
            account=_account_number(account) if account is not None else "", ids=tuple(_ids(_child(inner, "Id"))),
            country=_text(address, "Ctry") or _text(inner, "CtryOfRes"),
            address=tuple(_own_text(line) for line in address if _own_text(line)) if address is not None else (),
            bic=_bic(_child(inner, "FinInstnId")),
        )  # fmt: skip


def _ids(element: Any) -> Iterator[str]:
    """Identifications of an organisation or a person, whatever their scheme."""
    for kind in element if element is not None else ():
        for child in kind:
            if _local(child) == "Othr":
                yield _text(child, "Id")
            elif _own_text(child):
                yield _own_text(child)


def _creditor_references(element: Any) -> Iterator[str]:
    for block in _children(_child(element, "RmtInf"), "Strd"):
        for info in _children(block, "CdtrRefInf"):
            if _text(info, "Ref"):
                yield _text(info, "Ref")


def _remittance_texts(element: Any) -> Iterator[str]:
    remittance = _child(element, "RmtInf")
    for line in _children(remittance, "Ustrd"):
        yield _own_text(line)
    for block in _children(remittance, "Strd"):
        for line in _children(block, "AddtlRmtInf"):
            yield _own_text(line)
    if _text(element, "AddtlTxInf"):
        yield _text(element, "AddtlTxInf")


def _agents(element: Any) -> Iterator[str]:
    for name in _AGENTS:
        bic = _bic(_child(_child(element, name), "FinInstnId"))
        if bic:
            yield bic


def _bic(institution: Any) -> str:
    return _first_text(institution, "BICFI", "BIC")


def _charges(element: Any) -> tuple[Amount, ...]:
    """Charges taken, as negative amounts. Version 02 lists them directly, later ones in records with a total."""
    found: list[Amount] = []
    for block in _children(element, "Chrgs"):
        records = _children(block, "Rcrd") or [block]
        for record in records:
            amount = _amount_of(_child(record, "Amt"))
            if amount is not None:
                found.append(_signed(amount, _text(record, "CdtDbtInd") or "DBIT"))
    return tuple(found)


def _bank_code(element: Any) -> str:
    code = _child(element, "BkTxCd")
    domain = _child(code, "Domn")
    family = _child(domain, "Fmly")
    parts = [_text(domain, "Cd"), _text(family, "Cd"), _text(family, "SubFmlyCd")]
    return "/".join(part for part in parts if part) or _text(_child(code, "Prtry"), "Cd")


def _account_number(account: Any) -> str:
    identity = _child(account, "Id")
    number = _text(identity, "IBAN") or _text(_child(identity, "Othr"), "Id")
    number = number or _first_text(identity, "BBAN", "UPIC") or _text(_child(identity, "PrtryAcct"), "Id")
    return re.sub(r"\s", "", number)


def _required_amount(element: Any) -> Amount:
    amount = _amount_of(_child(element, "Amt"))
    if amount is None:
        raise InvalidStatement(remedy="A balance or an entry has no amount.")
    return amount


def _amount_of(element: Any) -> Amount | None:
    if element is None or not _own_text(element):
        return None
    if not _NUMBER.match(_own_text(element)):
        raise InvalidStatement(remedy="An amount is not a plain positive number.")
    value = Decimal(_own_text(element))
    return Amount(value, element.get("Ccy", ""))


def _signed(amount: Amount, direction: str) -> Amount:
    return Amount(-amount.value, amount.currency) if direction == "DBIT" else amount


def _day(element: Any) -> date | None:
    """Dt or DtTm: banks send either where the standard means a day."""
    text = _text(element, "Dt") or _text(element, "DtTm")
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


def _local(element: Any) -> str:
    return str(etree.QName(element).localname)


def _children(element: Any, name: str) -> list[Any]:
    if element is None:
        return []
    return [child for child in element if isinstance(child.tag, str) and _local(child) == name]


def _child(element: Any, name: str) -> Any:
    found = _children(element, name)
    return found[0] if found else None


def _first(element: Any, *names: str) -> Any:
    return next((child for name in names if (child := _child(element, name)) is not None), None)


def _text(element: Any, name: str) -> str:
    return _own_text(_child(element, name))


def _first_text(element: Any, *names: str) -> str:
    return next((text for name in names if (text := _text(element, name))), "")


def _own_text(element: Any) -> str:
    return " ".join((element.text or "").split()) if element is not None else ""
