"""Admin of reviews: hide and restore with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.forms import ActionForm

from core.clock import utc_now
from core.errors import DomainError
from core.web.requests import actor_of
from trust.reviews import services
from trust.reviews.models import Review


class ReasonForm(ActionForm):  # type: ignore[misc]
    reason = forms.CharField(required=False, max_length=500, label="Reason")


@admin.register(Review)
class ReviewAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("listing_title", "rating", "title", "state", "posted_at")
    list_filter = ("state", "rating")
    search_fields = ("listing_title", "title", "text", "order_id")
    actions = ("hide", "restore")
    action_form = ReasonForm
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Hide (give a reason)", permissions=["view"])
    def hide(self, request: HttpRequest, queryset: Any) -> None:
        _each(request, queryset, services.hide_review)

    @admin.action(description="Restore (give a reason)", permissions=["view"])
    def restore(self, request: HttpRequest, queryset: Any) -> None:
        _each(request, queryset, services.restore_review)


def _each(request: HttpRequest, queryset: Any, act: Any) -> None:
    reason = request.POST.get("reason", "")
    for review in queryset[:100]:
        try:
            act(review_id=review.id, reason=reason, actor=actor_of(request), now=utc_now())
        except DomainError as error:
            messages.error(request, f"{review}: {error.message}")
        else:
            messages.success(request, _("Done: %(what)s") % {"what": review})
