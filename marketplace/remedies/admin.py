"""Admin of remedies: to look at."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin
from marketplace.remedies.models import PromiseRemedy, RemedyTransition
from marketplace.sellers.admin import ReadOnlyInline


class TransitionInline(ReadOnlyInline):
    model = RemedyTransition
    fields = ("at", "from_state", "to_state", "actor", "reason")


@admin.register(PromiseRemedy)
class PromiseRemedyAdmin(ReadOnlyAdmin):
    list_display = ("order", "state", "days_late", "liable", "amount_shown", "paid_shown", "broken_at", "settled_at")
    list_filter = ("state", "liable", "currency")
    list_select_related = ("order",)
    search_fields = ("order__number", "=order_id")
    inlines = (TransitionInline,)

    @admin.display(description=_("amount"), ordering="amount_minor")
    def amount_shown(self, remedy: PromiseRemedy) -> str:
        return str(remedy.amount)

    @admin.display(description=_("paid"), ordering="paid_minor")
    def paid_shown(self, remedy: PromiseRemedy) -> str:
        return str(remedy.paid)
