"""Shapes of batches in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.batches.models import BatchRow, OrderBatch
from marketplace.batches.services import MAX_ORDERS


class StartBatchSerializer(serializers.Serializer[Any]):
    batch_action = serializers.ChoiceField(choices=OrderBatch.Actions.values)
    orders = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MAX_ORDERS)


class BatchRowSerializer(serializers.Serializer[Any]):
    """`note` is the parcel's number, or why it did not work."""

    order_id = serializers.UUIDField()
    batch_result = serializers.ChoiceField(choices=BatchRow.Results.values, source="result")
    note = serializers.CharField(allow_blank=True)


class BatchSerializer(serializers.Serializer[Any]):
    """One action on several orders; `finished_at` is null while a worker goes through them."""

    id = serializers.UUIDField()
    batch_action = serializers.ChoiceField(choices=OrderBatch.Actions.values, source="action")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    rows = BatchRowSerializer(many=True, source="rows.all")
