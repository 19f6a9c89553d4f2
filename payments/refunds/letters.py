"""E-mails about refunds: money on its way back, there, or stuck; and the seller whose balance paid it."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.ids import order_number
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from payments.contracts import RefundView
from payments.escrow.models import Refund
from payments.escrow.selectors import get_escrow_view
from payments.refunds.selectors import view_of


class Occasion(StrEnum):
    REQUESTED = "REQUESTED"
    DONE = "DONE"
    FAILED = "FAILED"


def send_refund(*, refund_id: UUID, occasion: Occasion) -> None:
    """Write to the buyer; to the seller only when a released order's money was taken from them.

    A refund of no single order, or one that is gone: nothing (the buyer of a late payment hears of it on the page).
    """
    row = Refund.objects.filter(id=refund_id).first()
    if row is None or row.order_id is None:
        return
    escrow, refund = get_escrow_view(row.order_id), view_of(row)
    _write(escrow.buyer_id, refund, row.order_id, occasion)
    if occasion is Occasion.REQUESTED and refund.from_seller:
        _write(escrow.seller_id, refund, row.order_id, None)


def _write(organisation_id: UUID, refund: RefundView, order_id: UUID, occasion: Occasion | None) -> None:
    for person in list_recipients(organisation_id):
        with override(person.language):
            subject, lines = _words(refund, occasion)
            facts = [(_("Order"), order_number(order_id)), (_("Amount"), format_money(refund.amount))]
            label = _("See where the money is")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, action_label=label, facts=facts,
            action_url=settings.SITE_URL + reverse("order_money", args=[order_id]), name=person.name,
        )  # fmt: skip


def _words(refund: RefundView, occasion: Occasion | None) -> tuple[str, list[str]]:
    amount = {"amount": format_money(refund.amount)}
    if occasion is Occasion.REQUESTED:
        return _("%(amount)s are on their way back to you") % amount, [
            _("We asked your bank or card to credit it. That takes a few days.")
        ]
    if occasion is Occasion.DONE:
        return _("%(amount)s are back with you") % amount, [_("It was sent the way you paid.")]
    if occasion is Occasion.FAILED:
        return _("We could not send %(amount)s back yet") % amount, [
            _("Your bank or card did not take it. We look into it and find another way; you need not do anything.")
        ]
    taken = {"amount": format_money(refund.from_seller)}
    return _("%(amount)s of your balance went back to a buyer") % taken, [
        _("The order was released already, so the refund came from your available money, your reserve, or is owed.")
    ]
