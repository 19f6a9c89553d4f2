"""Statements with their upload, and the work list of what is left over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import add_error, told
from core.web.requests import actor_of
from payments.reconciliation import services
from payments.reconciliation.forms import LineForm, StatementForm
from payments.reconciliation.models import BankLine, BankStatement, StatusReport
from payments.reconciliation.selectors import count_open_lines
from payments.reconciliation.states import WAITING, LineState
from payments.reconciliation.status_reports import ReportOutcome, import_status_report


def open_lines_badge(request: HttpRequest) -> str:
    """How many lines wait, for the sidebar."""
    return str(count_open_lines())


class ReadOnly(ModelAdmin):  # type: ignore[misc]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnly):
    list_display = (
        "statement_id", "kind", "account_number", "imported_at", "lines_count", "adds_up", "ledger_difference_minor",
    )  # fmt: skip
    list_filter = ("kind", "account")
    search_fields = ("=statement_id", "=account_number", "=message_id")
    change_list_template = "payments/admin_statements.html"
    exclude = ("digest",)

    def get_urls(self) -> list[URLPattern]:
        mine = path("upload/", self.admin_site.admin_view(self.upload_page), name="payments_statement_upload")
        return [mine, *super().get_urls()]

    @admin.display(description=_("adds up"), boolean=True)
    def adds_up(self, statement: BankStatement) -> bool | None:
        return statement.is_in_order

    def upload_page(self, request: HttpRequest) -> HttpResponse:
        """Read a file; what it explained and what it left open is said on the next page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = StatementForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            upload = form.cleaned_data["statement"]
            asked: dict[str, Any] = {
                "content": upload.read(), "file_name": upload.name, "actor": actor_of(request), "now": utc_now()
            }  # fmt: skip
            try:
                report = import_status_report(**asked)
                if report is not None:
                    messages.success(request, _tell(report))
                    return redirect("admin:payments_bankorder_changelist")
                done = services.import_statements(**asked)
            except DomainError as error:
                add_error(form, error)
            else:
                words = _("%(new)s new statements, %(known)s known; %(matched)s lines explained, %(open)s open.")
                messages.success(request, words % {
                    "new": len(done.statements), "known": done.known, "matched": done.matched, "open": done.left_open,
                })  # fmt: skip
                return redirect("admin:payments_bankline_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a statement"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "payments/admin_upload.html", context)


def _tell(report: ReportOutcome) -> str:
    if report.known:
        return str(_("This status report was imported before; nothing changed."))
    words = _("%(accepted)s transfers accepted, %(rejected)s refused, %(unknown)s not ours.")
    return words % {"accepted": report.accepted, "rejected": report.rejected, "unknown": report.unknown}


@admin.register(StatusReport)
class StatusReportAdmin(ReadOnly):
    list_display = (
        "message_id", "file", "status", "reason", "accepted_count", "rejected_count", "unknown_count", "imported_at",
    )  # fmt: skip
    list_filter = ("status",)
    list_select_related = ("file",)
    search_fields = ("=message_id", "=original_message_id")
    exclude = ("digest",)


class WorkFilter(admin.SimpleListFilter):
    """What is left over, unless asked otherwise."""

    title = _("state")
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("all")), *((state.value, state.value.replace("_", " ").lower()) for state in LineState)]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("left over")}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[BankLine]) -> QuerySet[BankLine]:
        if self.value() == "all":
            return queryset
        if self.value() in LineState.__members__:
            return queryset.filter(state=self.value())
        return queryset.filter(state__in=[state.value for state in WAITING])


@admin.register(BankLine)
class BankLineAdmin(ReadOnly):
    """The reconciliation work list."""

    list_display = ("booked_on", "amount", "party", "reference", "text", "state", "rule", "age")
    list_filter = (WorkFilter, "account", "currency")
    search_fields = ("=id", "=end_to_end_id", "=servicer_ref", "party", "reference", "text", "=party_account")
    ordering = ("seen_at", "id")
    show_full_result_count = False

    @admin.display(description=_("age"))
    def age(self, line: BankLine) -> str:
        return timesince(line.seen_at, line.settled_at or utc_now(), depth=1)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What the bank said, what was decided, and the decision while it is open."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        line = _find(object_id)
        form = LineForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                _decide(line.id, form.cleaned_data, request)
                messages.success(request, _("Done."))
                return redirect("admin:payments_bankline_changelist")
            except DomainError as error:
                form.add_error(None, told(error))
        context = {
            **admin.site.each_context(request), "title": _("Bank line %(amount)s") % {"amount": line.amount},
            "line": line, "form": form, "transitions": list(line.transitions.all()), "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(request, "payments/admin_line.html", context)


def _find(object_id: str) -> BankLine:
    try:
        return BankLine.objects.select_related("statement", "account").get(id=UUID(object_id))
    except (ValueError, BankLine.DoesNotExist):
        raise Http404 from None


def _decide(line_id: UUID, asked: dict[str, Any], request: HttpRequest) -> None:
    decision, reason = asked["decision"], asked["reason"]
    actor, now = actor_of(request), utc_now()
    if decision in ("PAYOUT", "CHARGE", "PROVIDER"):
        services.assign_line(
            line_id=line_id, subject=decision, subject_id=asked["subject_id"], reason=reason, actor=actor, now=now
        )
    elif decision == "SEND_BACK":
        services.send_line_back(
            line_id=line_id, reason=reason, holder=asked["holder"], iban=asked["iban"], actor=actor, now=now
        )
    else:
        services.write_line_off(line_id=line_id, as_fee=decision == "FEE", reason=reason, actor=actor, now=now)
