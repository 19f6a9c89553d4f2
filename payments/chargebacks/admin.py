"""Chargebacks for operators: what the bank wants by when, the evidence, the verdict."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import told
from core.web.requests import actor_of
from payments.chargebacks import evidence, selectors
from payments.chargebacks.models import (
    Chargeback,
    ChargebackPolicy,
    ChargebackShare,
    ChargebackStatement,
    ChargebackTransition,
)
from payments.chargebacks.states import ANSWERABLE, OPEN


class ReadOnlyInline(TabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ShareInline(ReadOnlyInline):
    model = ChargebackShare
    fields = ("order_id", "seller_id", "amount_minor", "from_escrow_minor", "from_seller_minor")


class StatementInline(ReadOnlyInline):
    model = ChargebackStatement
    fields = ("at", "seller_id", "text")


class TransitionInline(ReadOnlyInline):
    model = ChargebackTransition
    fields = ("at", "from_state", "to_state", "actor", "reason")


class DueFilter(admin.SimpleListFilter):
    """What has to be answered, the urgent ones first."""

    title = _("work")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("answer", _("to answer")), ("urgent", _("to answer within 2 days")), ("open", _("open"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Chargeback]) -> QuerySet[Chargeback]:
        answer = queryset.filter(state__in=[s.value for s in ANSWERABLE]).order_by("due_by")
        if self.value() == "answer":
            return answer
        if self.value() == "urgent":
            return answer.filter(due_by__lt=utc_now() + timedelta(days=2))
        return queryset.filter(state__in=[s.value for s in OPEN]) if self.value() == "open" else queryset


@admin.register(Chargeback)
class ChargebackAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("provider_ref", "state", "amount", "reason", "due_by", "submit_at", "opened_at", "evidence_link")
    list_filter = (DueFilter, "state", "provider")
    search_fields = ("=provider_ref", "=charge__id", "=charge__purchase_id", "=shares__order_id", "=shares__seller_id")
    inlines = (ShareInline, StatementInline, TransitionInline)
    actions = ("answer_now",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        mine = path(
            "<uuid:chargeback_id>/evidence.pdf", self.admin_site.admin_view(self.evidence_pdf),
            name="payments_chargeback_evidence",
        )  # fmt: skip
        return [mine, *super().get_urls()]

    def evidence_pdf(self, request: HttpRequest, chargeback_id: Any) -> HttpResponse:
        """The latest pack, as the bank got it."""
        pack = selectors.find_latest_pack(chargeback_id)
        if pack is None:
            raise Http404
        return HttpResponse(bytes(pack.document), content_type="application/pdf")

    @admin.display(description=_("evidence"))
    def evidence_link(self, row: Chargeback) -> str:
        if not row.submit_attempts:
            return ""
        url = reverse("admin:payments_chargeback_evidence", args=[row.id])
        return format_html('<a href="{}">PDF</a>', url)

    @admin.action(description=_("Send the evidence now"))
    def answer_now(self, request: HttpRequest, queryset: QuerySet[Chargeback]) -> None:
        for row in queryset[:20]:
            try:
                evidence.submit_evidence(chargeback_id=row.id, actor=actor_of(request), now=utc_now())
                messages.success(request, str(row))
            except DomainError as error:
                messages.error(request, f"{row}: {told(error)}")


@admin.register(ChargebackPolicy)
class ChargebackPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("currency", "seller_bears", "seller_pays_fee")
