"""The digest of followed shops."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from marketplace.shops.selectors import news_for
from marketplace.shops.services import mark_told


def tell_followers_news(*, organisation_id: UUID, now: datetime) -> bool:
    """One letter with what followed shops put on sale; whether it went out."""
    news = news_for(organisation_id)
    mark_told(organisation_id=organisation_id, now=now)
    if not news:
        return False
    for person in list_recipients(organisation_id):
        with override(person.language):
            send_mail_to(
                person.email, language=person.language, name=person.name, subject=_("New in shops you follow"),
                lines=[_("This was put on sale since we last wrote.")],
                facts=[(f"{one.seller.name}: {one.title}", format_money(one.price)) for one in news],
                action_label=_("See the shops"), action_url=settings.SITE_URL + reverse("followed_shops"),
            )  # fmt: skip
    return True
