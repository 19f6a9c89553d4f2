"""The e-mail about a parcel's stage, to those who want it, in their language."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from logistics.notices import selectors
from logistics.notices.models import Notice
from logistics.notices.rules import Side, Stage
from logistics.notices.words import tell


def send_notice(notice: Notice) -> None:
    """Write to the owners and managers of the organisation who chose to hear of it."""
    people = list_recipients(notice.organisation_id)
    wanted = selectors.wants_mail(
        (one.user_id for one in people), side=Side(notice.side), stage=Stage(notice.stage)
    )  # fmt: skip
    windows = selectors.loss_windows([notice])
    for person in people:
        if person.user_id not in wanted:
            continue
        with override(person.language):
            told, label = tell(notice, windows=windows), _("See where the parcel is")
            facts = [
                (_("Goods"), notice.shipment.contents), (_("Carrier"), notice.shipment.carrier.name),
                (_("Tracking number"), notice.shipment.waybill),
            ]  # fmt: skip
        send_mail_to(
            person.email, language=person.language, subject=f"{told.title}: {notice.shipment.contents}",
            lines=[told.text], action_label=label, facts=facts, name=person.name,
            action_url=settings.SITE_URL + reverse("logistics:timeline", args=[notice.shipment_id]),
        )  # fmt: skip
