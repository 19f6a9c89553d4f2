"""REST: imports of listings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.clock import utc_now
from marketplace.imports import services
from marketplace.imports.models import ListingImport
from marketplace.imports.selectors import get_own_import, imports_of
from marketplace.imports.serializers import ImportDetailSerializer, ImportSerializer, ImportUploadSerializer


class Imports(ApiView, ListAPIView[ListingImport]):
    read_scope = "catalog:read"
    write_scope = "catalog:write"
    pagination_class = CursorPagination
    serializer_class = ImportSerializer
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[ListingImport]:
        seller_id = None if getattr(self, "swagger_fake_view", False) else self.actor.organisation_id
        return ListingImport.objects.none() if seller_id is None else imports_of(seller_id)

    @extend_schema(operation_id="imports_list", tags=["catalog"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The caller's imports, newest first."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        request={"multipart/form-data": ImportUploadSerializer}, responses={201: ImportSerializer},
        operation_id="imports_create", tags=["catalog"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Send a file. It is checked within seconds (state CHECKED, with errors by row); nothing is listed until it is
        started."""
        shape = ImportUploadSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        file = shape.validated_data["file"]
        made = services.take_file(file_name=file.name, content=file.read(), actor=self.actor, now=utc_now())
        return Response(ImportSerializer(made).data, status=201)


class ImportDetail(ApiView):
    read_scope = "catalog:read"

    @extend_schema(responses=ImportDetailSerializer, operation_id="imports_retrieve", tags=["catalog"])
    def get(self, request: Request, import_id: UUID) -> Response:
        """How far it has come, and what is wrong in which row."""
        row = get_own_import(import_id=import_id, seller_id=self.actor.organisation_id)
        return Response(ImportDetailSerializer(row).data)


class ImportStart(ApiView):
    write_scope = "catalog:write"

    @extend_schema(request=None, responses=ImportSerializer, operation_id="imports_start", tags=["catalog"])
    def post(self, request: Request, import_id: UUID) -> Response:
        """Have the good rows become listings on sale; the others are left out. Starting twice is refused."""
        row = services.start_import(import_id=import_id, actor=self.actor, now=utc_now())
        return Response(ImportSerializer(row).data)

    @extend_schema(responses=ImportSerializer, operation_id="imports_undo", tags=["catalog"])
    def delete(self, request: Request, import_id: UUID) -> Response:
        """Undo: take everything the import made off sale."""
        services.undo_import(import_id=import_id, actor=self.actor, now=utc_now())
        return Response(
            ImportSerializer(get_own_import(import_id=import_id, seller_id=self.actor.organisation_id)).data
        )
