"""E-mails to sellers when a buyer's bank takes money back, and when it has decided."""

from __future__ import annotations

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
from payments.chargebacks import selectors


def send_chargeback_opened(*, chargeback_id: UUID) -> None:
    """Write to every seller with a part in it. Raises ChargebackNotFound."""
    for seller_id, view in selectors.views_by_seller(chargeback_id).items():
        for person in list_recipients(seller_id):
            with override(person.language):
                day = date_format(localtime(view.due_by), "j F") if view.due_by else "-"
                subject = _("A buyer's bank takes %(amount)s back") % {"amount": format_money(view.amount)}
                lines = [
                    _("We answer the bank with what we know: the order, the parcel and the messages."),
                    _("Add what you have to say before %(day)s.") % {"day": day},
                ]
                label = _("Look at the chargeback")
            send_mail_to(
                person.email, language=person.language, subject=subject, lines=lines, action_label=label,
                action_url=settings.SITE_URL + reverse("seller_chargeback", args=[chargeback_id]), name=person.name,
            )  # fmt: skip


def send_chargeback_closed(*, chargeback_id: UUID, won: bool) -> None:
    """Tell every seller with a part in it how the bank decided. Raises ChargebackNotFound."""
    for seller_id, view in selectors.views_by_seller(chargeback_id).items():
        for person in list_recipients(seller_id):
            with override(person.language):
                amount = {"amount": format_money(view.amount)}
                if won:
                    subject = _("The bank decided for you: %(amount)s") % amount
                    lines = [_("The money is back where it was.")]
                else:
                    subject = _("The bank decided for the buyer: %(amount)s") % amount
                    lines = [_("The buyer keeps the money. What it cost you stands in your statement.")]
                label = _("Look at the chargeback")
            send_mail_to(
                person.email, language=person.language, subject=subject, lines=lines, action_label=label,
                action_url=settings.SITE_URL + reverse("seller_chargeback", args=[chargeback_id]), name=person.name,
            )  # fmt: skip
