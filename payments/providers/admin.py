"""Our bank accounts, the transfers to order, and payment files to download."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import told
from core.web.requests import actor_of
from payments.providers import bank
from payments.providers.bank_models import BankAccount, BankIntent, BankOrder, PaymentFile


class Kept(ModelAdmin):  # type: ignore[misc]
    """Nothing here is typed in or deleted by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(BankAccount)
class BankAccountAdmin(ModelAdmin):  # type: ignore[misc]
    """The platform's accounts. The action makes a payment file of everything that waits."""

    list_display = ("number", "holder", "currency", "pain_version", "books_from", "is_active")
    search_fields = ("number", "holder")
    actions = ("make_file",)

    @admin.action(description=_("Make a payment file of all waiting transfers"))
    def make_file(self, request: HttpRequest, queryset: QuerySet[BankAccount]) -> HttpResponse | None:
        made = None
        for account in queryset[:20]:
            try:
                made = bank.create_payment_file(account_id=account.id, actor=actor_of(request), now=utc_now())
                messages.success(request, _("File %(id)s is ready.") % {"id": made.message_id})
            except DomainError as error:
                messages.error(request, f"{account}: {told(error)}")
        return redirect("admin:payments_paymentfile_changelist") if made else None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PaymentFile)
class PaymentFileAdmin(Kept):
    list_display = ("message_id", "account", "schema", "count", "total", "created_by", "created_at", "download")
    list_filter = ("account", "schema")
    search_fields = ("=message_id",)
    fields = ("message_id", "account", "schema", "count", "total", "created_by", "created_at", "downloaded_at")

    def get_urls(self) -> list[URLPattern]:
        mine = path(
            "<uuid:file_id>/download/", self.admin_site.admin_view(self.download_file), name="payments_payment_file"
        )
        return [mine, *super().get_urls()]

    @admin.display(description=_("download"))
    def download(self, made: PaymentFile) -> str:
        return format_html('<a href="{}">{}</a>', reverse("admin:payments_payment_file", args=[made.id]), _("XML"))

    def download_file(self, request: HttpRequest, file_id: UUID) -> HttpResponse:
        """The file as it was checked; who fetched it is audited."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        made = PaymentFile.objects.filter(id=file_id).first()
        if made is None:
            raise Http404
        bank.note_download(made=made, actor=actor_of(request), now=utc_now())
        response = HttpResponse(made.content.encode(), content_type="application/xml")
        response["Content-Disposition"] = f'attachment; filename="{made.message_id}.xml"'
        return response


@admin.register(BankOrder)
class BankOrderAdmin(Kept):
    list_display = ("id", "purpose", "amount", "to", "state", "bank_status", "file", "created_at")
    list_filter = ("state", "purpose", "currency")
    search_fields = ("=id", "holder")
    list_select_related = ("file",)
    fields = ("id", "purpose", "amount", "to", "text", "state", "bank_status", "failure_code", "file", "created_at")
    actions = ("cancel", "refuse")

    @admin.display(description=_("to"))
    def to(self, order: BankOrder) -> str:
        return f"{order.holder}, {order.iban[:2]}•• •••• {order.iban[-4:]}"

    @admin.action(description=_("Cancel payouts that wait for a file"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[BankOrder]) -> None:
        for order in queryset[:100]:
            try:
                bank.cancel_order(order_id=order.id, actor=actor_of(request), now=utc_now())
            except DomainError as error:
                messages.error(request, f"{order.id}: {told(error)}")

    @admin.action(description=_("The bank refused these payouts"))
    def refuse(self, request: HttpRequest, queryset: QuerySet[BankOrder]) -> None:
        for order in queryset[:100]:
            try:
                bank.refuse_order(order_id=order.id, actor=actor_of(request), now=utc_now())
            except DomainError as error:
                messages.error(request, f"{order.id}: {told(error)}")


@admin.register(BankIntent)
class BankIntentAdmin(Kept):
    list_display = ("reference", "amount", "received", "created_at", "expires_at", "closed_at")
    search_fields = ("=reference", "=idempotency_key")
    fields = ("reference", "idempotency_key", "amount", "received", "account", "created_at", "expires_at", "closed_at")
