"""Shapes of imports in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from marketplace.imports.models import ListingImport


class RowErrorSerializer(serializers.Serializer[Any]):
    """What is wrong in a row, numbered as a spreadsheet does (the header is row 1)."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


class ImportSerializer(serializers.ModelSerializer[ListingImport]):
    class Meta:
        model = ListingImport
        fields = (
            "id", "file_name", "state", "rows_total", "rows_done", "listings_made", "errors_total", "created_at",
            "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class ImportDetailSerializer(ImportSerializer):
    """With the first 500 errors."""

    row_errors = RowErrorSerializer(many=True, read_only=True, source="errors")

    class Meta:
        model = ListingImport
        fields = ("id", "file_name", "state", "rows_total", "rows_done", "listings_made", "errors_total", "row_errors")
        read_only_fields = fields


class ImportUploadSerializer(serializers.Serializer[Any]):
    """CSV (comma, semicolon or tab) or XLSX with our columns; at most 20 MB and 50,000 rows."""

    file = serializers.FileField()
