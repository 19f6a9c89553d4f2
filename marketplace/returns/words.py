"""How states and reasons of returns are said."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.returns.rules import ReturnReason
from marketplace.returns.states import ReturnState

STATES: dict[ReturnState, Promise] = {
    ReturnState.REQUESTED: _("Waits for the seller"), ReturnState.APPROVED: _("Approved, to be sent"),
    ReturnState.IN_TRANSIT: _("On its way back"), ReturnState.RECEIVED: _("Received, being looked at"),
    ReturnState.REPLACING: _("New goods on their way"), ReturnState.REFUNDED: _("Refunded"),
    ReturnState.EXCHANGED: _("Exchanged"), ReturnState.REJECTED: _("Rejected after inspection"),
    ReturnState.REFUSED: _("Refused"), ReturnState.CANCELLED: _("Called off"),
}  # fmt: skip
TONES = {
    ReturnState.REQUESTED: "held", ReturnState.APPROVED: "held", ReturnState.IN_TRANSIT: "moving",
    ReturnState.RECEIVED: "held", ReturnState.REPLACING: "moving", ReturnState.REFUNDED: "available",
    ReturnState.EXCHANGED: "available", ReturnState.REJECTED: "owed", ReturnState.REFUSED: "owed",
    ReturnState.CANCELLED: "neutral",
}  # fmt: skip
REASONS: dict[ReturnReason, Promise] = {
    ReturnReason.CHANGED_MIND: _("I changed my mind"), ReturnReason.WRONG_SIZE: _("It does not fit"),
    ReturnReason.ARRIVED_LATE: _("It came too late"), ReturnReason.DAMAGED: _("It arrived damaged"),
    ReturnReason.DEFECTIVE: _("It does not work"), ReturnReason.NOT_AS_DESCRIBED: _("It is not as described"),
    ReturnReason.WRONG_ITEM: _("It is the wrong thing"),
}  # fmt: skip
NEXT_FOR_BUYER: dict[ReturnState, Promise] = {
    ReturnState.REQUESTED: _("The seller answers within three days; no answer is a yes."),
    ReturnState.APPROVED: _("Print the label, put it on the parcel and drop it off within 14 days."),
    ReturnState.IN_TRANSIT: _(
        "When it arrives the seller has seven days to look at it; then you are refunded by itself."
    ),
    ReturnState.RECEIVED: _("The seller looks at it. After seven days without a word you are refunded by itself."),
    ReturnState.REPLACING: _("The seller sends you the same goods again."),
    ReturnState.REFUNDED: _("The money is on its way to how you paid."),
    ReturnState.EXCHANGED: _("The new goods arrived. The time to look at them goes on."),
    ReturnState.REJECTED: _("If you see it differently, open a dispute on the order's page."),
    ReturnState.REFUSED: _("If you see it differently, open a dispute on the order's page."),
    ReturnState.CANCELLED: _("Nothing goes back. The order goes on as before."),
}
NEXT_FOR_SELLER: dict[ReturnState, Promise] = {
    ReturnState.REQUESTED: _("Answer within three days; no answer is a yes."),
    ReturnState.APPROVED: _("The buyer sends it within 14 days, or the return is called off by itself."),
    ReturnState.IN_TRANSIT: _("When it arrives you have seven days to look at it."),
    ReturnState.RECEIVED: _("Look at it within seven days; then the buyer is refunded by itself."),
    ReturnState.REPLACING: _("Send the new goods with the label on this page."),
    ReturnState.REFUNDED: _("The money went back to the buyer. There is nothing left to do."),
    ReturnState.EXCHANGED: _("The new goods arrived. There is nothing left to do."),
    ReturnState.REJECTED: _("The buyer can still open a dispute."),
    ReturnState.REFUSED: _("The buyer can still open a dispute."),
    ReturnState.CANCELLED: _("Nothing comes back. The order goes on as before."),
}
