"""Shapes of the pickups API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from logistics.contracts import Address
from logistics.pickups.services import Visit
from logistics.pickups.states import PickupState


class PickupSerializer(serializers.Serializer[Any]):
    """A pickup. It may be changed or called off until `cutoff_at`."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    carrier_code = serializers.CharField(source="carrier_id")
    schedule_id = serializers.UUIDField(allow_null=True)
    pickup_state = serializers.ChoiceField(choices=[state.value for state in PickupState], source="state")
    day = serializers.DateField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField()
    cutoff_at = serializers.DateTimeField()
    carrier_reference = serializers.CharField()
    note = serializers.CharField()
    booked_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class PickupParcelSerializer(serializers.Serializer[Any]):
    shipment_id = serializers.UUIDField(source="id")
    tracking_number = serializers.CharField(source="waybill")
    reference = serializers.CharField()
    ship_by = serializers.DateTimeField(source="promise.ship_by")


class PickupDetailSerializer(PickupSerializer):
    """With the parcels that went with it, or would go with it now."""

    parcels = PickupParcelSerializer(many=True)


class PickupAddressSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    street = serializers.CharField(max_length=200)
    city = serializers.CharField(max_length=120)
    postcode = serializers.CharField(max_length=20, allow_blank=True, default="")
    country = serializers.RegexField(r"^[A-Z]{2}$")
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")


class PickupWindowSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    opens = serializers.TimeField()
    closes = serializers.TimeField()


class PickupWhereSerializer(serializers.Serializer[Any]):
    """Without an address the one of the last pickup or parcel is taken."""

    carrier_code = serializers.CharField(max_length=30)
    opens = serializers.TimeField()
    closes = serializers.TimeField()
    address = PickupAddressSerializer(required=False)
    note = serializers.CharField(max_length=200, allow_blank=True, default="")

    def visit(self, usual: Address | None) -> Visit:
        """For valid data. Raises ValidationError when there is no address."""
        data = self.validated_data
        address = Address(**data["address"]) if "address" in data else usual
        if address is None:
            raise serializers.ValidationError({"address": "Where does the carrier ring?"})
        return Visit(data["carrier_code"], data["opens"], data["closes"], address, data["note"])


class PickupRequestSerializer(PickupWhereSerializer):
    day = serializers.DateField()


class PickupScheduleRequestSerializer(PickupWhereSerializer):
    weekdays = serializers.RegexField(r"^[0-6]{1,7}$", help_text="0 is Monday")


class PickupScheduleSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    carrier_code = serializers.CharField(source="carrier_id")
    weekdays = serializers.CharField()
    opens = serializers.TimeField()
    closes = serializers.TimeField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class PickupCancellationSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class PickupCompletionSerializer(serializers.Serializer[Any]):
    """Without `shipment_ids`: all parcels that were ready."""

    shipment_ids = serializers.ListField(child=serializers.UUIDField(), max_length=200, required=False)
