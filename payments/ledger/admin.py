"""The ledger explorer for operators: account, its statement, transaction, order; trial balance; hash chain. Read-only."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from core.clock import utc_now
from core.errors import DomainError
from core.money import Money, sum_money
from payments.ledger import explorer, selectors, statements
from payments.ledger.forms import MomentForm, PeriodForm
from payments.ledger.models import Account, Attestation, ChainBlock, Entry, Txn
from payments.ledger.rules import AccountCode


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Nothing here is changed by hand."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("kind_id", "owner", "currency_id", "mode", "posted", "statement_link", "entries_link")
    list_filter = ("kind", "currency", "mode")
    search_fields = ("=owner",)
    list_select_related = ("balance", "rollup")
    ordering = ("kind", "owner")
    list_before_template = "payments/admin_ledger_links.html"

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("trial-balance/", guarded(self.trial_balance_page), name="payments_trial_balance"),
            path("<int:account_id>/statement/", guarded(self.statement_page), name="payments_account_statement"),
            *super().get_urls(),
        ]

    def trial_balance_page(self, request: HttpRequest) -> HttpResponse:
        """Sums by kind and currency, now or at a past moment, each currency with its total of nothing."""
        self._need_view(request)
        form = MomentForm(request.GET or None)
        moment = form.cleaned_data["at"] if form.is_valid() else None
        lines = statements.trial_balance_at(moment) if moment else selectors.trial_balance()
        groups = []
        for currency, found in groupby(lines, key=lambda line: line.currency):
            rows = [(line, Money(line.posted, currency)) for line in found]
            groups.append((currency, rows, sum_money((money for _line, money in rows), currency)))
        return self._page(
            request, "payments/admin_trial_balance.html", title=_("Trial balance"), groups=groups, form=form, at=moment
        )

    def statement_page(self, request: HttpRequest, account_id: int) -> HttpResponseBase:
        """Opening, movements and closing of a period (default: the last thirty days), or the same as CSV."""
        self._need_view(request)
        try:
            account = explorer.get_account(account_id)
            form = PeriodForm(request.GET or None)
            since, until = _period(form)
            asked = (AccountCode(account.kind_id), account.owner, account.currency_id)
            if request.GET.get("format") == "csv":
                return _csv(statements.statement_csv(*asked, since=since, until=until), account)
            answer = statements.account_statement(
                *asked, since=since, until=until, cursor=request.GET.get("cursor", "")
            )
        except DomainError as error:
            raise Http404 from error
        days = {"since": since.date().isoformat(), "until": (until - timedelta(days=1)).date().isoformat()}
        return self._page(
            request, "payments/admin_statement.html", title=str(account), account=account, answer=answer, form=form,
            csv_query=urlencode(days | {"format": "csv"}), since=since, until=until,
            next_query=urlencode(days | {"cursor": answer.next_cursor}) if answer.next_cursor else "",
        )  # fmt: skip

    def _need_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise Http404

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(request, template, {**self.admin_site.each_context(request), **context})

    @admin.display(description=_("posted (rolled up so far for deferred accounts)"))
    def posted(self, account: Account) -> str:
        row = account.balance if account.mode == "sync" else account.rollup
        return str(Money(int(row.posted), account.currency_id))

    @admin.display(description=_("statement"))
    def statement_link(self, account: Account) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:payments_account_statement", args=[account.id]), _("statement")
        )

    @admin.display(description=_("entries"))
    def entries_link(self, account: Account) -> str:
        return format_html(
            '<a href="{}?account__id__exact={}">{}</a>', reverse("admin:payments_entry_changelist"), account.id,
            _("entries"),
        )  # fmt: skip


def _period(form: PeriodForm) -> tuple[datetime, datetime]:
    if form.is_valid():
        return form.period()
    today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=30), today + timedelta(days=1)


def _csv(pieces: Any, account: Account) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="statement-{account.kind_id}-{account.id}.csv"'
    return answer


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "kind", "txn_link", "account", "money", "seq")
    list_display_links = None
    list_select_related = ("txn", "account")
    search_fields = ("=txn__ref", "=account__owner")
    list_filter = ("account__kind", "currency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        found: QuerySet[Entry] = super().get_queryset(request).filter(explorer.EITHER_KIND)
        return found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "account__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("at"))
    def at(self, entry: Entry) -> Any:
        return entry.txn.effective_at

    @admin.display(description=_("kind"))
    def kind(self, entry: Entry) -> str:
        return entry.txn.kind

    @admin.display(description=_("transaction"))
    def txn_link(self, entry: Entry) -> str:
        return _txn_link(entry.txn)

    @admin.display(description=_("amount"))
    def money(self, entry: Entry) -> str:
        return str(Money(entry.amount, entry.currency))


def _txn_link(txn: Txn) -> str:
    return format_html(
        '<a href="{}">{} {}</a>', reverse("admin:payments_txn_change", args=[txn.id]), txn.id, txn.ref[:36]
    )


class LegInline(TabularInline):  # type: ignore[misc]
    model = Entry
    fields = ("account_link", "money", "seq", "balance_after")
    readonly_fields = ("account_link", "money")
    ordering = ("id",)
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        found: QuerySet[Entry] = super().get_queryset(request).select_related("account")
        return found

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("account"))
    def account_link(self, entry: Entry) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:payments_account_statement", args=[entry.account_id]), entry.account
        )

    @admin.display(description=_("amount"))
    def money(self, entry: Entry) -> str:
        return str(Money(entry.amount, entry.currency))


@admin.register(Txn)
class TxnAdmin(ReadOnlyAdmin):
    list_display = ("id", "effective_at", "kind", "belongs_to", "idem_scope", "idem_key")
    list_filter = ("kind",)
    search_fields = ("=ref", "=idem_key")
    fields = ("id", "kind", "belongs_to", "idem_scope", "idem_key", "effective_at", "recorded_at", "reversed_link")
    readonly_fields = ("belongs_to", "reversed_link")
    inlines = (LegInline,)

    @admin.display(description=_("belongs to"))
    def belongs_to(self, txn: Txn) -> str:
        if explorer.order_of(txn.ref) is None:
            return txn.ref
        return format_html('<a href="{}?q={}">{}</a>', reverse("admin:payments_escrow_changelist"), txn.ref, txn.ref)

    @admin.display(description=_("reverses"))
    def reversed_link(self, txn: Txn) -> str:
        return _txn_link(txn.reverses) if txn.reverses else "-"


@admin.register(ChainBlock)
class ChainBlockAdmin(ReadOnlyAdmin):
    list_display = ("height", "made_at", "records", "total_records", "fingerprint")
    fields = ("height", "made_at", "records", "total_records", "fingerprint", "before")
    readonly_fields = ("fingerprint", "before")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChainBlock]:
        found: QuerySet[ChainBlock] = super().get_queryset(request).defer("sources", "ids", "digests")
        return found

    @admin.display(description=_("fingerprint"))
    def fingerprint(self, block: ChainBlock) -> str:
        return bytes(block.hash).hex()

    @admin.display(description=_("block before"))
    def before(self, block: ChainBlock) -> str:
        return bytes(block.previous_hash).hex()


@admin.register(Attestation)
class AttestationAdmin(ReadOnlyAdmin):
    list_display = ("id", "at", "kind", "ref")
    list_filter = ("kind",)
    search_fields = ("=ref",)
    fields = ("id", "at", "kind", "ref")
