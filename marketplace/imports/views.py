"""The seller's imports: send a file, read what is wrong, start, follow, undo; and the listings as a file."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.catalog.selectors import leaf_categories
from marketplace.imports import services
from marketplace.imports.files import csv_lines
from marketplace.imports.forms import ImportForm
from marketplace.imports.rules import COLUMNS, REQUIRED
from marketplace.imports.selectors import export_rows, get_own_import, imports_of
from marketplace.sellers.selectors import find_seller

PAGE_SIZE = 20
SHOWN_ERRORS = 100
TONES = {"CHECKED": "held", "RUNNING": "moving", "DONE": "available", "UNREADABLE": "owed"}


def state_label(state: str) -> str:
    """An import's state in plain words."""
    return {
        "UPLOADED": _("Being checked"), "CHECKED": _("Checked, not started"), "UNREADABLE": _("Not readable"),
        "RUNNING": _("Running"), "DONE": _("Done"), "UNDONE": _("Undone"),
    }.get(state, state)  # fmt: skip


@member_required
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Send a file, and the files sent before."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = services.take_file(file_name=file.name, content=file.read(), actor=actor_of(request), now=utc_now())
            return redirect("listing_import", made.id)
        except DomainError as error:
            add_error(form, error)
    page = Paginator(imports_of(seller.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form, "page_obj": page, "rows": [(row, state_label(row.state), TONES.get(row.state, "")) for row in page],
        "columns": [(name, name in REQUIRED) for name in COLUMNS], "categories": leaf_categories(),
    }  # fmt: skip
    return render(request, "marketplace/imports.html", context)


@member_required
@require_GET
def listing_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """One import: progress, what is wrong in which row, and what can be done now. htmx asks for the inner part only."""
    row = get_own_import(import_id=import_id, seller_id=actor_of(request).organisation_id)
    context = {
        "row": row, "label": state_label(row.state), "tone": TONES.get(row.state, ""),
        "errors": row.errors[:SHOWN_ERRORS], "good": max(row.rows_total - row.errors_total, 0),
        "is_moving": row.state in {"UPLOADED", "RUNNING"},
    }  # fmt: skip
    template = "import_progress.html" if getattr(request, "htmx", False) else "import.html"
    return render(request, f"marketplace/{template}", context)


@member_required
@require_POST
def import_start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Have the good rows become listings."""
    attempt(request, lambda: services.start_import(import_id=import_id, actor=actor_of(request), now=utc_now()))
    return redirect("listing_import", import_id)


@member_required
@require_POST
def import_undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take what it made off sale."""
    withdrawn: list[int] = []

    def undo() -> None:
        withdrawn.append(services.undo_import(import_id=import_id, actor=actor_of(request), now=utc_now()))

    if attempt(request, undo):
        messages.success(request, _("%(n)s listings are off sale again.") % {"n": withdrawn[0]})
    return redirect("listing_import", import_id)


@member_required
@require_GET
def import_errors(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What is wrong, as CSV to work through."""
    row = get_own_import(import_id=import_id, seller_id=actor_of(request).organisation_id)
    lines = [
        ["row", "column", "message", "remedy"],
        *([e["row"], e["column"], e["message"], e["remedy"]] for e in row.errors),
    ]
    return _csv("import-errors.csv", lines)


@member_required
@require_GET
def import_template(request: HttpRequest) -> HttpResponse:
    """An empty file with our columns and one example."""
    example = ["mugs", _("Stoneware mug, 350 ml"), _("Thrown by hand, glazed in white."), "18.50", 12, 420, 120, 100, 110,
               2, "", "", "NEW", 1, 1, "PIECE", "6=17.00; 12=15.50=5", "MUG-1", "",
               "", "", "", "", "", "", "", "", ""]  # fmt: skip
    leaves = leaf_categories()
    example[0] = leaves[0].code if leaves else ""
    return _csv("listings-template.csv", [list(COLUMNS), example])


@member_required
@require_GET
def listings_export(request: HttpRequest) -> HttpResponse:
    """All listings of the shop, in the columns of an import."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    response = StreamingHttpResponse(csv_lines(export_rows(seller.pk)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="listings.csv"'
    return response  # type: ignore[return-value]


def _csv(name: str, rows: list[list[object]]) -> HttpResponse:
    response = HttpResponse("".join(csv_lines(iter(rows))), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
