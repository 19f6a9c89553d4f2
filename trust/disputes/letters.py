"""E-mails about a dispute: what happened, what it means for the money, one link."""

from __future__ import annotations

from enum import StrEnum
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
from trust.contracts import DisputeNotFound, DisputeParty
from trust.disputes.models import Dispute
from trust.disputes.rules import operator_looks_from


class Occasion(StrEnum):
    OPENED = "OPENED"
    MESSAGE = "MESSAGE"
    WITHDRAWN = "WITHDRAWN"
    DECIDED = "DECIDED"


def send_letters(*, dispute_id: UUID, occasion: Occasion, written_by: DisputeParty) -> None:
    """Write to the buyer and the seller, except the one who acted. Raises DisputeNotFound."""
    dispute = Dispute.objects.filter(id=dispute_id).first()
    if dispute is None:
        raise DisputeNotFound()
    sides = {DisputeParty.BUYER: dispute.buyer_id, DisputeParty.SELLER: dispute.seller_id}
    for party, organisation_id in sides.items():
        if party is written_by:
            continue
        for person in list_recipients(organisation_id):
            with override(person.language):
                subject, lines = _words(dispute, occasion, party)
                label = _("Look at the dispute")
            send_mail_to(
                person.email, language=person.language, subject=subject, lines=lines, action_label=label,
                action_url=settings.SITE_URL + reverse("order_dispute", args=[dispute.order_id]), name=person.name,
                facts=_facts(dispute, person.language),
            )  # fmt: skip


def _words(dispute: Dispute, occasion: Occasion, party: DisputeParty) -> tuple[str, list[str]]:
    number = {"number": dispute.order_number}
    if occasion is Occasion.OPENED:
        day = date_format(localtime(operator_looks_from(dispute.opened_at)), "j F")
        return _("A buyer reports a problem with order %(number)s") % number, [
            _("The money of this order is frozen until this is settled."),
            _("Answer the buyer. From %(day)s on the operator looks at it and decides.") % {"day": day},
        ]
    if occasion is Occasion.MESSAGE:
        return _("New message about order %(number)s") % number, [_("Somebody wrote to you in the dispute.")]
    if occasion is Occasion.WITHDRAWN:
        return _("The dispute about order %(number)s was withdrawn") % number, [_("The order goes on as before.")]
    return _("The dispute about order %(number)s is decided") % number, [_outcome(dispute, party), dispute.reasoning]


def _outcome(dispute: Dispute, party: DisputeParty) -> str:
    refunded = dispute.refunded or dispute.amount - dispute.amount
    if party is DisputeParty.BUYER:
        return _("%(amount)s go back to you.") % {"amount": format_money(refunded)}
    kept = {"amount": format_money(dispute.amount - refunded)}
    return _("%(amount)s minus commission are paid to you.") % kept


def _facts(dispute: Dispute, language: str) -> list[tuple[str, str]]:
    with override(language):
        return [(_("Order"), dispute.order_number), (_("Amount"), format_money(dispute.amount))]
