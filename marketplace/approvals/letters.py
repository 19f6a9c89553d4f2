"""E-mails about approvals: colleagues are asked, everybody hears the decision."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.identity.selectors import list_memberships
from core.web.mail import send_mail_to
from core.web.money_format import format_money
from marketplace.approvals.models import PurchaseApproval
from marketplace.approvals.states import ApprovalState

MOST = 20


def send_approval(*, purchase_id: UUID, state: str) -> None:
    """Asked: to colleagues; decided: to whoever asked. No such purchase: nothing."""
    found = PurchaseApproval.objects.select_related("purchase").filter(purchase_id=purchase_id).first()
    if found is None:
        return
    is_asking = state == ApprovalState.WAITING
    people = [one.user for one in list_memberships(found.purchase.buyer_id)]
    for person in [one for one in people if (one.id == found.asked_by) is not is_asking][:MOST]:
        with override(person.language):
            subject, line = _words(found, ApprovalState(state))
            facts = [(_("Purchase"), found.purchase.number), (_("Total"), format_money(found.purchase.total))]
            facts += [(_("Reason"), found.reason)] if found.reason else []
            label = _("Look at it")
        send_mail_to(
            person.email, language=person.language, subject=subject, lines=[line], facts=facts, name=person.name,
            action_label=label, action_url=settings.SITE_URL + reverse("purchase_approval", args=[purchase_id]),
        )  # fmt: skip


def _words(found: PurchaseApproval, state: ApprovalState) -> tuple[str, str]:
    names = {"asker": found.asked_name, "decider": found.decided_name}
    return {
        ApprovalState.WAITING: (
            _("%(asker)s asks you to approve a purchase") % names,
            _("It is above their limit. The goods are kept for three days."),
        ),
        ApprovalState.APPROVED: (_("%(decider)s approved your purchase") % names, _("Pay it within a day.")),
        ApprovalState.REFUSED: (
            _("%(decider)s refused your purchase") % names, _("Nothing was charged; the goods are on sale again."),
        ),
        ApprovalState.EXPIRED: (
            _("Nobody approved your purchase in time"), _("Nothing was charged; the goods are on sale again."),
        ),
    }[state]  # fmt: skip
