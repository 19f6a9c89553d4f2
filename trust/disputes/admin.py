"""Admin of disputes: the list of work and one page with all that a decision needs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from core.clock import utc_now
from core.errors import DomainError
from core.money import Money
from core.web.actions import add_error
from core.web.requests import actor_of
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from trust.contracts import DisputeState
from trust.disputes import selectors, services
from trust.disputes.forms import DecisionForm
from trust.disputes.models import Dispute
from trust.disputes.presentation import page_context


def open_disputes_badge(request: HttpRequest) -> str:
    """How many disputes are open, for the sidebar."""
    return str(selectors.count_open_disputes())


class OpenFilter(admin.SimpleListFilter):
    """By state, with how many are open."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("OPEN", f"Open ({selectors.count_open_disputes()})"), ("DECIDED", "Decided"),
                ("WITHDRAWN", "Withdrawn")]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(state=value) if value in DisputeState.__members__ else queryset


@admin.register(Dispute)
class DisputeAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("order_number", "reason", "state", "money", "opened_at", "closed_at", "seller_at_fault")
    list_filter = (OpenFilter, "reason")
    search_fields = ("order_number", "id")
    list_per_page = 50

    @admin.display(description="amount")
    def money(self, dispute: Dispute) -> str:
        return str(dispute.amount)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Order, money, parcel, thread, files and history of both sides; the decision, or a message."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        dispute = _find(object_id)
        form = DecisionForm(request.POST if _is_decision(request) else None, amount=dispute.amount,
                            initial={"refund": dispute.amount, "seller_at_fault": "no"})  # fmt: skip
        done = ""
        if request.method == "POST":
            done = self._decide(request, dispute, form) if _is_decision(request) else self._say(request, dispute)
        if done:
            messages.success(request, done)
            return redirect("admin:trust_dispute_change", object_id)
        context = {**admin.site.each_context(request), **decision_context(dispute), "form": form, "opts": self.opts,
                   "title": dispute.order_number}  # fmt: skip
        return TemplateResponse(request, "trust/admin_dispute.html", context)

    def _decide(self, request: HttpRequest, dispute: Dispute, form: DecisionForm) -> str:
        if not form.is_valid():
            return ""
        data = form.cleaned_data
        try:
            services.decide_dispute(
                dispute_id=dispute.id, refund=_refund(request, dispute.amount, data["refund"]),
                seller_at_fault=data["seller_at_fault"] == "yes", reason=data["reason"], actor=actor_of(request),
                now=utc_now(),
            )  # fmt: skip
        except DomainError as error:
            add_error(form, error)
            return ""
        return _("Decided; the money moves now.")

    def _say(self, request: HttpRequest, dispute: Dispute) -> str:
        text = request.POST.get("text", "")
        try:
            services.post_message(dispute_id=dispute.id, text=text, actor=actor_of(request), now=utc_now())
        except DomainError as error:
            messages.error(request, error.message)
            return ""
        return _("Sent.")


def decision_context(dispute: Dispute) -> dict[str, Any]:
    """Everything the operator looks at."""
    order = marketplace.get_order(dispute.order_id)
    shipment = logistics.find_shipment_for_order(dispute.order_id)
    return {
        **page_context(order, dispute), "escrow": payments.get_escrow(dispute.order_id),
        "movements": payments.money_timeline(dispute.order_id), "shipment": shipment,
        "parcel": logistics.timeline(shipment.shipment_id) if shipment else (),
        "buyer_history": selectors.history_of(dispute.buyer_id),
        "seller_history": selectors.history_of(dispute.seller_id),
        "transitions": list(dispute.transitions.all()),
    }  # fmt: skip


def _refund(request: HttpRequest, amount: Money, typed: Money) -> Money:
    """The quick buttons overrule what stands in the field."""
    quick = {"all": amount, "nothing": Money.zero(amount.currency), "half": amount.allocate([1, 1])[0]}
    return quick.get(request.POST.get("decision", ""), typed)


def _is_decision(request: HttpRequest) -> bool:
    return request.method == "POST" and "decision" in request.POST


def _find(object_id: str) -> Dispute:
    try:
        return Dispute.objects.get(id=UUID(object_id))
    except (ValueError, Dispute.DoesNotExist):
        raise Http404 from None
