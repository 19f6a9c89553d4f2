"""The receipt of a withdrawal by e-mail, at once; the seller hears of it as well."""

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
from marketplace.withdrawals.models import Withdrawal
from marketplace.withdrawals.selectors import find_withdrawal


def send_withdrawal(*, withdrawal_id: UUID) -> None:
    """The receipt goes to the address of the statement, a notice to the seller. No such withdrawal: nothing."""
    found = find_withdrawal(withdrawal_id)
    if found is None:
        return
    buyer_language = next((one.language for one in list_recipients(found.order.buyer_id)), settings.LANGUAGE_CODE)
    _send(found, found.email, name=found.name, language=buyer_language, is_buyer=True)
    for person in list_recipients(found.order.seller_id):
        _send(found, person.email, name=person.name, language=person.language, is_buyer=False)


def _send(found: Withdrawal, address: str, *, name: str, language: str, is_buyer: bool) -> None:
    with override(language):
        number = {"number": found.order.number}
        subject = _("Receipt of your withdrawal from order %(number)s") if is_buyer else _(
            "The buyer withdrew from order %(number)s"
        )  # fmt: skip
        first = _("We received this statement and passed it on to the seller. Keep this e-mail.") if is_buyer else _(
            "What was not sent is cancelled; what was delivered comes back to you."
        )  # fmt: skip
        facts = [
            (_("Received on"), date_format(localtime(found.stated_at), "DATETIME_FORMAT") + " " + _zone(found)),
            (_("Statement"), found.number), (_("Order"), found.order.number), (_("Declared by"), found.name),
            (_("E-mail"), found.email),
            *((part.line.title, str(part.quantity)) for part in found.lines.all()),
        ]  # fmt: skip
        send_mail_to(
            address, language=language, subject=subject % number, lines=[first], facts=facts, name=name,
            action_label=_("Look at it"), action_url=settings.SITE_URL + reverse("withdrawal", args=[found.id]),
        )  # fmt: skip


def _zone(found: Withdrawal) -> str:
    return localtime(found.stated_at).tzname() or ""
