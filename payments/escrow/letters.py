"""The e-mail before money is released by itself: the buyer's last call."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from payments.escrow.selectors import get_escrow_view


def send_release_due(*, order_id: UUID, release_at: datetime) -> None:
    """Write to the buyer, unless the clock has been moved or stopped since. Raises EscrowNotFound."""
    escrow = get_escrow_view(order_id)
    if escrow.release_at != release_at:
        return
    for person in list_recipients(escrow.buyer_id):
        with override(person.language):
            day = date_format(localtime(release_at), "j F, H:i")
            subject = _("Order %(number)s: is everything all right?") % {"number": escrow.order_number}
            lines = [
                _("On %(day)s the money goes to the seller by itself.") % {"day": day},
                _("If something is wrong, report it before then: the money stays where it is until it is settled."),
            ]
            facts = [(_("Order"), escrow.order_number), (_("Held"), format_money(escrow.held))]
            label = _("See where the money is")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, action_label=label, facts=facts,
            action_url=settings.SITE_URL + reverse("order_money", args=[order_id]), name=person.name,
        )  # fmt: skip
