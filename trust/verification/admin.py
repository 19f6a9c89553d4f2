"""Admin of verification: pending cases, checks, the decision."""

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
from core.web.actions import told
from core.web.requests import actor_of
from marketplace import facade as marketplace
from trust.contracts import CaseState
from trust.verification import services
from trust.verification.forms import CaseDecisionForm
from trust.verification.models import VerificationCase
from trust.verification.rules import profile_checks
from trust.verification.selectors import count_open_cases


def open_cases_badge(request: HttpRequest) -> str:
    """How many cases wait, for the sidebar."""
    return str(count_open_cases())


class PendingFilter(admin.SimpleListFilter):
    """Open cases unless asked otherwise, with how many there are."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("OPEN", f"Open ({count_open_cases()})"), ("APPROVED", "Approved"), ("REJECTED", "Rejected")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(state=value) if value in CaseState.__members__ else queryset


@admin.register(VerificationCase)
class VerificationCaseAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("seller_name", "state", "submitted_at", "decided_at")
    list_filter = (PendingFilter,)
    search_fields = ("seller_name", "seller_id")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The profile, its checks and the decision."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        case = _find(object_id)
        form = CaseDecisionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            approved = request.POST.get("decision") == "approve"
            try:
                services.decide_verification(
                    seller_id=case.seller_id, approved=approved, reason=form.cleaned_data["reason"],
                    actor=actor_of(request), now=utc_now(),
                )  # fmt: skip
                messages.success(request, _("Decided."))
                return redirect("admin:trust_verificationcase_changelist")
            except DomainError as error:
                form.add_error(None, told(error))
        seller = marketplace.get_seller(case.seller_id)
        checks = profile_checks(
            country=seller.country, legal_name=seller.legal_name, registration_number=seller.registration_number,
            vat_number=seller.vat_number,
        )  # fmt: skip
        context = {
            **admin.site.each_context(request), "title": seller.name, "case": case, "seller": seller, "checks": checks,
            "form": form, "transitions": list(case.transitions.all()), "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(request, "trust/admin_case.html", context)


def _find(object_id: str) -> VerificationCase:
    try:
        return VerificationCase.objects.get(id=UUID(object_id))
    except (ValueError, VerificationCase.DoesNotExist):
        raise Http404 from None
