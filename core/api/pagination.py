"""Cursor pagination: stable under inserts, bounded pages, no counting."""

from __future__ import annotations

from rest_framework import pagination


class CursorPagination(pagination.CursorPagination):
    """`?cursor=…&page_size=…`; newest first unless the view says otherwise."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = "-id"
