"""Reads of documents and of what they are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import ExtractQuarter

from core.actor import Actor
from core.errors import NotFound
from core.money import Money
from core.statements import Prepared
from payments.contracts import DocumentView, Party, PayoutState
from payments.documents.models import Document, DocumentSeries, TaxRemittance, VatClass
from payments.documents.rules import is_reportable, vat_to_withhold
from payments.escrow.models import Escrow, EscrowEvent, Refund
from payments.exchange.rates import RateUnavailable, rate_source
from payments.exchange.rules import convert
from payments.ledger.models import Entry
from payments.ledger.rules import AccountCode
from payments.payouts.models import Payout, PayoutDestination
from payments.payouts.parties import party_directory

#: The platform as an issuer of documents.
PLATFORM_ID = UUID(int=0)
VAT_SCOPE = "vat"

_invoice = Prepared(lambda order_id: Document.objects.filter(order_id=order_id, kind="INVOICE")[:1], order_id=UUID)
_locked_series = Prepared(
    lambda issuer_id, kind, year: DocumentSeries.objects.select_for_update().filter(
        issuer_id=issuer_id, kind=kind, year=year
    )[:1],
    issuer_id=UUID,
    kind=str,
    year=int,
)
_refunds = Prepared(
    lambda order_id, currency: Refund.objects.filter(order_id=order_id, currency=currency),
    order_id=UUID,
    currency=str,
)
_remittances = Prepared(
    lambda seller_id, countries: TaxRemittance.objects.filter(seller_id=seller_id, country__any_of=countries),
    seller_id=UUID,
    countries=list,
)
_vat_classes = Prepared(lambda country: VatClass.objects.filter(country=country), country=str)


@dataclass(frozen=True, slots=True)
class MonthFees:
    """What a seller paid the platform in a month: commission on `orders` releases, and fees of instant payouts."""

    commission: Money
    orders: int
    instant: Money

    @property
    def total(self) -> Money:
        return self.commission + self.instant


@dataclass(frozen=True, slots=True)
class QuarterFigures:
    quarter: int
    consideration: Money
    sales: int
    fees: Money


@dataclass(frozen=True, slots=True)
class Dac7Row:
    """One seller's year in one currency. `eur` is the year's consideration and fees in euro, for the threshold."""

    seller_id: UUID
    party: Party | None
    iban: str
    currency: str
    quarters: tuple[QuarterFigures, ...]

    @property
    def sales(self) -> int:
        return sum(quarter.sales for quarter in self.quarters)


def platform_party() -> Party:
    """The company that runs the platform (settings.LONJA["COMPANY"])."""
    company = cast(dict[str, str], settings.LONJA["COMPANY"])
    return Party(
        PLATFORM_ID, company["name"], company["street"], company["postcode"], company["town"], company["country"],
        company["vat_number"],
    )  # fmt: skip


def view_of(document: Document) -> DocumentView:
    return DocumentView(document.id, document.kind, document.number, document.issued_at, document.gross, document.tax)


def documents_of(organisation_id: UUID) -> QuerySet[Document]:
    """What an organisation issued or received, for paging."""
    return Document.objects.filter(Q(issuer_id=organisation_id) | Q(recipient_id=organisation_id))


def list_documents_of_order(order_id: UUID) -> list[DocumentView]:
    """The invoice and its credit notes, oldest first."""
    return [view_of(document) for document in Document.objects.filter(order_id=order_id).order_by("issued_at", "id")]


def get_document_for(document_id: UUID, actor: Actor) -> Document:
    """For who issued it, who received it, and operators. Raises NotFound for everybody else."""
    document = Document.objects.filter(id=document_id).select_related("corrects").first()
    allowed = document is not None and (
        actor.is_operator or actor.acts_for(document.issuer_id) or actor.acts_for(document.recipient_id)
    )
    if document is None or not allowed:
        raise NotFound("There is no such document.")
    return document


def find_invoice(order_id: UUID) -> Document | None:
    return _invoice.first(order_id=order_id)


def lock_series(issuer_id: UUID, kind: str, year: int) -> DocumentSeries:
    """The counter, locked; whoever holds it has the next number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_documentseries (issuer_id, kind, year, last_number) VALUES (%s, %s, %s, 0)"
            " ON CONFLICT DO NOTHING",
            [issuer_id, kind, year],
        )
    series = _locked_series.first(issuer_id=issuer_id, kind=kind, year=year)
    assert series is not None  # written a line above, and never deleted
    return series


def refunded_for_order(order_id: UUID, currency: str) -> Money:
    """Everything that was ever sent back to the buyer of an order, before and after the release."""
    refunds = _refunds.all(order_id=order_id, currency=currency)
    return Money(sum(refund.amount_minor for refund in refunds), currency)


def credited_for_invoice(invoice: Document) -> tuple[Money, Money]:
    """(gross, tax) of its credit notes so far, as positive amounts."""
    sums = invoice.corrections.aggregate(gross=Sum("gross_minor"), tax=Sum("tax_minor"))
    return Money(-int(sums["gross"] or 0), invoice.currency), Money(-int(sums["tax"] or 0), invoice.currency)


def vat_target(invoice: Document) -> Money:
    """What the platform must hold of an invoice's VAT now: the share in what the seller has and kept."""
    if invoice.order_id is None:
        return Money.zero(invoice.currency)
    escrow = Escrow.objects.filter(order_id=invoice.order_id, currency=invoice.currency).first()
    if escrow is None:
        return Money.zero(invoice.currency)
    refunds = Refund.objects.filter(order_id=invoice.order_id, currency=invoice.currency)
    claimed = refunds.aggregate(total=Sum(F("amount_minor") - F("from_escrow_minor")))["total"]
    return vat_to_withhold(
        tax=invoice.tax, gross=invoice.gross, released=escrow.money(escrow.released_minor),
        refunded_later=escrow.money(int(claimed or 0)),
    )  # fmt: skip


def vat_withheld(invoice: Document) -> tuple[Money, int]:
    """What was withheld of an invoice's VAT so far and in how many postings, from the ledger."""
    entries = Entry.objects.filter(
        account__kind=AccountCode.VAT_PAYABLE.value, txn__idem_scope=VAT_SCOPE, txn__ref=str(invoice.order_id)
    )
    found = entries.aggregate(total=Sum("amount"), count=Count("id"))
    return Money(-int(found["total"] or 0), invoice.currency), found["count"]


def remitted_by(seller_id: UUID, country: str) -> str:
    """Who pays the VAT of a seller's sales to a country: its own row, else the seller's default, else the seller."""
    rows = {row.country: row.remitted_by for row in _remittances.all(seller_id=seller_id, countries=["", country])}
    return rows.get(country) or rows.get("") or "SELLER"


def vat_classes(country: str) -> dict[str, str]:
    """Category -> name of its rate in a country; other categories have the standard rate."""
    return {row.category_code: row.rate_name for row in _vat_classes.all(country=country)}


def sellers_with_fees(since: datetime, until: datetime) -> list[tuple[UUID, str]]:
    """(seller, currency) with a commission or an instant payout in a period."""
    released = EscrowEvent.objects.filter(at__gte=since, at__lt=until, fee_minor__gt=0)
    instant = Payout.objects.filter(requested_at__gte=since, requested_at__lt=until, fee_minor__gt=0)
    pairs = {*released.values_list("escrow__seller_id", "escrow__currency").distinct()}
    return sorted({*pairs, *instant.values_list("seller_id", "taken_currency").distinct()})


def fees_of(seller_id: UUID, currency: str, since: datetime, until: datetime) -> MonthFees:
    """What a seller paid the platform in a period and currency."""
    released = EscrowEvent.objects.filter(
        escrow__seller_id=seller_id, escrow__currency=currency, at__gte=since, at__lt=until, fee_minor__gt=0
    ).aggregate(fees=Sum("fee_minor"), orders=Count("escrow_id", distinct=True))
    instant = (
        Payout.objects.filter(
            seller_id=seller_id, taken_currency=currency, requested_at__gte=since, requested_at__lt=until
        )
        .exclude(state=PayoutState.FAILED.value)
        .aggregate(fees=Sum("fee_minor"))
    )
    return MonthFees(
        Money(int(released["fees"] or 0), currency), released["orders"], Money(int(instant["fees"] or 0), currency)
    )


def dac7_rows(year: int) -> list[Dac7Row]:
    """Every reportable seller of a year, from ledger-backed releases; consideration is net of the platform's fees.

    The threshold counts all currencies of a seller together, in euro at the rate of the year's last day.
    """
    figures = (
        EscrowEvent.objects.filter(
            txn__isnull=False, released_minor__gt=0, at__gte=datetime(year, 1, 1, tzinfo=UTC),
            at__lt=datetime(year + 1, 1, 1, tzinfo=UTC),
        )
        .annotate(quarter=ExtractQuarter("at", tzinfo=UTC))
        .order_by()
        .values(seller=F("escrow__seller_id"), cur=F("escrow__currency"), q=F("quarter"))
        .annotate(paid=Sum("released_minor"), fees=Sum("fee_minor"), sales=Count("escrow_id", distinct=True))
    )  # fmt: skip
    grouped: dict[tuple[UUID, str], list[QuarterFigures]] = {}
    for row in figures:
        money, fees = Money(int(row["paid"]), row["cur"]), Money(int(row["fees"]), row["cur"])
        quarter = QuarterFigures(row["q"], money - fees, row["sales"], fees)
        grouped.setdefault((row["seller"], row["cur"]), []).append(quarter)
    return _reportable(grouped, year)


def _reportable(grouped: dict[tuple[UUID, str], list[QuarterFigures]], year: int) -> list[Dac7Row]:
    sales: dict[UUID, int] = {}
    euros: dict[UUID, int] = {}
    for (seller_id, _), quarters in grouped.items():
        for figures in quarters:
            sales[seller_id] = sales.get(seller_id, 0) + figures.sales
            euros[seller_id] = euros.get(seller_id, 0) + _in_euro(figures.consideration + figures.fees, year)
    reported = {seller_id for seller_id in sales if is_reportable(sales=sales[seller_id], eur_minor=euros[seller_id])}
    ibans = dict(PayoutDestination.objects.filter(seller_id__in=reported).values_list("seller_id", "iban"))
    return [
        Dac7Row(
            seller_id, party_directory().find_party(seller_id), ibans.get(seller_id, ""), currency,
            tuple(sorted(quarters, key=lambda figures: figures.quarter)),
        )
        for (seller_id, currency), quarters in sorted(grouped.items(), key=lambda item: (str(item[0][0]), item[0][1]))
        if seller_id in reported
    ]  # fmt: skip


def _in_euro(amount: Money, year: int) -> int:
    """Minor euros; a currency nobody quotes counts as over the threshold, so that the seller is reported."""
    if amount.currency == "EUR":
        return amount.minor
    try:
        rate = rate_source().mid_rate(amount.currency, "EUR", on=datetime(year, 12, 31, tzinfo=UTC).date())
    except RateUnavailable:
        return 10**9
    return convert(amount, rate, "EUR").minor
