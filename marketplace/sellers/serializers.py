"""Shapes of business profiles in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.identity.countries import COUNTRIES
from marketplace.contracts import SellerState
from marketplace.sellers.models import Seller
from marketplace.sellers.rules import MAX_HANDLING_DAYS


class ProfileSerializer(serializers.Serializer[Any]):
    """A business profile: what the seller writes, and where it stands."""

    seller_id = serializers.UUIDField(source="organisation_id", read_only=True)
    seller_state = serializers.ChoiceField(choices=[s.value for s in SellerState], source="state", read_only=True)
    currency = serializers.CharField(read_only=True)
    submitted_at = serializers.DateTimeField(read_only=True, allow_null=True)
    opened_at = serializers.DateTimeField(read_only=True, allow_null=True)
    name = serializers.CharField(max_length=80)
    slug = serializers.CharField(max_length=60)
    seller_kind = serializers.ChoiceField(choices=Seller.Kind.values, source="kind", default="BUSINESS")
    legal_name = serializers.CharField(max_length=160)
    registration_number = serializers.CharField(max_length=60, allow_blank=True, default="")
    vat_number = serializers.CharField(max_length=20, allow_blank=True, default="")
    street = serializers.CharField(max_length=160)
    city = serializers.CharField(max_length=80)
    postcode = serializers.CharField(max_length=16)
    region = serializers.CharField(max_length=80, allow_blank=True, default="")
    country = serializers.ChoiceField(choices=sorted(COUNTRIES))
    phone = serializers.CharField(max_length=32, allow_blank=True, default="")
    story = serializers.CharField(max_length=4000, allow_blank=True, default="")
    policies = serializers.CharField(max_length=4000, allow_blank=True, default="")
    handling_days = serializers.IntegerField(min_value=0, max_value=MAX_HANDLING_DAYS, default=2)


class ShopSummarySerializer(serializers.Serializer[Any]):
    """A seller as buyers see it. Shares in basis points; null while too few cases."""

    seller_id = serializers.UUIDField(source="organisation_id")
    name = serializers.CharField()
    slug = serializers.CharField()
    country = serializers.CharField()
    rating_hundredths = serializers.IntegerField(source="standing.rating_hundredths")
    rating_count = serializers.IntegerField(source="standing.rating_count")
    promise_kept_bp = serializers.IntegerField(source="standing.promise_kept_bp", allow_null=True)
    dispute_rate_bp = serializers.IntegerField(source="standing.dispute_rate_bp", allow_null=True)
