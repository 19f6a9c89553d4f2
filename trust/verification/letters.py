"""The e-mail a seller gets about the operator's decision."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to


def send_letters(*, seller_id: UUID, approved: bool, reason: str) -> None:
    """Write to the seller's owners and managers, each in their language."""
    for person in list_recipients(seller_id):
        with override(person.language):
            subject = _("You are verified") if approved else _("Your business profile was not accepted")
            lines = [
                _("You can open your shop now.") if approved else _("Correct what is named here and send it again."),
                reason,
            ]
            label = _("Open your shop") if approved else _("Go to your profile")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, action_label=label,
            action_url=settings.SITE_URL + reverse("sell"), name=person.name,
        )  # fmt: skip
