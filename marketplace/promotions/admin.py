"""Admin of codes: sellers' to look at, the platform's to make, to follow and to stop."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin
from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import add_error
from core.web.requests import actor_of
from marketplace.promotions import services
from marketplace.promotions.forms import PlatformCodeForm, StopForm
from marketplace.promotions.models import PlatformCode, Promotion, Redemption
from marketplace.promotions.selectors import spend_of
from marketplace.sellers.admin import ReadOnlyInline


class RedemptionInline(ReadOnlyInline):
    model = Redemption
    fields = ("at", "buyer", "purchase_id", "given_back_at")


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    list_display = ("code", "seller", "kind", "percent", "starts_at", "ends_at", "stopped_at")
    list_filter = ("kind",)
    list_select_related = ("seller",)
    search_fields = ("code", "seller__name")
    inlines = (RedemptionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Promotion]:
        found: QuerySet[Promotion] = super().get_queryset(request)
        return found.filter(seller__isnull=False)


@admin.register(PlatformCode)
class PlatformCodeAdmin(ReadOnlyAdmin):
    """Made, followed and stopped; never edited: buyers were promised what it says."""

    list_display = ("code", "what", "budget", "promised", "left", "starts_at", "ends_at", "stopped_at")
    list_filter = ("kind", "currency")
    search_fields = ("code",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlatformCode]:
        found: QuerySet[PlatformCode] = super().get_queryset(request)
        return found.filter(seller=None)

    @admin.display(description=gettext_lazy("what it does"))
    def what(self, code: PlatformCode) -> str:
        return f"−{code.percent} %" if code.kind == Promotion.Kind.PERCENT else f"−{code.amount}"

    @admin.display(description=gettext_lazy("left"))
    def left(self, code: PlatformCode) -> str:
        return "" if code.budget is None else str(code.budget - code.promised)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make a code."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PlatformCodeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            try:
                services.create_platform_code(
                    promotion=form.promotion(), currency=values["currency"], budget=values["budget"],
                    categories=values["categories"], sellers=values["sellers"], actor=actor_of(request), now=utc_now(),
                )  # fmt: skip
            except DomainError as error:
                add_error(form, error, {"ends_at": "last_day", "starts_at": "first_day"})
            else:
                messages.success(request, _("The code can be used now."))
                return redirect("admin:marketplace_platformcode_changelist")
        context = {
            **admin.site.each_context(request), "title": _("New code of the platform"), "form": form, "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(request, "marketplace/admin_platform_code_new.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What it does, what was promised and paid by seller, and the way to stop it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        code = self.get_object(request, object_id)
        if code is None:
            raise Http404
        form = StopForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                services.stop_platform_code(
                    promotion_id=code.pk, reason=form.cleaned_data["reason"], actor=actor_of(request), now=utc_now()
                )
            except DomainError as error:
                add_error(form, error)
            else:
                messages.success(request, _("Stopped."))
                return redirect("admin:marketplace_platformcode_change", object_id)
        spend = spend_of(code)
        zero = code.promised - code.promised
        context = {
            **admin.site.each_context(request), "title": code.code, "code": code, "spend": spend, "form": form,
            "opts": self.opts, "paid": sum((one.paid for one in spend), zero), "what": self.what(code),
        }  # fmt: skip
        return TemplateResponse(request, "marketplace/admin_platform_code.html", context)
