"""Words of disputes for people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from trust.contracts import DisputeParty, DisputeReason, DisputeState, DisputeWish

REASONS = {
    DisputeReason.NOT_RECEIVED: _("It did not arrive"),
    DisputeReason.NOT_AS_DESCRIBED: _("It is not as described"),
    DisputeReason.DAMAGED: _("It arrived damaged"),
    DisputeReason.SHORT: _("Something is missing"),
    DisputeReason.COUNTERFEIT: _("It is a counterfeit"),
    DisputeReason.WRONG_ITEM: _("It is the wrong item"),
    DisputeReason.LATE: _("It came too late"),
}
WISHES = {
    DisputeWish.FULL_REFUND: _("All my money back"),
    DisputeWish.PARTIAL_REFUND: _("A part of my money back"),
    DisputeWish.REPLACEMENT: _("A replacement"),
}
STATES = {
    DisputeState.OPEN: _("Open"),
    DisputeState.DECIDED: _("Decided"),
    DisputeState.WITHDRAWN: _("Withdrawn"),
}
TONES = {DisputeState.OPEN: "owed", DisputeState.DECIDED: "available", DisputeState.WITHDRAWN: "neutral"}
PARTIES = {
    DisputeParty.BUYER: _("Buyer"),
    DisputeParty.SELLER: _("Seller"),
    DisputeParty.OPERATOR: _("Lonja"),
}
