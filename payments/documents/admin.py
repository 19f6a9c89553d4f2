"""Documents for operators, who pays a seller's VAT, and the yearly DAC7 report."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.clock import utc_now
from payments.documents.exports import FORMATS, export_dac7
from payments.documents.models import Document, TaxRemittance, VatClass
from payments.documents.selectors import dac7_rows

YEARS_BACK = 5


@admin.register(Document)
class DocumentAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("number", "kind", "issuer_id", "recipient_id", "gross", "tax", "tax_remittance", "issued_at", "pdf")
    list_filter = ("kind", "currency", "tax_remittance")
    search_fields = ("=number", "=order_id", "=issuer_id", "=recipient_id")
    show_full_result_count = False
    exclude = ("content",)
    change_list_template = "payments/admin_documents.html"

    def get_urls(self) -> list[URLPattern]:
        mine = path("dac7/", self.admin_site.admin_view(self.dac7_page), name="payments_dac7")
        return [mine, *super().get_urls()]

    @admin.display(description=_("PDF"))
    def pdf(self, document: Document) -> str:
        return format_html('<a href="{}">{}</a>', reverse("document", args=[document.id]), _("PDF"))

    def dac7_page(self, request: HttpRequest) -> HttpResponse:
        """Who is reported for a year, and the report as CSV, JSON or XML."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        this_year = utc_now().year
        asked = request.GET.get("year", "")
        year = int(asked) if asked.isdigit() and 2000 <= int(asked) <= this_year else this_year - 1
        rows = dac7_rows(year)
        kind = request.GET.get("format", "")
        if kind in FORMATS:
            response = HttpResponse(export_dac7(rows, year, kind), content_type=FORMATS[kind])
            response["Content-Disposition"] = f'attachment; filename="dac7-{year}.{kind}"'
            return response
        context = {
            **self.admin_site.each_context(request), "title": _("DAC7 report"), "rows": rows, "year": year,
            "years": range(this_year, this_year - YEARS_BACK, -1), "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(request, "payments/admin_dac7.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(TaxRemittance)
class TaxRemittanceAdmin(ModelAdmin):  # type: ignore[misc]
    """For invoices from now on."""

    list_display = ("seller_id", "country", "remitted_by")
    list_filter = ("remitted_by",)
    search_fields = ("=seller_id",)


@admin.register(VatClass)
class VatClassAdmin(ModelAdmin):  # type: ignore[misc]
    """Reduced rates by category and country; invoices issued from then on follow it."""

    list_display = ("category_code", "country", "rate_name")
    list_filter = ("country", "rate_name")
    search_fields = ("category_code",)
