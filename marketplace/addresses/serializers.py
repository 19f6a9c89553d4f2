"""Shapes of addresses in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.identity.countries import COUNTRIES
from marketplace.contracts import Place


class AddressSerializer(serializers.Serializer[Any]):
    """Where parcels go. What is needed depends on the country: see address-formats/."""

    name = serializers.CharField(max_length=120)
    street = serializers.CharField(max_length=160)
    city = serializers.CharField(max_length=80, allow_blank=True, default="")
    postcode = serializers.CharField(max_length=16, allow_blank=True, default="")
    country = serializers.ChoiceField(choices=sorted(COUNTRIES))
    region = serializers.CharField(max_length=80, allow_blank=True, default="")
    phone = serializers.CharField(max_length=32, allow_blank=True, default="")
    company = serializers.CharField(max_length=120, allow_blank=True, default="")
    district = serializers.CharField(max_length=80, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> Any:
        return Place(**attrs)


class SavedAddressSerializer(serializers.Serializer[Any]):
    """An entry of the address book."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    company = serializers.CharField()
    street = serializers.CharField()
    district = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()


class RegionSerializer(serializers.Serializer[Any]):
    """`value` is what an address says, `name` what a list shows."""

    value = serializers.CharField()
    name = serializers.CharField()


class AddressFormatSerializer(serializers.Serializer[Any]):
    """How a country writes addresses: `parts` in their order, `needed` those it cannot do without.

    `kinds` says what a part is called there; `regions` is empty where people write it freely or not at all.
    """

    country = serializers.CharField()
    parts = serializers.ListField(child=serializers.CharField())
    needed = serializers.ListField(child=serializers.CharField())
    kinds = serializers.DictField(child=serializers.CharField())
    postcode_example = serializers.CharField(allow_blank=True)
    regions = RegionSerializer(many=True)
