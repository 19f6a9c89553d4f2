"""Shapes of statements and lines in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from payments.reconciliation.states import LineState


class StatementUploadSerializer(serializers.Serializer[Any]):
    statement = serializers.FileField()


class ImportedSerializer(serializers.Serializer[Any]):
    statements = serializers.ListField(child=serializers.UUIDField())
    known = serializers.IntegerField()
    lines = serializers.IntegerField()
    matched = serializers.IntegerField()
    left_open = serializers.IntegerField()


class BankStatementSerializer(serializers.Serializer[Any]):
    """Differences in minor units; null when the bank sent no balances to compare."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    statement_id = serializers.CharField()
    account_number = serializers.CharField()
    currency = serializers.CharField()
    difference_minor = serializers.IntegerField(allow_null=True)
    ledger_difference_minor = serializers.IntegerField(allow_null=True)
    lines_count = serializers.IntegerField()
    imported_at = serializers.DateTimeField()


class BankLineSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    statement_id = serializers.UUIDField()
    amount = MoneySerializer()
    booked_on = serializers.DateField(allow_null=True)
    line_state = serializers.ChoiceField(choices=[s.value for s in LineState], source="state")
    rule = serializers.CharField()
    end_to_end_id = serializers.CharField()
    reference = serializers.CharField()
    text = serializers.CharField()
    party = serializers.CharField()
    return_code = serializers.CharField()
    seen_at = serializers.DateTimeField()


class LineDecisionSerializer(serializers.Serializer[Any]):
    """`decision` and, for PAYOUT and CHARGE, whose it is; `iban` and `holder` for SEND_BACK of an unknown payer."""

    decision = serializers.ChoiceField(choices=["PAYOUT", "CHARGE", "PROVIDER", "SEND_BACK", "FEE", "WRITE_OFF"])
    subject_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    holder = serializers.CharField(max_length=70, required=False, allow_blank=True, default="")
    iban = serializers.CharField(max_length=42, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=300)


class StatusReportSerializer(serializers.Serializer[Any]):
    """A bank's word about a payment file."""

    id = serializers.UUIDField()
    message_id = serializers.CharField()
    original_message_id = serializers.CharField()
    file_id = serializers.UUIDField(allow_null=True)
    group_status = serializers.CharField(source="status")
    reason = serializers.CharField()
    accepted_count = serializers.IntegerField()
    rejected_count = serializers.IntegerField()
    unknown_count = serializers.IntegerField()
    imported_at = serializers.DateTimeField()


class ReportOutcomeSerializer(serializers.Serializer[Any]):
    report_id = serializers.UUIDField()
    known = serializers.BooleanField()
    accepted = serializers.IntegerField()
    rejected = serializers.IntegerField()
    unknown = serializers.IntegerField()
