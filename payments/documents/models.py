"""Invoices, credit notes and fee statements: numbered without gaps, never changed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.database import append_only
from core.ids import new_id
from core.money import Money
from core.personal import personal


class DocumentSeries(models.Model):
    """The counter of one issuer's documents of a kind in a year. Its row lock is what keeps numbers without gaps."""

    id = models.BigAutoField(primary_key=True)
    issuer_id = models.UUIDField()
    kind = models.CharField(max_length=14)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer_id", "kind", "year"], name="one_document_series")
        ]


class Document(models.Model):
    """An issued document with everything printed on it frozen in `content`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=14, choices=[(k, k) for k in ("INVOICE", "CREDIT_NOTE", "FEE_STATEMENT")])
    issuer_id = models.UUIDField()
    recipient_id = models.UUIDField()
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    number = models.CharField(max_length=40)
    order_id = models.UUIDField(null=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    period = models.CharField(max_length=7, blank=True, default="")
    currency = models.CharField(max_length=3)
    gross_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    tax_remittance = models.CharField(max_length=8, blank=True, default="")
    content = personal(models.JSONField())
    issued_at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("-issued_at", "-id")
        indexes: ClassVar = [
            models.Index(fields=["recipient_id", "-issued_at"], name="document_recipient"),
            models.Index(fields=["issuer_id", "-issued_at"], name="document_issuer"),
            models.Index(fields=["order_id"], name="document_order"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer_id", "kind", "year", "sequence"], name="document_number"),
            models.UniqueConstraint(fields=["order_id"], condition=Q(kind="INVOICE"), name="one_invoice_an_order"),
            models.UniqueConstraint(
                fields=["recipient_id", "currency", "period"], condition=Q(kind="FEE_STATEMENT"),
                name="one_fee_statement_a_month",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def gross(self) -> Money:
        return Money(self.gross_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)


class TaxRemittance(models.Model):
    """Who pays the VAT of a seller's sales to a country; the empty country is the seller's default."""

    id = models.BigAutoField(primary_key=True)
    seller_id = models.UUIDField()
    country = models.CharField(max_length=2, blank=True, default="")
    remitted_by = models.CharField(
        max_length=8, choices=[("SELLER", "The seller"), ("PLATFORM", "The platform")], default="SELLER"
    )

    class Meta:
        verbose_name_plural = "tax remittances"
        constraints: ClassVar = [models.UniqueConstraint(fields=["seller_id", "country"], name="one_tax_remittance")]

    def __str__(self) -> str:
        return f"{self.seller_id} {self.country or '*'}"


class VatClass(models.Model):
    """Goods of a category that have another rate than the standard one in a country; `rate_name` is of vat_rates.json."""

    id = models.BigAutoField(primary_key=True)
    category_code = models.CharField(max_length=60)
    country = models.CharField(max_length=2)
    rate_name = models.CharField(max_length=20)

    class Meta:
        verbose_name_plural = "VAT classes"
        constraints: ClassVar = [models.UniqueConstraint(fields=["category_code", "country"], name="one_vat_class")]

    def __str__(self) -> str:
        return f"{self.category_code} {self.country}: {self.rate_name}"
