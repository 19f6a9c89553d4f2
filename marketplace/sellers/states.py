"""The life of a seller's business profile."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marketplace.contracts import SellerState


class SellerAction(StrEnum):
    SUBMIT = "SUBMIT"
    VERIFY = "VERIFY"
    REJECT = "REJECT"
    SUSPEND = "SUSPEND"
    REINSTATE = "REINSTATE"


TRANSITIONS: Final[dict[tuple[SellerState, SellerAction], SellerState]] = {
    (SellerState.DRAFT, SellerAction.SUBMIT): SellerState.SUBMITTED,
    (SellerState.REJECTED, SellerAction.SUBMIT): SellerState.SUBMITTED,
    (SellerState.SUBMITTED, SellerAction.VERIFY): SellerState.VERIFIED,
    (SellerState.SUBMITTED, SellerAction.REJECT): SellerState.REJECTED,
    (SellerState.VERIFIED, SellerAction.SUSPEND): SellerState.SUSPENDED,
    (SellerState.SUSPENDED, SellerAction.REINSTATE): SellerState.VERIFIED,
}
