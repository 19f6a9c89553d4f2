"""E-mails about something made to order: asked for, offered, agreed, shown."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from marketplace.agreements.models import Agreement
from marketplace.agreements.selectors import find_agreement, total_of


class Occasion(StrEnum):
    REQUESTED = "REQUESTED"
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    CLOSED_BY_BUYER = "CLOSED_BY_BUYER"
    CLOSED_BY_SELLER = "CLOSED_BY_SELLER"


TO_SELLER = frozenset({Occasion.REQUESTED, Occasion.ACCEPTED, Occasion.CLOSED_BY_BUYER})


def send_agreement(*, agreement_id: UUID, occasion: Occasion) -> None:
    """Write to the side that did not act. No such agreement: nothing."""
    agreement = find_agreement(agreement_id)
    if agreement is None:
        return
    for person in list_recipients(agreement.seller_id if occasion in TO_SELLER else agreement.buyer_id):
        with override(person.language):
            subject, lines = _words(agreement, occasion)
            facts = [(_("Number"), agreement.number), (_("Made to order"), agreement.title)]
            total = total_of(agreement)
            facts += [(_("Total"), format_money(total))] if total else []
            label = _("Look at it")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, action_label=label, facts=facts,
            action_url=settings.SITE_URL + reverse("agreement", args=[agreement.id]), name=person.name,
        )  # fmt: skip


def _words(agreement: Agreement, occasion: Occasion) -> tuple[str, list[str]]:
    if occasion is Occasion.REQUESTED:
        return _("%(name)s asks for something made to order") % {"name": agreement.buyer.name}, [
            agreement.wish[:300], _("Answer with an offer and a payment plan, or decline.")
        ]  # fmt: skip
    if occasion is Occasion.PROPOSED:
        return _("%(name)s makes you an offer") % {"name": agreement.seller.name}, [
            agreement.terms[:300], _("You pay nothing before you accept, and then step by step.")
        ]  # fmt: skip
    if occasion is Occasion.ACCEPTED:
        return _("%(name)s accepts your offer") % {"name": agreement.buyer.name}, [
            _("Begin when the first step is paid; it stands on the page at once.")
        ]  # fmt: skip
    return _("%(title)s: it will not be made") % {"title": agreement.title}, [
        _("The other side ended it. Nothing was paid.")
    ]
