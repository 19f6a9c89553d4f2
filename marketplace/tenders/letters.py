"""E-mails to sellers about what buyers look for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from marketplace.tenders.models import Invitation
from marketplace.tenders.services import mark_told


def tell_invited(*, invitation_id: UUID, now: datetime) -> bool:
    """Write to a seller once; whether a letter went out."""
    if not mark_told(invitation_id=invitation_id, now=now):
        return False
    found = Invitation.objects.select_related("tender__category").get(id=invitation_id)
    tender = found.tender
    for person in list_recipients(found.seller_id):
        with override(person.language):
            subject = _("A buyer looks for: %(title)s") % {"title": tender.title}
            facts = [(_("Category"), tender.category.name), (_("Quantity"), str(tender.quantity))]
            if tender.target is not None:
                facts.append((_("Hoped for, a piece"), format_money(tender.target)))
            facts.append((_("Answer by"), date_format(tender.deadline, "j F Y")))
            lines = [tender.need[:300], _("Answer with a quote on one of your listings.")]
            label = _("Look at it")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, action_label=label, facts=facts,
            action_url=settings.SITE_URL + reverse("tender", args=[tender.id]), name=person.name,
        )  # fmt: skip
    return True
