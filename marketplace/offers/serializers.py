"""Shapes of matches in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.offers.models import Match
from marketplace.offers.states import MatchState


class MatchSerializer(serializers.Serializer[Any]):
    """A proposal; `match_reason` is GTIN or TITLE."""

    id = serializers.UUIDField()
    listing_id = serializers.UUIDField()
    title = serializers.CharField(source="good.title")
    match_reason = serializers.ChoiceField(choices=list(Match.Reason.values), source="reason")
    match_state = serializers.ChoiceField(choices=[s.value for s in MatchState], source="state")
    proposed_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)


class DecisionSerializer(serializers.Serializer[Any]):
    accept = serializers.BooleanField()
