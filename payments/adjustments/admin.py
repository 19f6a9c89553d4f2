"""Adjustments: asked for, and decided by somebody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import add_error, told
from core.web.requests import actor_of
from payments.adjustments import services
from payments.adjustments.forms import AdjustmentForm, DecisionForm
from payments.adjustments.models import Adjustment, AdjustmentPolicy
from payments.adjustments.selectors import count_waiting


def waiting_badge(request: HttpRequest) -> str:
    """How many adjustments wait for a second person, for the sidebar."""
    return str(count_waiting())


@admin.register(Adjustment)
class AdjustmentAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("seller_id", "kind", "amount", "state", "reason", "requested_by", "requested_at", "decided_by")
    list_filter = ("state", "kind", "currency")
    search_fields = ("=id", "=seller_id", "=order_id", "reason")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for a correction."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AdjustmentForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            try:
                made = services.request_adjustment(
                    seller_id=values["seller_id"], kind=values["kind"], amount=values["money"], reason=values["reason"],
                    order_id=values["order_id"], actor=actor_of(request), now=utc_now(),
                )  # fmt: skip
            except DomainError as error:
                add_error(form, error)
            else:
                waits = made.state == "REQUESTED"
                messages.success(request, _("Somebody else must approve it.") if waits else _("Posted."))
                return redirect("admin:payments_adjustment_changelist")
        context = {
            **admin.site.each_context(request), "title": _("New adjustment"), "form": form, "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(request, "payments/admin_adjustment_new.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What is asked for, its history, and the decision while it waits."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        adjustment = _find(object_id)
        form = DecisionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                _decide(request, adjustment.id, form.cleaned_data["reason"])
                messages.success(request, _("Decided."))
                return redirect("admin:payments_adjustment_changelist")
            except DomainError as error:
                form.add_error(None, told(error))
        context = {
            **admin.site.each_context(request), "title": str(adjustment.amount), "adjustment": adjustment, "form": form,
            "transitions": list(adjustment.transitions.all()), "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(request, "payments/admin_adjustment.html", context)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _find(object_id: str) -> Adjustment:
    try:
        return Adjustment.objects.get(id=UUID(object_id))
    except (ValueError, Adjustment.DoesNotExist):
        raise Http404 from None


def _decide(request: HttpRequest, adjustment_id: UUID, reason: str) -> None:
    actor, now = actor_of(request), utc_now()
    if request.POST.get("decision") == "approve":
        services.approve_adjustment(adjustment_id=adjustment_id, actor=actor, now=now)
    else:
        services.reject_adjustment(adjustment_id=adjustment_id, reason=reason, actor=actor, now=now)


@admin.register(AdjustmentPolicy)
class AdjustmentPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    """For adjustments from now on."""

    list_display = ("currency", "approval_above_minor")
