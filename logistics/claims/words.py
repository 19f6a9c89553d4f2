"""How types and states of claims are said."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from logistics.claims.rules import ClaimType
from logistics.claims.states import ClaimState

S = ClaimState
TYPES: dict[ClaimType, Promise] = {
    ClaimType.LOST: _("Parcel lost"), ClaimType.DAMAGED: _("Goods damaged"),
    ClaimType.MISSING_CONTENTS: _("Something missing in it"), ClaimType.LATE_GUARANTEE: _("Later than guaranteed"),
    ClaimType.MISDELIVERED: _("Delivered to the wrong place"),
}  # fmt: skip
BY_HAND = (ClaimType.LOST, ClaimType.DAMAGED, ClaimType.MISSING_CONTENTS, ClaimType.MISDELIVERED)
STATES: dict[ClaimState, Promise] = {
    S.DRAFT: _("Being traced"), S.ELIGIBLE: _("Ready to be sent in"), S.SUBMITTED: _("Sent to the carrier"),
    S.IN_REVIEW: _("The carrier looks at it"), S.NEEDS_ACTION: _("The carrier asks something"),
    S.APPROVED: _("Approved"), S.APPROVED_PARTIAL: _("Approved in part"), S.REJECTED: _("Rejected"),
    S.PAID: _("Paid"), S.WRITTEN_OFF: _("Given up"), S.CANCELLED: _("Called off"),
}  # fmt: skip
TONES = {
    S.DRAFT: "neutral", S.ELIGIBLE: "held", S.SUBMITTED: "moving", S.IN_REVIEW: "moving", S.NEEDS_ACTION: "owed",
    S.APPROVED: "available", S.APPROVED_PARTIAL: "available", S.REJECTED: "owed", S.PAID: "available",
    S.WRITTEN_OFF: "neutral", S.CANCELLED: "neutral",
}  # fmt: skip
NEXT: dict[ClaimState, Promise] = {
    S.DRAFT: _("The carrier is asked where it is. The claim is sent in as soon as the carrier takes it."),
    S.ELIGIBLE: _("Lonja sends it to the carrier with the evidence below."),
    S.SUBMITTED: _("The carrier answers; you need not do anything."),
    S.IN_REVIEW: _("The carrier decides; you need not do anything."),
    S.NEEDS_ACTION: _("Answer below, so that the carrier can go on."),
    S.APPROVED: _("When the carrier's money arrives it is added to what you are paid."),
    S.APPROVED_PARTIAL: _("When the carrier's money arrives it is added to what you are paid."),
    S.REJECTED: _("Lonja looks at the reasons and may object."),
    S.PAID: _("The carrier has paid. The goods' money stands among your adjustments."),
    S.WRITTEN_OFF: _("Nothing more can be had from the carrier."),
    S.CANCELLED: _("There is nothing to claim."),
}
KEPT = _("The platform gave the buyer's refund back to you, so that it keeps what the carrier pays.")
"""For a late parcel whose claim was granted."""


def next_of(kind: ClaimType, state: ClaimState) -> Promise:
    """What happens next, to the sender of the parcel."""
    is_granted = state in {S.APPROVED, S.APPROVED_PARTIAL, S.PAID}
    return KEPT if kind is ClaimType.LATE_GUARANTEE and is_granted else NEXT[state]
