"""Bank statements, their lines, and what was done about each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.database import append_only
from core.ids import new_id
from core.money import Money
from core.personal import personal
from payments.providers.bank_models import BankAccount, PaymentFile
from payments.reconciliation.states import LineState


class BankStatement(models.Model):
    """One statement, report or notification of a message, as the bank sent it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8)
    version = models.CharField(max_length=4)
    message_id = models.CharField(max_length=40)
    statement_id = models.CharField(max_length=40)
    page = models.CharField(max_length=10, blank=True, default="")
    account_number = models.CharField(max_length=40)
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, null=True)
    digest = models.CharField(max_length=64)
    created_on = models.DateTimeField(null=True)
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)
    balances = models.JSONField(default=list)
    opening_minor = models.BigIntegerField(null=True)
    closing_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    difference_minor = models.BigIntegerField(null=True)
    ledger_difference_minor = models.BigIntegerField(null=True)
    lines_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    file_name = models.CharField(max_length=200, blank=True, default="")
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=120)

    class Meta:
        ordering = ("-imported_at", "-id")
        verbose_name = "bank statement"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "account_number", "statement_id", "page"], name="one_statement")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.statement_id}"

    @property
    def is_in_order(self) -> bool | None:
        """Whether opening, entries and closing agree; None when the bank sent no such balances."""
        return None if self.difference_minor is None else self.difference_minor == 0


class BankLine(models.Model):
    """One movement on an account: an entry, or one transaction of a batch booking."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, null=True)
    fingerprint = models.CharField(max_length=64)
    amount_minor = models.BigIntegerField(help_text="Positive came in, negative went out")
    currency = models.CharField(max_length=3)
    booked_on = models.DateField(null=True)
    value_on = models.DateField(null=True)
    is_reversal = models.BooleanField(default=False)
    servicer_ref = models.CharField(max_length=80, blank=True, default="")
    end_to_end_id = models.CharField(max_length=80, blank=True, default="")
    reference = models.CharField(max_length=140, blank=True, default="")
    text = models.CharField(max_length=500, blank=True, default="")
    party = personal(models.CharField(max_length=140, blank=True, default=""))
    party_account = personal(models.CharField(max_length=40, blank=True, default=""))
    return_code = models.CharField(max_length=10, blank=True, default="")
    details = personal(models.JSONField(default=dict))
    state = models.CharField(max_length=12, choices=[(s.value, s.value.title()) for s in LineState])
    rule = models.CharField(max_length=24, blank=True, default="")
    subject_type = models.CharField(max_length=16, blank=True, default="")
    subject_id = models.UUIDField(null=True)
    seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("seen_at", "id")
        verbose_name = "bank line"
        indexes: ClassVar = [
            models.Index(fields=["seen_at"], condition=Q(state__in=["OPEN", "PARTIAL"]), name="bank_line_open"),
            models.Index(fields=["end_to_end_id"], name="bank_line_e2e"),
            models.Index(fields=["subject_id"], name="bank_line_subject"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "fingerprint"], name="one_bank_line"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.reference or self.end_to_end_id}".strip()

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class LineTransition(models.Model):
    """What was decided about a line, by whom and why."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(BankLine, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12)
    action = models.CharField(max_length=16)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("id",)


class StatusReport(models.Model):
    """What a bank said about one of our payment files (pain.002): taken in, refused, or some of each; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message_id = models.CharField(max_length=40, unique=True)
    original_message_id = models.CharField(max_length=40)
    file = models.ForeignKey(PaymentFile, on_delete=models.PROTECT, null=True, related_name="reports")
    digest = models.CharField(max_length=64)
    status = models.CharField(max_length=4, blank=True, default="")
    reason = models.CharField(max_length=35, blank=True, default="")
    accepted_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    unknown_count = models.PositiveIntegerField(default=0)
    file_name = models.CharField(max_length=200, blank=True, default="")
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=120)

    class Meta:
        ordering = ("-imported_at", "-id")
        triggers = append_only()

    def __str__(self) -> str:
        return self.message_id
