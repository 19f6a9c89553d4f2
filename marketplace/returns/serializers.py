"""Shapes of returns in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.returns.rules import Disposition, Payer, ReturnReason, ReturnWish
from marketplace.returns.states import ReturnState


class ReturnAskSerializer(serializers.Serializer[Any]):
    line_id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1)
    return_reason = serializers.ChoiceField(choices=[r.value for r in ReturnReason])


class ReturnRequestSerializer(serializers.Serializer[Any]):
    lines = ReturnAskSerializer(many=True, allow_empty=False)
    wish = serializers.ChoiceField(choices=[w.value for w in ReturnWish], default=ReturnWish.REFUND.value)
    note = serializers.CharField(max_length=2000, allow_blank=True, default="")


class ReturnedPartSerializer(serializers.Serializer[Any]):
    """`accepted` is null until the inspection."""

    id = serializers.UUIDField()
    line_id = serializers.UUIDField()
    title = serializers.CharField(source="line.title")
    quantity = serializers.IntegerField()
    return_reason = serializers.ChoiceField(choices=[r.value for r in ReturnReason], source="reason")
    accepted = serializers.IntegerField(allow_null=True)
    disposition = serializers.ChoiceField(choices=["", *(d.value for d in Disposition)])
    deduction = MoneySerializer()


class ReturnSerializer(serializers.Serializer[Any]):
    """Goods on their way back. `due_at`: when the state ends by itself. `shipment_id`: the way back, once labelled."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    order_id = serializers.UUIDField()
    return_state = serializers.ChoiceField(choices=[s.value for s in ReturnState], source="state")
    wish = serializers.ChoiceField(choices=[w.value for w in ReturnWish])
    label_payer = serializers.ChoiceField(choices=[p.value for p in Payer], source="payer")
    note = serializers.CharField()
    answer = serializers.CharField()
    lines = ReturnedPartSerializer(many=True, source="lines.all")
    refunded = MoneySerializer()
    label_price = MoneySerializer()
    shipment_id = serializers.UUIDField(allow_null=True)
    requested_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class FindingSerializer(serializers.Serializer[Any]):
    """What was found of one returned line (its `id`). `deduction_minor` in the order's currency."""

    id = serializers.UUIDField()
    accepted = serializers.IntegerField(min_value=0)
    disposition = serializers.ChoiceField(choices=[d.value for d in Disposition], default=Disposition.RESTOCK.value)
    deduction_minor = serializers.IntegerField(min_value=0, default=0)


class ReturnInspectionSerializer(serializers.Serializer[Any]):
    """Lines that are left out are accepted whole."""

    findings = FindingSerializer(many=True, default=list)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class ReturnRefusalSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class ReturnPhotoUploadSerializer(serializers.Serializer[Any]):
    photo = serializers.FileField()


class ReturnPhotoSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    at = serializers.DateTimeField()
