"""The e-mail to a seller whose payout the bank refused or sent back."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from payments.contracts import PayoutState
from payments.payouts.models import Payout
from payments.payouts.selectors import view_of
from payments.payouts.words import failure_words


def send_payout_came_back(*, payout_id: UUID) -> None:
    """Write to the seller, while the payout is still FAILED or RETURNED. No such payout: nothing."""
    row = Payout.objects.filter(id=payout_id, state__in=[PayoutState.FAILED, PayoutState.RETURNED]).first()
    if row is None:
        return
    payout = view_of(row)
    for person in list_recipients(payout.seller_id):
        with override(person.language):
            subject = _("Your bank sent %(amount)s back") % {"amount": format_money(payout.amount)}
            lines = [
                failure_words(payout.failure_code),
                _("The money is with your available balance again. Nothing is lost."),
                _("Check your bank account; the next payout goes where it says then."),
            ]
            facts = [(_("Amount"), format_money(payout.amount)), (_("To"), payout.destination)]
            label = _("Look at your money")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=[line for line in lines if line], facts=facts,
            action_label=label, action_url=settings.SITE_URL + reverse("seller_money"), name=person.name,
        )  # fmt: skip
