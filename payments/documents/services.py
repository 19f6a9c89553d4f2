"""Issuing documents: the number, the row and the event in one transaction, so that no number is ever missing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.events.payments import DocumentIssued
from core.ids import new_id
from core.money import Money, sum_money
from core.outbox.services import publish
from core.statements import insert, update
from payments.contracts import DocumentView, InvoiceRequest, Party
from payments.documents import selectors
from payments.documents.models import Document, DocumentSeries
from payments.documents.rules import (
    RateShare,
    Tax,
    corrected_shares,
    credited_tax,
    decide_fee_tax,
    decide_tax,
    shares_by_rate,
    tax_inside,
    vat_rate,
)
from payments.ledger.rules import AccountCode, Leg
from payments.payouts.claims import post_against_seller
from payments.payouts.parties import party_directory
from payments.payouts.statements import next_month

PREFIXES = {"INVOICE": "INV", "CREDIT_NOTE": "CN", "FEE_STATEMENT": "FEE"}
CLOCK = Actor.system("documents")


def issue_invoice(*, request: InvoiceRequest, actor: Actor, now: datetime) -> DocumentView:
    """The seller's invoice of one order; asking again returns the first. Locks the issuer's series.

    What was refunded already is credited at once. Publishes DocumentIssued. Raises InvalidInput (the lines are of
    another currency).
    """
    currency = request.shipping.currency
    if any(line.amount.currency != currency for line in request.lines):
        raise InvalidInput("An invoice has one currency.", field="lines")
    gross = sum_money((line.amount for line in request.lines), currency) + request.shipping
    remitter = selectors.remitted_by(request.seller.party_id, request.ship_to)
    tax = decide_tax(
        seller=request.seller, buyer=request.buyer, ship_to=request.ship_to, postcode=request.ship_to_postcode,
        on=request.supplied_on, remitted_by=remitter,
    )  # fmt: skip
    rates = _line_rates(request, tax)
    shares = shares_by_rate(
        [(line.amount, rate) for line, rate in zip(request.lines, rates, strict=True)], request.shipping
    )
    with transaction.atomic():
        series = selectors.lock_series(request.seller.party_id, "INVOICE", now.year)
        known = selectors.find_invoice(request.order_id)
        if known is not None:
            return selectors.view_of(known)
        invoice = _issue(
            series, recipient_id=request.buyer.party_id, gross=gross, now=now,
            tax=Money(sum(share.tax for share in shares), currency),
            content={
                "issuer": _party(request.seller), "recipient": _party(request.buyer),
                "order_number": request.order_number, "po_number": request.po_number,
                "supplied_on": request.supplied_on.isoformat(),
                "ship_to": request.ship_to, "treatment": tax.treatment.value, "rate": max(rates, default=0),
                "tax_country": tax.country, "rates": [asdict(share) for share in shares],
                "lines": [
                    {"title": line.title, "quantity": line.quantity, "amount": line.amount.minor, "rate": rate}
                    for line, rate in zip(request.lines, rates, strict=True)
                ],
                "shipping": request.shipping.minor,
            },
            actor=actor, order_id=request.order_id, tax_remittance=tax.remitted_by,
        )  # fmt: skip
        _credit(invoice, actor=actor, now=now)
        _withhold(invoice, now=now)
    return selectors.view_of(invoice)


def _line_rates(request: InvoiceRequest, tax: Tax) -> list[int]:
    """The rate of each line: reduced ones by category where the country has them, nothing where nothing is due."""
    if not tax.basis_points:
        return [tax.basis_points for _ in request.lines]
    classes = selectors.vat_classes(tax.country)
    return [
        vat_rate(
            tax.country, on=request.supplied_on, postcode=request.ship_to_postcode,
            name=classes.get(line.category_code, "standard"),
        )
        for line in request.lines
    ]  # fmt: skip


def withhold_vat(*, order_id: UUID, now: datetime) -> None:
    """Where the platform pays the VAT of a sale: hold its share of what the seller got, give back what was refunded.

    Safe to repeat, in any order; without an invoice nothing happens, and issuing one catches up.
    """
    with transaction.atomic():
        invoice = selectors.find_invoice(order_id)
        if invoice is not None:
            _withhold(invoice, now=now)


def _withhold(invoice: Document, *, now: datetime) -> None:
    if invoice.tax_remittance != "PLATFORM":
        return
    selectors.lock_series(invoice.issuer_id, invoice.kind, invoice.year)
    target = selectors.vat_target(invoice)
    withheld, postings = selectors.vat_withheld(invoice)
    due = target - withheld
    if due:
        post_against_seller(
            seller_id=invoice.issuer_id, amount=-due, ref=str(invoice.order_id), kind="VAT", now=now,
            counterpart=Leg(AccountCode.VAT_PAYABLE, invoice.content["tax_country"], -due),
            scope=selectors.VAT_SCOPE, key=f"{invoice.order_id}:{postings}",
        )  # fmt: skip


def credit_refunds(*, order_id: UUID, actor: Actor, now: datetime) -> DocumentView | None:
    """A credit note for what was refunded since the last one; None when nothing was, or nothing was invoiced.

    Safe to repeat: credit notes of an order never exceed its refunds or its invoice. Locks the issuer's series.
    """
    with transaction.atomic():
        invoice = selectors.find_invoice(order_id)
        if invoice is None:
            return None
        note = _credit(invoice, actor=actor, now=now)
        _withhold(invoice, now=now)
    return None if note is None else selectors.view_of(note)


def _credit(invoice: Document, *, actor: Actor, now: datetime) -> Document | None:
    assert invoice.order_id is not None
    if not selectors.refunded_for_order(invoice.order_id, invoice.currency):
        return None  # a refund of this moment tells us itself
    series = selectors.lock_series(invoice.issuer_id, "CREDIT_NOTE", now.year)
    done, _ = selectors.credited_for_invoice(invoice)
    due = min(selectors.refunded_for_order(invoice.order_id, invoice.currency), invoice.gross) - done
    if due.minor <= 0:
        return None
    tax = credited_tax(gross=invoice.gross, tax=invoice.tax, before=done, now=due)
    shares = [RateShare(**share) for share in invoice.content.get("rates", ())]
    content = {
        **invoice.content, "corrects": invoice.number, "shipping": 0,
        "rates": [asdict(share) for share in corrected_shares(shares, gross=-due, tax=-tax)] if shares else [],
        "lines": [{"title": "", "quantity": 1, "amount": -due.minor}],
    }  # fmt: skip
    return _issue(
        series, recipient_id=invoice.recipient_id, gross=-due, tax=-tax, content=content, actor=actor, now=now,
        order_id=invoice.order_id, corrects=invoice, tax_remittance=invoice.tax_remittance,
    )  # fmt: skip


def issue_fee_statements(*, month: datetime, actor: Actor, now: datetime) -> int:
    """The platform's fees of a finished month, one statement for each seller and currency. Returns how many are new.

    Raises InvalidInput when the month is not over.
    """
    until = next_month(month)
    if until > now:
        raise InvalidInput("This month is not over.", field="month")
    return sum(
        _issue_fee_statement(seller_id, currency, month, until, actor=actor, now=now)
        for seller_id, currency in selectors.sellers_with_fees(month, until)
    )


def _issue_fee_statement(
    seller_id: UUID, currency: str, month: datetime, until: datetime, *, actor: Actor, now: datetime
) -> bool:
    period = f"{month:%Y-%m}"
    fees = selectors.fees_of(seller_id, currency, month, until)
    if fees.total.minor <= 0:
        return False
    platform, seller = selectors.platform_party(), party_directory().find_party(seller_id)
    tax = decide_fee_tax(platform=platform, seller=seller, on=month.date())
    with transaction.atomic():
        series = selectors.lock_series(selectors.PLATFORM_ID, "FEE_STATEMENT", now.year)
        made = Document.objects.filter(
            kind="FEE_STATEMENT", recipient_id=seller_id, currency=currency, period=period
        ).exists()  # fmt: skip
        if made:
            return False
        _issue(
            series, recipient_id=seller_id, gross=fees.total, tax=tax_inside(fees.total, tax.basis_points), now=now,
            content={
                "issuer": _party(platform), "recipient": _party(seller or _unnamed(seller_id)), "period": period,
                "treatment": tax.treatment.value, "rate": tax.basis_points, "tax_country": tax.country, "shipping": 0,
                "lines": [
                    {"title": "COMMISSION", "quantity": fees.orders, "amount": fees.commission.minor},
                    {"title": "INSTANT_PAYOUTS", "quantity": 1, "amount": fees.instant.minor},
                ],
            },
            actor=actor, period=period, tax_remittance=tax.remitted_by,
        )  # fmt: skip
    return True


def _unnamed(seller_id: UUID) -> Party:
    return Party(seller_id, str(seller_id), "", "", "", "")


def _party(party: Party) -> dict[str, Any]:
    return {**asdict(party), "party_id": str(party.party_id)}


def _issue(
    series: DocumentSeries, *, recipient_id: UUID, gross: Money, tax: Money, content: dict[str, Any], actor: Actor,
    now: datetime, order_id: UUID | None = None, corrects: Document | None = None, period: str = "",
    tax_remittance: str = "",
) -> Document:  # fmt: skip
    """Take the next number of a locked series."""
    series.last_number += 1
    update(series, columns=["last_number"])
    document = Document(
        id=new_id(), kind=series.kind, issuer_id=series.issuer_id, recipient_id=recipient_id, year=series.year,
        sequence=series.last_number, number=f"{PREFIXES[series.kind]}-{series.year}-{series.last_number:06d}",
        order_id=order_id, corrects=corrects, period=period, currency=gross.currency, gross_minor=gross.minor,
        tax_minor=tax.minor, tax_remittance=tax_remittance, content=content, issued_at=now,
    )  # fmt: skip
    insert(document)
    publish(
        DocumentIssued(
            document_id=document.id, kind=document.kind, number=document.number, issuer_id=document.issuer_id,
            recipient_id=recipient_id, order_id=order_id, gross=gross, at=now,
        ),
        actor=actor, now=now,
    )  # fmt: skip
    return document
