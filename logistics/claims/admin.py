"""The operator's queue of claims, and the carriers' windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin import ReadOnlyAdmin
from core.clock import utc_now
from core.errors import DomainError
from core.money import Money, MoneyError
from core.web.actions import told
from core.web.requests import actor_of
from logistics.claims import selectors, services
from logistics.claims.models import Claim, ClaimTransition, ClaimWindow
from logistics.claims.states import ClaimAction

MAX_AT_ONCE = 100


def claims_badge(request: HttpRequest) -> str:
    """How many claims wait to be sent in, for the sidebar."""
    return str(selectors.count_to_send())


class WordForm(ActionForm):  # type: ignore[misc]
    """A reason, the carrier's reference, or the amount it grants: what the action asks for."""

    word = forms.CharField(
        label="", required=False, max_length=500,
        widget=UnfoldAdminTextInputWidget({"placeholder": _("Reason or reference"), "aria-label": _("Reason")}),
    )  # fmt: skip
    granted = forms.CharField(
        label="", required=False, max_length=20,
        widget=UnfoldAdminTextInputWidget({"placeholder": _("Granted"), "aria-label": _("Granted")}),
    )  # fmt: skip


class TransitionInline(TabularInline):  # type: ignore[misc]
    model = ClaimTransition
    fields = ("at", "from_state", "to_state", "actor", "reason")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    list_display = ("number", "shipment", "carrier", "claim_type", "state", "amount", "approved", "deadline_at")
    list_filter = ("state", "claim_type", "shipment__carrier")
    list_select_related = ("shipment__carrier", "leg__carrier")
    search_fields = ("number", "shipment__waybill", "carrier_reference")
    ordering = ("deadline_at",)
    inlines = (TransitionInline,)
    action_form = WordForm
    actions = ("submit", "review", "ask", "decide", "appeal", "pay", "write_off", "call_off")

    @admin.display(description=_("carrier"))
    def carrier(self, claim: Claim) -> str:
        return str(claim.carrier.name)

    @admin.action(description=_("Sent to the carrier (reference)"), permissions=["view"])
    def submit(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        self._each(request, queryset, lambda claim, word, who: services.submit_claim(
            claim_id=claim.id, carrier_reference=word, **who
        ))  # fmt: skip

    @admin.action(description=_("The carrier looks at it"), permissions=["view"])
    def review(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        self._note(request, queryset, ClaimAction.REVIEW)

    @admin.action(description=_("The carrier asks something (reason)"), permissions=["view"])
    def ask(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        self._note(request, queryset, ClaimAction.ASK)

    @admin.action(description=_("The carrier decided (granted, reason if less)"), permissions=["view"])
    def decide(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        typed = request.POST.get("granted", "")

        def act(claim: Claim, word: str, who: dict[str, Any]) -> None:
            try:
                approved = Money.parse(typed, claim.currency)
            except MoneyError as error:
                self.message_user(request, f"{claim}: {error}", messages.ERROR)
                return
            services.decide_claim(claim_id=claim.id, approved=approved, reason=word, **who)

        self._each(request, queryset, act)

    @admin.action(description=_("Object to the decision (reason)"), permissions=["view"])
    def appeal(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        self._note(request, queryset, ClaimAction.APPEAL)

    @admin.action(description=_("The carrier's money is here"), permissions=["view"])
    def pay(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        self._each(request, queryset, lambda claim, _word, who: services.pay_claim(claim_id=claim.id, **who))

    @admin.action(description=_("Give it up (reason)"), permissions=["view"])
    def write_off(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        self._note(request, queryset, ClaimAction.WRITE_OFF)

    @admin.action(description=_("Call it off (reason)"), permissions=["view"])
    def call_off(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        self._note(request, queryset, ClaimAction.CANCEL)

    def _note(self, request: HttpRequest, queryset: QuerySet[Claim], action: ClaimAction) -> None:
        self._each(request, queryset, lambda claim, word, who: services.note_claim(
            claim_id=claim.id, action=action, reason=word, **who
        ))  # fmt: skip

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Claim], act: Callable[[Claim, str, dict[str, Any]], object]
    ) -> None:
        who = {"actor": actor_of(request), "now": utc_now()}
        for claim in queryset[:MAX_AT_ONCE]:
            try:
                act(claim, request.POST.get("word", ""), who)
            except DomainError as error:
                self.message_user(request, f"{claim}: {told(error)}", messages.ERROR)


@admin.register(ClaimWindow)
class ClaimWindowAdmin(ModelAdmin):  # type: ignore[misc]
    """For claims opened from now on. Without a row a carrier takes no claims of that type."""

    list_display = ("__str__", "open_after_days", "deadline_days", "source_url", "checked_on")
    list_filter = ("claim_type", "carrier")
