"""E-mails about checks: held, on sale, refused."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from marketplace.moderation.models import ModerationCase
from marketplace.moderation.selectors import asked_of, get_case
from marketplace.screening import CaseState


def send_case(*, case_id: UUID, state: CaseState) -> None:
    """Tell the seller that a check began, or how it ended (`state`)."""
    case = get_case(case_id)
    for person in list_recipients(case.seller_id):
        with override(person.language):
            subject, lines = _words(case, state)
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, name=person.name,
            action_label=_("Look at it"), action_url=settings.SITE_URL + reverse("listing_review", args=[case.listing_id]),
        )  # fmt: skip


def _words(case: ModerationCase, state: CaseState) -> tuple[str, list[str]]:
    title = {"title": case.listing.title}
    if state is CaseState.APPROVED:
        return _("“%(title)s” is on sale") % title, [_("We looked at it, and buyers find it now.")]
    if state is CaseState.REFUSED:
        reason = _("The reason: %(reason)s") % {"reason": case.reason}
        return _("“%(title)s” cannot be sold like this") % title, [
            reason, _("You can change it and put it on sale again.")
        ]  # fmt: skip
    return _("“%(title)s” is being checked") % title, [
        *(f"{rule}: {remedy}" for rule, remedy in asked_of(case)),
        _(
            "It goes on sale as soon as somebody has looked at it. You need not do more, unless documents are asked for."
        ),
    ]
