"""E-mails about returns: what happened and what happens next."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from marketplace.returns.selectors import find_return
from marketplace.returns.states import ReturnState
from marketplace.returns.words import NEXT_FOR_BUYER, NEXT_FOR_SELLER, STATES

S = ReturnState
BOTH = frozenset({S.APPROVED, S.REFUNDED, S.EXCHANGED})
TO_BUYER = BOTH | {S.RECEIVED, S.REPLACING, S.REJECTED, S.REFUSED}
TO_SELLER = BOTH | {S.REQUESTED, S.IN_TRANSIT, S.CANCELLED}


def send_return(*, return_id: UUID, state: str) -> None:
    """Write to those whom this state concerns. No such return: nothing."""
    found, at = find_return(return_id), S(state)
    if found is None:
        return
    sides = (
        (found.order.buyer_id, NEXT_FOR_BUYER, at in TO_BUYER),
        (found.order.seller_id, NEXT_FOR_SELLER, at in TO_SELLER),
    )
    for organisation_id, following, is_concerned in sides:
        for person in list_recipients(organisation_id) if is_concerned else ():
            with override(person.language):
                subject = _("Return %(number)s: %(state)s") % {"number": found.number, "state": STATES[at]}
                lines = [part for part in (found.answer, str(following[at])) if part]
                facts = [(_("Order"), found.order.number)]
                facts += [(_("Refunded"), format_money(found.refunded))] if found.refunded_minor else []
                label = _("Look at it")
            send_mail_to(
                person.email, language=person.language, subject=subject, lines=lines, action_label=label, facts=facts,
                action_url=settings.SITE_URL + reverse("return", args=[found.id]), name=person.name,
            )  # fmt: skip
