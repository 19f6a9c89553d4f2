"""Admin of moderation: the queue of listings to check, and the rules."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin import ReadOnlyAdmin
from core.clock import utc_now
from core.web.requests import actor_of
from marketplace.moderation import services
from marketplace.moderation.models import CaseDocument, CaseTransition, ModerationCase, ModerationRule
from marketplace.moderation.rules import MAX_WORDS, needle_of
from marketplace.moderation.selectors import count_open_cases
from marketplace.sellers.admin import ReadOnlyInline, ReasonForm, act_on_each


def open_cases_badge(request: HttpRequest) -> str:
    """How many listings wait, for the sidebar."""
    return str(count_open_cases())


class DocumentInline(ReadOnlyInline):
    model = CaseDocument
    fields = ("sent_at", "paper", "media_type", "size")
    readonly_fields = fields

    @admin.display(description=_("document"))
    def paper(self, document: CaseDocument) -> str:
        return format_html('<a href="{}">{}</a>', reverse("review_document", args=[document.id]), document.name)


class TransitionInline(ReadOnlyInline):
    model = CaseTransition
    fields = ("at", "from_state", "to_state", "actor", "reason")


@admin.register(ModerationCase)
class ModerationCaseAdmin(ReadOnlyAdmin):
    list_display = ("listing", "category", "seller", "state", "found", "papers", "opened_at", "decided_at")
    list_filter = ("state",)
    list_select_related = ("listing__category", "seller")
    search_fields = ("listing__title", "seller__name", "=listing__id")
    readonly_fields = ("title", "description", "found")
    inlines = (DocumentInline, TransitionInline)
    actions = ("approve", "refuse")
    action_form = ReasonForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModerationCase]:
        cases: QuerySet[ModerationCase] = super().get_queryset(request)
        return cases.annotate(paper_count=Count("documents"))

    @admin.display(description=_("title"))
    def title(self, case: ModerationCase) -> str:
        return case.listing.full_title

    @admin.display(description=_("description"))
    def description(self, case: ModerationCase) -> str:
        return case.listing.description

    @admin.display(description=_("category"))
    def category(self, case: ModerationCase) -> str:
        return case.listing.category.name

    @admin.display(description=_("found"))
    def found(self, case: ModerationCase) -> str:
        """ "knives (knife, dagger)"."""
        parts = [(finding["rule"], ", ".join(finding["words"])) for finding in case.findings]
        return "; ".join(f"{rule} ({words})" if words else rule for rule, words in parts)

    @admin.display(description=_("documents"))
    def papers(self, case: Any) -> int:
        return int(case.paper_count)

    @admin.action(description=_("Let it go on sale"), permissions=["view"])
    def approve(self, request: HttpRequest, queryset: QuerySet[ModerationCase]) -> None:
        act_on_each(self, request, queryset, partial(services.decide_case, approve=True), "case_id")

    @admin.action(description=_("Refuse"), permissions=["view"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[ModerationCase]) -> None:
        act_on_each(self, request, queryset, partial(services.decide_case, approve=False), "case_id")


class WordsField(forms.CharField):
    """A list of words, one a line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        words = [line.strip() for line in super().clean(value).splitlines() if needle_of(line).strip()]
        if len(words) > MAX_WORDS or any(len(word) > 60 for word in words):
            raise forms.ValidationError(_("At most 200 lines of 60 letters."))
        return words


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    words = WordsField(
        label=_("words"), required=False, widget=UnfoldAdminTextareaWidget(),
        help_text=_("One a line; any of them is enough. “knif*” also finds “knife”. Empty: the whole category."),
    )  # fmt: skip

    class Meta:
        model = ModerationRule
        fields = ("code", "kind", "category", "words", "title_en", "title_es", "remedy_en", "remedy_es", "is_active")

    def clean(self) -> dict[str, Any] | None:
        values = super().clean() or self.cleaned_data
        if not values.get("words") and not values.get("category"):
            self.add_error("category", _("A rule needs words or a category."))
        return values


@admin.register(ModerationRule)
class ModerationRuleAdmin(ModelAdmin):  # type: ignore[misc]
    """A rule out of force is kept: cases refer to it. Each change is a new version."""

    form = RuleForm
    list_display = ("code", "kind", "category", "title_en", "is_active", "version", "updated_at")
    list_filter = ("kind", "is_active")
    list_select_related = ("category",)
    search_fields = ("code", "title_en", "title_es")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ModerationRule, form: Any, change: bool) -> None:
        services.keep_rule(rule=obj, actor=actor_of(request), now=utc_now())
