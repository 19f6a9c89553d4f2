"""E-mails about price talks: to the side that did not act."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_recipients
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from marketplace.contracts import MessageSide
from marketplace.quotes.models import Quote
from marketplace.quotes.selectors import find_quote, offers_of


class QuoteOccasion(StrEnum):
    REQUESTED = "REQUESTED"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    CLOSED = "CLOSED"


def send_quote(*, quote_id: UUID, occasion: QuoteOccasion, to: MessageSide) -> None:
    """Write to one side. No such quote: nothing."""
    quote = find_quote(quote_id)
    if quote is None:
        return
    is_seller = to is MessageSide.SELLER
    reader, other = (quote.seller_id, quote.buyer.name) if is_seller else (quote.buyer_id, quote.seller.name)
    offers = offers_of(quote.id)
    for person in list_recipients(reader):
        with override(person.language):
            subject, lines = _words(quote, occasion, other, is_seller=is_seller)
            facts = [(_("Number"), quote.number), (_("Listing"), quote.listing.title)]
            if offers:
                facts += [(_("Quantity"), str(offers[-1].quantity)), (_("Total"), format_money(offers[-1].total))]
            label = _("Look at it")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=lines, action_label=label, facts=facts,
            action_url=settings.SITE_URL + reverse("quote", args=[quote.id]), name=person.name,
        )  # fmt: skip


def _words(quote: Quote, occasion: QuoteOccasion, other: str, *, is_seller: bool) -> tuple[str, list[str]]:
    if occasion is QuoteOccasion.REQUESTED:
        return _("%(name)s asks for a price") % {"name": other}, [
            _("Answer with an offer, with a payment plan for something made to order, or decline.")
        ]  # fmt: skip
    if occasion is QuoteOccasion.OFFERED:
        return _("%(name)s makes you an offer") % {"name": other}, [_("Accept it, make another one, or decline.")]
    if occasion is QuoteOccasion.ACCEPTED:
        if is_seller:
            return _("%(name)s accepts your offer") % {"name": other}, [_("The order waits for its payment.")]
        return _("%(name)s accepts your offer") % {"name": other}, [
            _("The goods are kept for you for three days. Pay, and the money is held until they arrive.")
        ]  # fmt: skip
    return _("%(title)s: no price was agreed") % {"title": quote.listing.title}, [
        _("The other side ended it, or its time was over.")
    ]  # fmt: skip
