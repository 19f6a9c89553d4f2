"""The platform's own bank accounts, the transfers it orders, and the transfers it waits for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.ids import new_id
from core.money import Money
from core.personal import personal


class BankAccount(models.Model):
    """An account of the platform at a bank. Statements of other accounts are kept but book nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=34, unique=True, help_text="IBAN without spaces, or the bank's own number")
    bic = models.CharField(max_length=11, blank=True, default="")
    holder = models.CharField(max_length=70)
    currency = models.CharField(max_length=3)
    street = models.CharField(max_length=70, blank=True, default="")
    building = models.CharField(max_length=16, blank=True, default="")
    postcode = models.CharField(max_length=16, blank=True, default="")
    town = models.CharField(max_length=35, blank=True, default="")
    country = models.CharField(max_length=2, default="ES")
    pain_version = models.CharField(
        max_length=15, default="pain.001.001.09",
        choices=[(v, v) for v in ("pain.001.001.03", "pain.001.001.09", "pain.001.001.11")],
    )  # fmt: skip
    books_from = models.CharField(
        max_length=12, default="STATEMENT",
        choices=[("STATEMENT", "Statements (camt.053)"), ("NOTIFICATION", "Notifications (camt.054)")],
        help_text="Which message books money; the other kind is kept for its details.",
    )  # fmt: skip
    is_active = models.BooleanField(default=True)
    opening_minor = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ("currency", "number")

    def __str__(self) -> str:
        return f"{self.number} ({self.currency})"


class BankIntent(models.Model):
    """A transfer the platform waits for: the buyer writes `reference` (ISO 11649) into it. Keyed by our charge's id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    idempotency_key = models.CharField(max_length=80, unique=True)
    reference = models.CharField(max_length=25, unique=True)
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    received_minor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(closed_at=None), name="bank_intent_open"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(received_minor__gte=0, received_minor__lte=F("amount_minor")), name="bank_intent_sane"
            )
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def received(self) -> Money:
        return Money(self.received_minor, self.currency)


class BankReceipt(models.Model):
    """A part of an intent's money, with the account it came from: where a refund goes."""

    id = models.BigAutoField(primary_key=True)
    intent = models.ForeignKey(BankIntent, on_delete=models.PROTECT, related_name="receipts")
    line_id = models.UUIDField(unique=True)
    amount_minor = models.BigIntegerField()
    holder = personal(models.CharField(max_length=140, blank=True, default=""))
    iban = personal(models.CharField(max_length=34, blank=True, default=""))
    at = models.DateTimeField()


class PaymentFile(models.Model):
    """A pain.001 message: checked against its schema before it was stored; never changed afterwards."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT)
    message_id = models.CharField(max_length=35, unique=True)
    schema = models.CharField(max_length=15)
    count = models.PositiveIntegerField()
    total_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    content = models.TextField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120)
    downloaded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.message_id

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


class BankOrder(models.Model):
    """A credit transfer to be ordered from the bank. `id` is the payout's or refund's own: it is the EndToEndId.

    WAITING for a file, SENT in one, EXECUTED on our statement, RETURNED by the other bank, CANCELLED before a file.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=10, choices=[(p, p) for p in ("PAYOUT", "REFUND", "SEND_BACK")])
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    holder = personal(models.CharField(max_length=120))
    iban = personal(models.CharField(max_length=34))
    address = personal(models.JSONField(default=dict))
    text = models.CharField(max_length=140)
    state = models.CharField(max_length=10, default="WAITING")
    failure_code = models.CharField(max_length=60, blank=True, default="")
    bank_status = models.CharField(max_length=4, blank=True, default="", db_default="")  # the latest of a pain.002
    file = models.ForeignKey(PaymentFile, on_delete=models.PROTECT, null=True, related_name="orders")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "id")
        indexes: ClassVar = [
            models.Index(fields=["currency", "created_at"], condition=Q(state="WAITING"), name="bank_order_waiting"),
            models.Index(fields=["amount_minor", "iban"], name="bank_order_match"),
        ]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="bank_order_positive")]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def end_to_end_id(self) -> str:
        """At most 35 characters (ISO 20022): the id without its hyphens."""
        return self.id.hex
