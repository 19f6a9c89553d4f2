"""The e-mail to owners when a webhook was switched off because nobody answers there."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from core.webhooks.models import WebhookSubscription


def send_switched_off(*, subscription_id: UUID) -> None:
    """Write to the owners and managers of the organisation."""
    found = WebhookSubscription.objects.get(id=subscription_id)
    for person in list_recipients(found.organisation_id):
        with override(person.language):
            subject = _("Your webhook was switched off")
            lines = [
                _("Nobody has answered at its address for days, so we send nothing there any more."),
                _("Repair the address, switch the webhook on, and send again what was missed."),
            ]
            facts, label = [(_("Address"), found.url)], _("Look at the webhook")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, action_label=label, facts=facts,
            action_url=settings.SITE_URL + reverse("account_webhook", args=[found.id]), name=person.name,
        )  # fmt: skip
