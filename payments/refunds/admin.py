"""Refunds for operators: what is under way, what the provider refused, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import told
from core.web.requests import actor_of
from payments.escrow.models import Refund
from payments.refunds import submission
from payments.refunds.models import RefundLine, RefundPolicy, RefundTransition


class ReadOnlyInline(TabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LineInline(ReadOnlyInline):
    model = RefundLine
    fields = ("line_ref", "amount_minor", "claimed_minor", "fee_returned_minor")


class TransitionInline(ReadOnlyInline):
    model = RefundTransition
    fields = ("at", "action", "from_state", "to_state", "actor", "reason")


@admin.register(Refund)
class RefundAdmin(ModelAdmin):  # type: ignore[misc]
    """The work list is the state FAILED: try again, or give the buyer credit."""

    list_display = ("id", "order_id", "amount", "state", "attempts", "last_error", "created_at", "done_at")
    list_filter = ("state", "currency")
    search_fields = ("=id", "=order_id", "=charge_id")
    inlines = (LineInline, TransitionInline)
    actions = ("try_again", "credit_the_buyer")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=_("Ask the provider again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        actor = actor_of(request)
        _each(request, queryset, lambda row: submission.retry_refund(refund_id=row.id, actor=actor, now=utc_now()))

    @admin.action(description=_("Give the buyer credit instead"))
    def credit_the_buyer(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        actor = actor_of(request)
        _each(
            request, queryset,
            lambda row: submission.credit_buyer(
                refund_id=row.id, reason="The provider refused the refund", actor=actor, now=utc_now()
            ),
        )  # fmt: skip


def _each(request: HttpRequest, queryset: QuerySet[Refund], act: Callable[[Refund], None]) -> None:
    for row in queryset[:100]:
        try:
            act(row)
            messages.success(request, str(row))
        except DomainError as error:
            messages.error(request, f"{row}: {told(error)}")


@admin.register(RefundPolicy)
class RefundPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("currency", "commission_returned_basis_points")
