"""Shapes of tenders in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import MoneySerializer
from marketplace.addresses.serializers import AddressSerializer
from marketplace.contracts import TenderState
from marketplace.quotes.rules import MAX_QUANTITY
from marketplace.quotes.serializers import OfferInputSerializer, QuoteOfferSerializer
from marketplace.tenders.rules import MAX_DAYS, MAX_NEED, MAX_TITLE


class TenderSerializer(serializers.Serializer[Any]):
    """What a buyer looks for. Sellers see the country it goes to, not the address."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    tender_state = serializers.ChoiceField(choices=[s.value for s in TenderState], source="state")
    category = serializers.CharField(source="category_id")
    title = serializers.CharField()
    need = serializers.CharField()
    quantity = serializers.IntegerField()
    target = MoneySerializer(allow_null=True)
    country = serializers.CharField(source="address.country")
    published_at = serializers.DateTimeField()
    reserved_until = serializers.DateTimeField()
    deadline = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class TenderBidSerializer(serializers.Serializer[Any]):
    """An answer: the last word of its price talk."""

    quote_id = serializers.UUIDField(source="bid.quote_id")
    quote_state = serializers.CharField(source="bid.quote.state")
    seller_id = serializers.UUIDField(source="bid.seller_id")
    seller = serializers.CharField(source="bid.seller.name")
    listing_id = serializers.UUIDField(source="bid.quote.listing_id")
    offer = QuoteOfferSerializer(source="word")


class NeedSerializer(serializers.Serializer[Any]):
    category_code = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=MAX_TITLE)
    need = serializers.CharField(max_length=MAX_NEED)
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_QUANTITY)
    address = AddressSerializer()
    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS)
    target = MoneySerializer(required=False, allow_null=True, default=None)


class BidInputSerializer(OfferInputSerializer):
    listing_id = serializers.UUIDField()


class TenderChoiceSerializer(serializers.Serializer[Any]):
    """The answer taken, and the total the caller saw."""

    quote_id = serializers.UUIDField()
    total = MoneySerializer()


class ChosenSerializer(serializers.Serializer[Any]):
    purchase_id = serializers.UUIDField()
