"""The ledger explorer for operators: accounts, their entries, transactions, the trial balance. Read-only throughout."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.money import Money
from payments.ledger.models import Account, Entry, Txn
from payments.ledger.selectors import trial_balance


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Nothing here is changed by hand."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("kind_id", "owner", "currency_id", "mode", "posted", "entries_link")
    list_filter = ("kind", "currency")
    search_fields = ("=owner",)
    list_select_related = ("balance", "rollup")
    ordering = ("kind", "owner")

    def get_urls(self) -> list[URLPattern]:
        mine = path(
            "trial-balance/", self.admin_site.admin_view(self.trial_balance_page), name="payments_trial_balance"
        )
        return [mine, *super().get_urls()]

    def trial_balance_page(self, request: HttpRequest) -> HttpResponse:
        """Sums by kind and currency."""
        lines = [(line, Money(line.posted, line.currency)) for line in trial_balance()]
        context = {**self.admin_site.each_context(request), "title": _("Trial balance"), "lines": lines}
        return TemplateResponse(request, "payments/admin_trial_balance.html", context)

    @admin.display(description=_("posted (rolled up so far for deferred accounts)"))
    def posted(self, account: Account) -> str:
        row = account.balance if account.mode == "sync" else account.rollup
        return str(Money(int(row.posted), account.currency_id))

    @admin.display(description=_("entries"))
    def entries_link(self, account: Account) -> str:
        return format_html('<a href="../entry/?account__id__exact={}">{}</a>', account.id, _("entries"))


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "kind", "ref", "account", "money", "seq")
    list_select_related = ("txn", "account")
    search_fields = ("=txn__ref", "=account__owner")
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "account__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("at"))
    def at(self, entry: Entry) -> Any:
        return entry.txn.effective_at

    @admin.display(description=_("kind"))
    def kind(self, entry: Entry) -> str:
        return entry.txn.kind

    @admin.display(description=_("reference"))
    def ref(self, entry: Entry) -> str:
        return entry.txn.ref

    @admin.display(description=_("amount"))
    def money(self, entry: Entry) -> str:
        return str(Money(entry.amount, entry.currency))


@admin.register(Txn)
class TxnAdmin(ReadOnlyAdmin):
    list_display = ("id", "effective_at", "kind", "ref", "idem_scope", "idem_key")
    list_filter = ("kind",)
    search_fields = ("=ref", "=idem_key")
    fields = ("id", "kind", "ref", "idem_scope", "idem_key", "effective_at", "recorded_at", "reverses")
    show_full_result_count = False
