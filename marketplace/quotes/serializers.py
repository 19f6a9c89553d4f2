"""Shapes of price talks in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.addresses.serializers import AddressSerializer
from marketplace.contracts import MessageSide, QuoteState
from marketplace.quotes.rules import MAX_HANDLING_DAYS, MAX_NOTE, MAX_QUANTITY, MAX_VALID_DAYS, MAX_WISH, OFFER_DAYS


class QuoteOfferSerializer(serializers.Serializer[Any]):
    """One word of one side; the last one stands."""

    side = serializers.ChoiceField(choices=[s.value for s in MessageSide])
    quantity = serializers.IntegerField()
    unit_price = MoneySerializer()
    shipping = MoneySerializer()
    total = MoneySerializer()
    service_code = serializers.CharField()
    service_name = serializers.CharField()
    handling_days = serializers.IntegerField()
    note = serializers.CharField()
    valid_until = serializers.DateTimeField()
    at = serializers.DateTimeField()


class QuoteSummarySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    quote_state = serializers.ChoiceField(choices=[s.value for s in QuoteState], source="state")
    listing_id = serializers.UUIDField()
    buyer_id = serializers.UUIDField()
    seller_id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    wish = serializers.CharField()
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    purchase_id = serializers.UUIDField(allow_null=True)
    agreement_id = serializers.UUIDField(allow_null=True)


class QuoteSerializer(QuoteSummarySerializer):
    ship_to = serializers.DictField()
    offers = QuoteOfferSerializer(many=True, source="words")


class QuoteOpeningSerializer(serializers.Serializer[Any]):
    listing_id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    wish = serializers.CharField(max_length=MAX_WISH, required=False, default="", allow_blank=True)
    address = AddressSerializer()


class OfferInputSerializer(serializers.Serializer[Any]):
    """`shipping` left out: what the carrier asks today."""

    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    unit_price = MoneySerializer()
    service_code = serializers.CharField(max_length=60)
    shipping = MoneySerializer(required=False, allow_null=True, default=None)
    handling_days = serializers.IntegerField(min_value=0, max_value=MAX_HANDLING_DAYS, required=False, default=2)
    valid_days = serializers.IntegerField(min_value=1, max_value=MAX_VALID_DAYS, required=False, default=OFFER_DAYS)
    note = serializers.CharField(max_length=MAX_NOTE, required=False, default="", allow_blank=True)


class QuoteTotalSerializer(serializers.Serializer[Any]):
    """What the caller saw; another total is refused."""

    total = MoneySerializer()
