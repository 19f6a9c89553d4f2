"""Re-exports the models of the kernel's slices so that Django finds them."""

from core.api.models import IdempotencyRecord
from core.audit.models import AuditEntry
from core.identity.models import ApiToken, Membership, Organisation, User
from core.outbox.models import Consumption, Delivery, EventRecord
from core.webhooks.models import WebhookAttempt, WebhookCursor, WebhookMessage, WebhookSubscription

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Consumption",
    "Delivery",
    "EventRecord",
    "IdempotencyRecord",
    "Membership",
    "Organisation",
    "User",
    "WebhookAttempt",
    "WebhookCursor",
    "WebhookMessage",
    "WebhookSubscription",
]
