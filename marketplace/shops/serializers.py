"""Shapes of shops in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.contracts import AwayMode
from marketplace.shops.rules import MAX_AWAY_DAYS, MAX_IN_COLLECTION, MAX_NOTE, MAX_TAGLINE, Badge, Design


class ShopSerializer(serializers.Serializer[Any]):
    """A public shop. `reply_share`: per cent of questions answered within a day; null while there are too few."""

    seller_id = serializers.UUIDField(source="seller.pk")
    name = serializers.CharField(source="seller.name")
    slug = serializers.CharField(source="seller.slug")
    country = serializers.CharField(source="seller.country")
    story = serializers.CharField(source="seller.story")
    policies = serializers.CharField(source="seller.policies")
    design = serializers.ChoiceField(choices=[d.value for d in Design])
    tagline = serializers.CharField()
    away_mode = serializers.ChoiceField(choices=[m.value for m in AwayMode], source="seller.away_mode")
    away_days = serializers.IntegerField(source="seller.away_days")
    away_until = serializers.DateField(source="seller.away_until", allow_null=True)
    away_note = serializers.CharField(source="seller.away_note")
    badges = serializers.ListField(child=serializers.ChoiceField(choices=[b.value for b in Badge]))
    reply_median_seconds = serializers.IntegerField(source="figures.median_seconds", allow_null=True)
    reply_share = serializers.IntegerField(source="figures.share", allow_null=True)


class ShopPageInputSerializer(serializers.Serializer[Any]):
    design = serializers.ChoiceField(choices=[d.value for d in Design])
    tagline = serializers.CharField(max_length=MAX_TAGLINE, required=False, default="", allow_blank=True)
    away_mode = serializers.ChoiceField(choices=[m.value for m in AwayMode], required=False, default="OPEN")
    away_days = serializers.IntegerField(min_value=0, max_value=MAX_AWAY_DAYS, required=False, default=0)
    away_until = serializers.DateField(required=False, allow_null=True, default=None)
    away_note = serializers.CharField(max_length=MAX_NOTE, required=False, default="", allow_blank=True)


class CollectionSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(max_length=80)
    listing_ids = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_IN_COLLECTION)


class FollowedShopSerializer(serializers.Serializer[Any]):
    seller_id = serializers.UUIDField()
    name = serializers.CharField(source="seller.name")
    slug = serializers.CharField(source="seller.slug")
    at = serializers.DateTimeField()
