"""Shapes of a seller's figures in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.reports.selectors import PERIODS
from core.api.serializers import MoneySerializer


class PeriodSerializer(serializers.Serializer[Any]):
    days = serializers.ChoiceField(choices=PERIODS, default=30, help_text="Length of the period, today included.")


class BehaviourSerializer(serializers.Serializer[Any]):
    impressions = serializers.IntegerField()
    clicks = serializers.IntegerField()
    views = serializers.IntegerField()
    cart_adds = serializers.IntegerField()


class DayFiguresSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    behaviour = BehaviourSerializer()
    orders = serializers.IntegerField()
    units = serializers.IntegerField()
    revenue = MoneySerializer()


class OverviewSerializer(serializers.Serializer[Any]):
    since = serializers.DateField()
    until = serializers.DateField()
    behaviour = BehaviourSerializer()
    orders = serializers.IntegerField()
    units = serializers.IntegerField()
    revenue = MoneySerializer()
    days = DayFiguresSerializer(many=True)


class ListingFiguresSerializer(serializers.Serializer[Any]):
    listing_id = serializers.UUIDField()
    title = serializers.CharField()
    behaviour = BehaviourSerializer()
    orders = serializers.IntegerField()
    units = serializers.IntegerField()
    conversion_bp = serializers.IntegerField(allow_null=True, help_text="Orders per view in basis points.")
