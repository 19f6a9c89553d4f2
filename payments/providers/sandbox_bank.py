"""The sandbox's bank: writes the statement a real bank would send after a day, for worlds without a bank.

Orders of payment files are booked; an account ending in 0000 sends its money back (AC04); buyers who said that they
pay by transfer do so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from lxml import etree

from core.errors import NotFound
from core.ids import new_id
from core.money import Money
from payments.providers.bank_models import BankAccount, BankIntent, BankOrder
from payments.providers.network import REFUSED_IBAN_ENDING

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
MAX_LINES = 1000
STRANGER = ("M. Desconocido", "FR1420041010050500013M02606")
BUYER = ("Sandbox buyer", "NL91ABNA0417164300")


def write_statement(
    *, account: BankAccount, opening: Money, now: datetime, strangers: int = 0, returned: int = 0
) -> bytes:
    """A camt.053 of one day: what is under way happens, the first `returned` transfers come back, and `strangers` receipts
    come that nobody expects.

    Raises NotFound where the sandbox is off.
    """
    if not settings.LONJA["SANDBOX"]:
        raise NotFound("There is no sandbox here.")
    orders = list(BankOrder.objects.filter(state="SENT", currency=account.currency).order_by("id")[:MAX_LINES])
    intents = list(BankIntent.objects.filter(account=account, closed_at=None, expires_at__gt=now)[:MAX_LINES])
    statement_id = new_id().hex
    spaces: dict[Any, str] = {None: NAMESPACE}
    root = etree.Element(f"{{{NAMESPACE}}}Document", nsmap=spaces)
    message = _add(root, "BkToCstmrStmt")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", statement_id)
    _add(header, "CreDtTm", now.isoformat(timespec="seconds"))
    statement = _add(message, "Stmt")
    _add(statement, "Id", statement_id)
    _add(statement, "CreDtTm", now.isoformat(timespec="seconds"))
    _add(_add(_add(statement, "Acct"), "Id"), "IBAN", account.number)
    moves = [
        *(_order_moves(orders, returned)),
        *((i.amount - i.received, "", i.reference, "", *BUYER) for i in intents),
    ]
    moves += [(Money(1_990 + 10 * n, account.currency), "", "", "", *STRANGER) for n in range(strangers)]
    closing = opening
    for amount, *_ in moves:
        closing = closing + amount
    for code, balance in (("OPBD", opening), ("CLBD", closing)):
        _balance(statement, code, balance, now)
    for number, (amount, order_id, reference, reason, name, iban) in enumerate(moves):
        _entry(statement, f"{statement_id[:20]}-{number}", amount, order_id, reference, reason, name, iban, now)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _order_moves(orders: list[BankOrder], returned: int) -> list[tuple[Money, str, str, str, str, str]]:
    """(amount, EndToEndId, reference, return reason, name, account) of each movement."""
    moves = []
    for number, order in enumerate(orders):
        moves.append((-order.amount, order.end_to_end_id, "", "", order.holder, order.iban))
        if number < returned or order.iban.endswith(REFUSED_IBAN_ENDING):
            moves.append((order.amount, order.end_to_end_id, "", "AC04", order.holder, order.iban))
    return moves


def _balance(statement: etree._Element, code: str, balance: Money, now: datetime) -> None:
    element = _add(statement, "Bal")
    _add(_add(_add(element, "Tp"), "CdOrPrtry"), "Cd", code)
    _amount(element, balance)
    _add(_add(element, "Dt"), "Dt", now.date().isoformat())


def _entry(
    statement: etree._Element, servicer_ref: str, amount: Money, order_id: str, reference: str, reason: str, name: str,
    iban: str, now: datetime,
) -> None:  # fmt: skip
    entry = _add(statement, "Ntry")
    _amount(entry, amount)
    _add(_add(entry, "Sts"), "Cd", "BOOK")
    _add(_add(entry, "BookgDt"), "Dt", now.date().isoformat())
    _add(entry, "AcctSvcrRef", servicer_ref)
    _add(_add(_add(entry, "BkTxCd"), "Prtry"), "Cd", "SANDBOX")
    detail = _add(_add(entry, "NtryDtls"), "TxDtls")
    _add(_add(detail, "Refs"), "EndToEndId", order_id or "NOTPROVIDED")
    side = "Dbtr" if amount.minor > 0 else "Cdtr"
    parties = _add(detail, "RltdPties")
    _add(_add(_add(parties, side), "Pty"), "Nm", name)
    _add(_add(_add(parties, f"{side}Acct"), "Id"), "IBAN", iban)
    if reference:
        _add(_add(_add(_add(detail, "RmtInf"), "Strd"), "CdtrRefInf"), "Ref", reference)
    if reason:
        _add(_add(_add(detail, "RtrInf"), "Rsn"), "Cd", reason)


def _amount(parent: etree._Element, amount: Money) -> None:
    element = _add(parent, "Amt", f"{abs(amount.decimal):f}")
    element.set("Ccy", amount.currency)
    _add(parent, "CdtDbtInd", "CRDT" if amount.minor >= 0 else "DBIT")


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = text
    return element
