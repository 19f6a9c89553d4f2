"""Shapes of the manifests API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from logistics.manifests.states import ManifestState


class ManifestSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    carrier_code = serializers.CharField(source="carrier_id")
    manifest_state = serializers.ChoiceField(choices=[state.value for state in ManifestState], source="state")
    shipments = serializers.IntegerField()
    parcels = serializers.IntegerField()
    weight_grams = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class ManifestLineSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    shipment_id = serializers.UUIDField()
    tracking_number = serializers.CharField(source="shipment.waybill")
    carrier_number = serializers.CharField(source="shipment.carrier_number")
    reference = serializers.CharField(source="shipment.reference")
    parcels = serializers.IntegerField()
    weight_grams = serializers.IntegerField()
    shipment_state = serializers.CharField(source="shipment.state")


class ManifestDetailSerializer(ManifestSerializer):
    lines = ManifestLineSerializer(many=True)


class ManifestRequestSerializer(serializers.Serializer[Any]):
    carrier_code = serializers.CharField(max_length=30)


class ManifestCancellationSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")
