"""E-mails about listings: nearly sold out, and not put on sale as planned."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from core.identity.selectors import Recipient, list_recipients
from core.web.mail import send_mail_to
from marketplace.catalog.models import Listing


def send_low_stock(*, listing_id: UUID, left: int) -> None:
    """Tell the seller how many are left."""
    listing = Listing.objects.get(id=listing_id)
    for person in list_recipients(listing.seller_id):
        with override(person.language):
            subject = _("Nearly sold out: %(title)s") % {"title": listing.full_title}
            line = ngettext("%(n)s piece is left.", "%(n)s pieces are left.", left) % {"n": left}
            _send(person, listing, subject, [line, _("Buyers no longer see it when the last one is gone.")])


def send_not_published(*, listing_id: UUID, reason: str) -> None:
    """Tell the seller that the plan did not work, and why."""
    listing = Listing.objects.get(id=listing_id)
    for person in list_recipients(listing.seller_id):
        with override(person.language):
            subject = _("Not on sale: %(title)s") % {"title": listing.full_title}
            _send(person, listing, subject, [_("It was to go on sale by itself and could not."), _(reason)])


def _send(person: Recipient, listing: Listing, subject: str, lines: list[str]) -> None:
    send_mail_to(
        person.email, language=person.language, subject=subject, lines=lines, name=person.name,
        action_label=_("Look at it"), action_url=settings.SITE_URL + reverse("edit_listing", args=[listing.id]),
    )  # fmt: skip
