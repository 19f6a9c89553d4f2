"""Reads pain.002 of any version (ISO 20022): what a bank says about a payment file, as plain values.

Elements are found by their local names, as in camt.py; the same parser with the same bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from payments.reconciliation.xml import (
    MAX_BYTES,
    InvalidStatement,
    child_of,
    children_of,
    local_name,
    own_text,
    parse_xml,
    text_of,
)

ROOT = "CstmrPmtStsRpt"


class Verdict(StrEnum):
    """What a status means for the money. The bank's own code is kept beside it."""

    ACCEPTED = "ACCEPTED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"


#: ExternalPaymentTransactionStatus1Code. Accepted only means that the bank took it in: the statement says what was paid.
VERDICTS = {
    "RJCT": Verdict.REJECTED, "CANC": Verdict.REJECTED, "PDNG": Verdict.PENDING, "PART": Verdict.PENDING,
    "RCVD": Verdict.PENDING, "PATC": Verdict.PENDING,
    **dict.fromkeys(("ACCC", "ACCP", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP", "ACFC"), Verdict.ACCEPTED),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """One transfer: `end_to_end_id` as we sent it, the bank's code, and why."""

    end_to_end_id: str
    status: str
    reason: str
    text: str

    @property
    def verdict(self) -> Verdict:
        return VERDICTS.get(self.status, Verdict.PENDING)


@dataclass(frozen=True, slots=True)
class StatusReportFact:
    """A whole message. `status` and `reason` are of the group (or the one batch) and count for what is not listed."""

    message_id: str
    original_message_id: str
    status: str
    reason: str
    transactions: tuple[TransactionStatus, ...]

    @property
    def verdict(self) -> Verdict:
        return VERDICTS.get(self.status, Verdict.PENDING)


def read_status_report(content: bytes) -> StatusReportFact | None:
    """The message; None when it is of another kind. Raises InvalidStatement, saying what is wrong."""
    if len(content) > MAX_BYTES:
        raise InvalidStatement(remedy=f"At most {MAX_BYTES // 1024 // 1024} MB.")
    root = parse_xml(content)
    body = root if local_name(root) == ROOT else child_of(root, ROOT)
    if body is None:
        return None
    group = child_of(body, "OrgnlGrpInfAndSts")
    message_id = text_of(child_of(body, "GrpHdr"), "MsgId")
    original = text_of(group, "OrgnlMsgId")
    if not message_id or not original:
        raise InvalidStatement(remedy="A status report names itself and the message it is about.")
    status, reason = text_of(group, "GrpSts"), _reason(group)[0]
    batches = children_of(body, "OrgnlPmtInfAndSts")
    if len(batches) == 1 and text_of(batches[0], "PmtInfSts"):  # our files have one batch: it is the more exact word
        status, reason = text_of(batches[0], "PmtInfSts"), _reason(batches[0])[0] or reason
    return StatusReportFact(message_id, original, status, reason, tuple(_transactions(body, batches)))


def _transactions(body: Any, batches: list[Any]) -> Iterator[TransactionStatus]:
    """Version 02 lists them below the message, later ones below the batch."""
    for parent in (body, *batches):
        for element in children_of(parent, "TxInfAndSts"):
            code, text = _reason(element)
            yield TransactionStatus(text_of(element, "OrgnlEndToEndId"), text_of(element, "TxSts"), code, text)


def _reason(element: Any) -> tuple[str, str]:
    """(ISO reason code or the bank's own, its words)."""
    for info in children_of(element, "StsRsnInf"):
        reason = child_of(info, "Rsn")
        code = text_of(reason, "Cd") or text_of(reason, "Prtry")
        words = " ".join(own_text(part) for part in children_of(info, "AddtlInf"))
        if code or words:
            return code[:35], words[:500]
    return "", ""
