"""The seller's statement of a month: every movement of the payable account, on screen, as CSV and PDF."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from core.money import Money
from core.web.money_format import format_money
from payments.ledger.rules import AccountCode
from payments.ledger.statements import MAX_STATEMENT, Statement, account_statement

MONTHS_BACK = 24


@dataclass(frozen=True, slots=True)
class Row:
    """One movement: positive is money for the seller. `balance` is what was available afterwards."""

    at: datetime
    what: str
    ref: str
    amount: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class Sheet:
    """A month of one account; `opening` + rows = `closing`."""

    seller_id: UUID
    currency: str
    month: datetime
    opening: Money
    closing: Money
    rows: tuple[Row, ...]


def month_of(text: str, *, now: datetime) -> datetime:
    """The first moment (UTC) of a month written 2026-03; this month when it is not one."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def recent_months(now: datetime) -> list[datetime]:
    """This month and the ones before, newest first."""
    months = [month_of("", now=now)]
    while len(months) < MONTHS_BACK:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def kind_words(kind: str) -> str:
    """What a ledger transaction was, in the reader's language."""
    words = {
        "CONFIRM": _("Order confirmed by the buyer"),
        "AUTO_RELEASE": _("Order released after the inspection"),
        "DECIDE_RELEASE": _("Dispute decided"),
        "DECIDE_SPLIT": _("Dispute decided"),
        "PAYOUT": _("Payout"),
        "PAYOUT_RETURNED": _("Payout refused by the bank"),
        "PAYOUT_SENT_BACK": _("Payout returned by the bank"),
        "ADJUSTMENT": _("Adjustment"),
        "CONTRIBUTION": _("The marketplace's part of a code"),
        "CONTRIBUTION_BACK": _("The marketplace's part of a code, taken back"),
        "VAT": _("VAT paid by the marketplace"),
    }
    return words.get(kind, kind.replace("_", " ").capitalize())


def seller_statement(seller_id: UUID, currency: str, month: datetime) -> Sheet:
    """The month's movements of what was available to the seller, with running balances."""
    parts = list(_parts(seller_id, currency, month))
    rows = tuple(
        Row(line.at, kind_words(line.kind), line.ref, -line.amount, -line.balance)
        for part in parts
        for line in part.lines
    )
    return Sheet(seller_id, currency, month, -parts[0].opening, -parts[0].closing, rows)


def _parts(seller_id: UUID, currency: str, month: datetime) -> Iterator[Statement]:
    """The month page by page."""
    cursor = ""
    while True:
        part = account_statement(
            AccountCode.SELLER_PAYABLE, str(seller_id), currency, since=month, until=next_month(month), cursor=cursor,
            limit=MAX_STATEMENT,
        )  # fmt: skip
        yield part
        if not part.next_cursor:
            return
        cursor = part.next_cursor


def as_csv(sheet: Sheet) -> bytes:
    """Amounts as plain decimals; a spreadsheet runs nothing, since every text is ours."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["at", "what", "reference", "amount", "balance", "currency"])
    writer.writerow([sheet.month.isoformat(), "opening", "", "", f"{sheet.opening.decimal:f}", sheet.currency])
    for row in sheet.rows:
        writer.writerow(
            [
                row.at.isoformat(),
                row.what,
                row.ref,
                f"{row.amount.decimal:f}",
                f"{row.balance.decimal:f}",
                sheet.currency,
            ]
        )
    writer.writerow(["", "closing", "", "", f"{sheet.closing.decimal:f}", sheet.currency])
    return out.getvalue().encode()


def as_pdf(sheet: Sheet) -> bytes:
    """A4, in the active language."""
    styles = getSampleStyleSheet()
    cells = [[_("When"), _("What"), _("Amount"), _("Balance")]]
    cells.append(["", _("Opening balance"), "", format_money(sheet.opening)])
    cells += [
        [date_format(row.at, "SHORT_DATE_FORMAT"), row.what, format_money(row.amount), format_money(row.balance)]
        for row in sheet.rows
    ]
    cells.append(["", _("Closing balance"), "", format_money(sheet.closing)])
    table = Table(cells, repeatRows=1, colWidths=[80, 220, 100, 100])
    table.setStyle(
        TableStyle([("ALIGN", (2, 0), (-1, -1), "RIGHT"), ("LINEBELOW", (0, 0), (-1, 0), 0.5, "black"),
                    ("FONTSIZE", (0, 0), (-1, -1), 9)])
    )  # fmt: skip
    title = _("Statement %(month)s, %(currency)s") % {
        "month": date_format(sheet.month, "YEAR_MONTH_FORMAT"), "currency": sheet.currency
    }  # fmt: skip
    out = io.BytesIO()
    page = SimpleDocTemplate(out, pagesize=A4, title=title, author="Lonja", invariant=1)
    page.build([Paragraph(title, styles["Title"]), Spacer(1, 12), table])
    return out.getvalue()
