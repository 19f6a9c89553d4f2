"""E-mails about messages that wait to be read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from marketplace.contracts import MessageSide
from marketplace.messages.models import Thread
from marketplace.messages.services import mark_told


def tell_unread(*, thread_id: UUID, side: MessageSide, now: datetime) -> bool:
    """Write once to the side that has not read; whether a letter went out."""
    if not mark_told(thread_id=thread_id, side=side, now=now):
        return False
    thread = Thread.objects.select_related("buyer", "seller").get(id=thread_id)
    is_buyer = side is MessageSide.BUYER
    reader, writer = (thread.buyer_id, thread.seller.name) if is_buyer else (thread.seller_id, thread.buyer.name)
    count = thread.buyer_unread if is_buyer else thread.seller_unread
    for person in list_recipients(reader):
        with override(person.language):
            subject = _("%(name)s wrote to you") % {"name": writer}
            words = ngettext(
                "%(n)s message about “%(title)s” waits for you.",
                "%(n)s messages about “%(title)s” wait for you.",
                count,
            ) % {"n": count, "title": thread.title}
            lines = [words, _("Answer on Lonja: what you agree on there counts, and your money stays safe.")]
            label = _("Read and answer")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, action_label=label, name=person.name,
            action_url=settings.SITE_URL + reverse("thread", args=[thread.id]),
        )  # fmt: skip
    return True
