"""Operations pages of the kernel: people, organisations, tokens, audit trail, events, idempotency records."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from core.api.models import IdempotencyRecord
from core.audit.models import AuditEntry
from core.audit.services import record
from core.clock import utc_now
from core.identity.models import ApiToken, Membership, Organisation, User
from core.outbox.models import Delivery, EventRecord
from core.outbox.services import replay
from core.web.requests import actor_of
from core.webhooks.models import WebhookMessage, WebhookSubscription


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """Looked at, never edited: writes go through named services."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "language", "is_active", "is_staff", "joined_at")
    list_filter = ("is_active", "is_staff", "language")
    search_fields = ("email", "name")
    ordering = ("-joined_at",)
    exclude = ("password", "groups", "user_permissions")


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    list_display = ("name", "country", "currency", "created_at")
    list_filter = ("country", "currency")
    search_fields = ("name", "id")


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "organisation", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")
    search_fields = ("user__email", "organisation__name")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("name", "organisation", "user", "hint", "created_at", "last_used_at", "revoked_at")
    list_select_related = ("user", "organisation")
    search_fields = ("name", "organisation__name")
    exclude = ("digest",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "subject_type", "subject_id")
    list_filter = ("action", "subject_type")
    search_fields = ("subject_id", "actor")


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "key", "actor", "occurred_at")
    list_filter = ("name",)
    search_fields = ("key", "event_id")


class ParkedFilter(admin.SimpleListFilter):
    """Parked deliveries, with how many there are."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        parked = Delivery.objects.filter(parked_at__isnull=False).count()
        return [("parked", f"Parked ({parked})"), ("waiting", "Waiting")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(parked_at__isnull=self.value() != "parked")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("event_id", "event_name", "key", "attempts", "due_at", "parked_at", "last_error")
    list_filter = (ParkedFilter,)
    list_select_related = ("event",)
    search_fields = ("key",)
    actions = ("replay_parked",)

    @admin.display(description="event")
    def event_name(self, delivery: Delivery) -> str:
        return delivery.event.name

    @admin.action(description="Replay the chosen parked deliveries")
    def replay_parked(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Give each another round of attempts; who did it stands in the audit trail."""
        actor, now = actor_of(request), utc_now()
        chosen = list(queryset.filter(parked_at__isnull=False).values_list("event_id", flat=True)[:500])
        for delivery_id in chosen:
            replay(delivery_id=delivery_id, actor=actor, now=now)
            record(actor=actor, action="delivery.replayed", subject_type="delivery", subject_id=delivery_id, now=now)
        self.message_user(request, _("%(n)s replayed.") % {"n": len(chosen)}, messages.SUCCESS)


@admin.register(IdempotencyRecord)
class IdempotencyAdmin(ReadOnlyAdmin):
    list_display = ("scope", "key", "created_at")
    search_fields = ("key", "scope")


@admin.register(WebhookSubscription)
class WebhookSubscriptionAdmin(ReadOnlyAdmin):
    list_display = (
        "url",
        "organisation",
        "created_at",
        "failing_since",
        "disabled_at",
        "disabled_reason",
        "deleted_at",
    )
    list_filter = ("disabled_reason",)
    list_select_related = ("organisation",)
    search_fields = ("url", "organisation__name")


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnlyAdmin):
    list_display = ("event_name", "subscription", "state", "attempts", "last_status", "created_at", "due_at")
    list_filter = ("state", "event_name")
    list_select_related = ("subscription",)
    search_fields = ("=event_id",)
    exclude = ("body",)
