"""Shapes of withdrawals in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.orders.serializers import PiecesSerializer
from marketplace.withdrawals.services import Statement


class WithdrawalStatementSerializer(PiecesSerializer):
    """The statement, which sending confirms. The receipt goes to `email`."""

    name = serializers.CharField(max_length=120)
    email = serializers.EmailField()

    def statement(self) -> Statement:
        return Statement(
            pieces=self.pieces(), name=self.validated_data["name"], email=self.validated_data["email"]
        )  # fmt: skip


class WithdrawnLineSerializer(serializers.Serializer[Any]):
    """`cancelled` of the pieces had not been sent: their price went back at once."""

    line_id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class WithdrawalSerializer(serializers.Serializer[Any]):
    """A confirmed statement; `return_id` is the return it opened, null while the goods are on their way."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    order_id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    stated_at = serializers.DateTimeField()
    return_id = serializers.UUIDField(source="opened_id", allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    lines = WithdrawnLineSerializer(many=True, source="lines.all")
