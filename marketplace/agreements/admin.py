"""Admin of agreements: to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from marketplace.agreements.models import Agreement, AgreementStep, AgreementTransition
from marketplace.sellers.admin import ReadOnlyInline


class StepInline(ReadOnlyInline):
    model = AgreementStep
    fields = ("position", "name", "amount_minor", "currency", "trigger")


class TransitionInline(ReadOnlyInline):
    model = AgreementTransition
    fields = ("at", "action", "from_state", "to_state", "actor", "reason")


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = ("number", "title", "buyer", "seller", "state", "requested_at", "proposed_at", "closed_at")
    list_filter = ("state", "currency")
    list_select_related = ("buyer", "seller")
    search_fields = ("number", "=id", "seller__name", "title")
    inlines = (StepInline, TransitionInline)
