"""REST: documents of the caller's organisation."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.pagination import CursorPagination
from core.api.views import ApiView
from core.errors import NotFound
from payments.documents import selectors
from payments.documents.serializers import DocumentSerializer


class Documents(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=DocumentSerializer(many=True), operation_id="payments_document_list", tags=["payments"])
    def get(self, request: Request) -> Response:
        """Invoices, credit notes and fee statements, newest first, paged."""
        if self.actor.organisation_id is None:
            raise NotFound()
        pages = CursorPagination()
        page = pages.paginate_queryset(selectors.documents_of(self.actor.organisation_id), request, view=self)
        return pages.get_paginated_response(DocumentSerializer(page, many=True).data)


class DocumentDetail(ApiView):
    read_scope = "payments:read"

    @extend_schema(responses=DocumentSerializer, operation_id="payments_document_retrieve", tags=["payments"])
    def get(self, request: Request, document_id: UUID) -> Response:
        """One document with everything on it. For who issued it, who received it, and operators."""
        return Response(DocumentSerializer(selectors.get_document_for(document_id, self.actor)).data)
