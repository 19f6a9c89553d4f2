"""pain.001 messages: credit transfers for the bank, with structured addresses, valid against their XSD."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sepaxml
from lxml import etree
from sepaxml import SepaTransfer

from core.errors import DomainError
from payments.providers.bank_models import BankAccount, BankOrder

#: SEPA transfers are in euro, and the library writes two decimals.
FILE_CURRENCIES = ("EUR",)
MAX_ORDERS = 5000
SCHEMAS = Path(str(sys.modules[sepaxml.__name__].__file__)).parent / "schemas"
ADDRESS_FIELDS = ("street_name", "building_number", "postcode", "town", "country")


class InvalidPaymentFile(DomainError):
    """The message does not fit its schema; nothing was stored."""

    code = "invalid_payment_file"
    status = 422
    message = "The payment file does not fit its schema."


def build_message(
    *, account: BankAccount, orders: Sequence[BankOrder], message_id: str, execution: date, now: datetime
) -> str:
    """The message as text. Deterministic: the same orders under the same id give the same bytes.

    `address_type` is left out on purpose: from version 09 on the element is a choice and the library's plain text does
    not validate. Towns and countries are sent as elements of their own, as SEPA asks since November 2026.
    Raises InvalidPaymentFile.
    """
    config: dict[str, Any] = {
        "name": account.holder, "IBAN": account.number, "batch": True, "currency": account.currency,
        "address": _address(account.street, account.building, account.postcode, account.town, account.country),
    }  # fmt: skip
    if account.bic:
        config["BIC"] = account.bic
    message = SepaTransfer(config, schema=account.pain_version, clean=True)
    for order in orders:
        message.add_payment(_payment(order, execution))
    root = etree.fromstring(message.export(validate=False))
    _set_ids(root, message_id, now)
    check_against_schema(root, account.pain_version)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True).decode()


def check_against_schema(root: Any, version: str) -> None:
    """Raises InvalidPaymentFile, naming the first fault."""
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / f"{version}.xsd")))
    if not schema.validate(root):
        raise InvalidPaymentFile(remedy=str(schema.error_log)[:300])


def _payment(order: BankOrder, execution: date) -> dict[str, Any]:
    payment: dict[str, Any] = {
        "name": order.holder[:70], "IBAN": order.iban, "amount": order.amount_minor, "execution_date": execution,
        "description": order.text, "endtoend_id": order.end_to_end_id,
    }  # fmt: skip
    address = {name: order.address[name] for name in ADDRESS_FIELDS if order.address.get(name)}
    if address.get("town") and address.get("country"):
        payment["address"] = address
    return payment


def _address(street: str, building: str, postcode: str, town: str, country: str) -> dict[str, str]:
    values = zip(ADDRESS_FIELDS, (street, building, postcode, town, country), strict=True)
    return {name: value for name, value in values if value} if town else {}


def _set_ids(root: Any, message_id: str, now: datetime) -> None:
    """The library reads the clock and rolls dice; a message must be the same when it is built again."""
    namespace = "{" + str(etree.QName(root).namespace) + "}"
    header = root.find(f"{namespace}CstmrCdtTrfInitn/{namespace}GrpHdr")
    header.find(f"{namespace}MsgId").text = message_id
    header.find(f"{namespace}CreDtTm").text = now.strftime("%Y-%m-%dT%H:%M:%S")
    for number, block in enumerate(root.iter(f"{namespace}PmtInfId"), start=1):
        block.text = f"{message_id[:30]}-{number}"
