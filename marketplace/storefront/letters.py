"""Letters about saved searches."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.web.mail import send_mail_to
from core.web.money_format import format_money
from marketplace.search.models import SavedSearch
from marketplace.search.saved import new_for
from marketplace.search.services import mark_alerted


def tell_new_goods(saved: SavedSearch, *, now: datetime) -> bool:
    """Write to the person when something new fits; the search waits a day either way. Outside of transactions."""
    hits = new_for(saved, now=now)
    if not mark_alerted(search_id=saved.id, now=now) or not hits:
        return False
    with override(saved.user.language):
        send_mail_to(
            saved.user.email, language=saved.user.language, name=saved.user.get_short_name(),
            subject=_("New for “%(name)s”") % {"name": saved.name},
            lines=[_("This was put on sale since we last wrote.")],
            facts=[(hit.title, str(format_money(hit.price))) for hit in hits],
            action_label=_("See all"), action_url=f"{settings.SITE_URL}{reverse('search')}?{saved.address}&sort=newest",
        )  # fmt: skip
    return True
