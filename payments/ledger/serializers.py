"""Shapes of the ledger in the API. Amounts are debit-positive."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer


class ChainHeadSerializer(serializers.Serializer[Any]):
    """`hash` covers every record up to `total_records`; keep it, and nothing before it can change unseen."""

    height = serializers.IntegerField()
    hash = serializers.CharField()
    previous_hash = serializers.CharField()
    records = serializers.IntegerField()
    total_records = serializers.IntegerField()
    made_at = serializers.DateTimeField()


class LedgerAccountSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    account_kind = serializers.CharField(source="kind_id")
    owner = serializers.CharField()
    currency = serializers.CharField(source="currency_id")
    mode = serializers.CharField()


class LedgerLegSerializer(serializers.Serializer[Any]):
    account = LedgerAccountSerializer()
    amount = MoneySerializer(source="money")
    seq = serializers.IntegerField(allow_null=True)
    balance_after = serializers.IntegerField(allow_null=True)


class LedgerTxnSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    txn_kind = serializers.CharField(source="kind")
    reference = serializers.CharField(source="ref")
    idem_scope = serializers.CharField()
    idem_key = serializers.CharField()
    reverses = serializers.IntegerField(source="reverses_id", allow_null=True)
    effective_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    legs = LedgerLegSerializer(many=True)


class LedgerLineSerializer(serializers.Serializer[Any]):
    txn_id = serializers.IntegerField()
    at = serializers.DateTimeField()
    txn_kind = serializers.CharField(source="kind")
    reference = serializers.CharField(source="ref")
    amount = MoneySerializer()
    balance = MoneySerializer()


class LedgerStatementSerializer(serializers.Serializer[Any]):
    opening = MoneySerializer()
    debits = MoneySerializer()
    credits = MoneySerializer()
    closing = MoneySerializer()
    movements = serializers.IntegerField()
    lines = LedgerLineSerializer(many=True)
    next_cursor = serializers.CharField(help_text="Send it as `cursor` for the lines after these; empty at the end.")


class PeriodSerializer(serializers.Serializer[Any]):
    """[since, until) of a statement; `cursor` of the page before."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    cursor = serializers.CharField(required=False, default="", allow_blank=True)
    page_size = serializers.IntegerField(required=False, default=100, min_value=1, max_value=1000)


class MomentSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField(required=False, default=None)


class LedgerBalanceSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    balance = MoneySerializer()


class TrialLineSerializer(serializers.Serializer[Any]):
    account_kind = serializers.CharField(source="kind")
    currency = serializers.CharField()
    accounts = serializers.IntegerField()
    posted_minor = serializers.IntegerField(source="posted")
