"""Admin of messages: the operator's queue of reported ones."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin
from marketplace.messages import services
from marketplace.messages.models import MessageReport
from marketplace.messages.selectors import count_open_reports
from marketplace.sellers.admin import ReasonForm, act_on_each


def open_reports_badge(request: HttpRequest) -> str:
    """How many reported messages wait, for the sidebar."""
    return str(count_open_reports())


@admin.register(MessageReport)
class MessageReportAdmin(ReadOnlyAdmin):
    list_display = ("reported_at", "state", "reason", "said", "sender", "reporter", "note", "warnings", "decision")
    list_filter = ("state", "reason")
    list_select_related = ("message__sender", "reporter")
    search_fields = ("=id", "message__sender__name", "reporter__name")
    actions = ("uphold", "dismiss")
    action_form = ReasonForm

    @admin.display(description=_("message"))
    def said(self, report: MessageReport) -> str:
        return report.message.text[:300]

    @admin.display(description=_("sender"))
    def sender(self, report: MessageReport) -> str:
        return report.message.sender.name

    @admin.display(description=_("warnings"))
    def warnings(self, report: MessageReport) -> str:
        return ", ".join(report.message.warnings) or "—"

    @admin.action(description=_("Take the message down"), permissions=["view"])
    def uphold(self, request: HttpRequest, queryset: QuerySet[MessageReport]) -> None:
        act_on_each(self, request, queryset, services.uphold_report, "report_id")

    @admin.action(description=_("Leave the message"), permissions=["view"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[MessageReport]) -> None:
        act_on_each(self, request, queryset, services.dismiss_report, "report_id")
