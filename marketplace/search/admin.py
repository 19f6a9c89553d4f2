"""The operator's synonyms."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.clock import utc_now
from core.web.requests import actor_of
from marketplace.search.models import SynonymGroup
from marketplace.search.services import keep_synonyms


@admin.register(SynonymGroup)
class SynonymGroupAdmin(ModelAdmin):  # type: ignore[misc]
    """Every node follows within half a minute. A group that is not wanted is taken out of use, never deleted."""

    fields = ("words", "is_active")
    list_display = ("words", "is_active", "author", "updated_at")
    list_filter = ("is_active",)
    search_fields = ("words",)

    def save_model(self, request: HttpRequest, obj: SynonymGroup, form: Any, change: bool) -> None:
        row = keep_synonyms(
            group_id=obj.pk, words=obj.words, is_active=obj.is_active, actor=actor_of(request), now=utc_now()
        )
        obj.pk = row.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
