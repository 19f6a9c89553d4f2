"""Shapes of changes to many listings, of plans and of versions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.money import Money
from marketplace.catalog.bulk import MAX_LISTINGS, BulkAction
from marketplace.catalog.models import ListingRevision


class BulkChangeSerializer(serializers.Serializer[Any]):
    """`basis_points` and `amount_minor` are added to prices; `stock`, `days` and `category` are what it becomes."""

    listing_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MAX_LISTINGS)
    bulk_action = serializers.ChoiceField(choices=[one.value for one in BulkAction])
    basis_points = serializers.IntegerField(min_value=-9_000, max_value=50_000, default=0)
    amount_minor = serializers.IntegerField(min_value=-(10**9), max_value=10**9, default=0)
    stock = serializers.IntegerField(min_value=0, default=0)
    days = serializers.IntegerField(min_value=0, default=0)
    category = serializers.CharField(max_length=60, allow_blank=True, default="")
    is_trial = serializers.BooleanField(default=True)


class BulkRowSerializer(serializers.Serializer[Any]):
    """`message` is empty when it worked."""

    listing_id = serializers.UUIDField()
    title = serializers.CharField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()
    message = serializers.CharField()
    remedy = serializers.CharField()

    def get_before(self, row: Any) -> str:
        return _plain(row.before)

    def get_after(self, row: Any) -> str:
        return _plain(row.after)


def _plain(value: Any) -> str:
    return "" if value is None else str(value.minor) if isinstance(value, Money) else str(value)


class PublicationPlanSerializer(serializers.Serializer[Any]):
    publish_at = serializers.DateTimeField()


class VersionSerializer(serializers.ModelSerializer[ListingRevision]):
    """`changes`: name -> [before, after]."""

    class Meta:
        model = ListingRevision
        fields = ("version", "changes", "actor", "at")
