"""Ranking weights in the admin: write down a version, put one in force, look at the past."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import JSONField, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.ranking.models import RankingActivation, RankingVersion
from analytics.ranking.rules import DEFAULT_WEIGHTS, check_weights
from analytics.ranking.services import activate_version, create_version
from core.admin import ReadOnlyAdmin
from core.clock import utc_now
from core.errors import DomainError
from core.web.requests import actor_of


class RankingVersionForm(ModelForm):  # type: ignore[type-arg]
    weights = JSONField(initial=dict(DEFAULT_WEIGHTS), label=gettext_lazy("weights"))

    class Meta:
        model = RankingVersion
        fields = ("version", "weights", "note")

    def clean_weights(self) -> Any:
        weights = self.cleaned_data["weights"]
        try:
            check_weights(weights)
        except (DomainError, TypeError, AttributeError) as error:
            self.add_error("weights", _("Give every factor a weight from 0 to 1; together they make 1."))
            del error
        return weights


@admin.register(RankingVersion)
class RankingVersionAdmin(ReadOnlyAdmin):
    """New rows come from `create_version`; the action asks for one version and uses its note as the reason."""

    form = RankingVersionForm
    list_display = ("version", "note", "author", "created_at")
    actions = ("put_in_force",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def save_model(self, request: HttpRequest, obj: RankingVersion, form: Any, change: bool) -> None:
        row = create_version(
            version=obj.version, weights=obj.weights, note=obj.note, actor=actor_of(request), now=utc_now()
        )
        obj.pk = row.pk

    @admin.action(description=gettext_lazy("Put in force"))
    def put_in_force(self, request: HttpRequest, queryset: QuerySet[RankingVersion]) -> None:
        if queryset.count() != 1:
            self.message_user(request, _("Choose one version."), messages.ERROR)
            return
        chosen = queryset.get()
        activate_version(version=chosen.version, reason=chosen.note, actor=actor_of(request), now=utc_now())
        self.message_user(request, _("The version is in force."), messages.SUCCESS)


@admin.register(RankingActivation)
class RankingActivationAdmin(ReadOnlyAdmin):
    list_display = ("version", "reason", "actor", "at")
