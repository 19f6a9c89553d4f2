"""Which of a parcel's news are told to whom, and whether they are still true. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from logistics.contracts import TrackingStatus as T


class Stage(StrEnum):
    """A moment of a parcel's way that people are told of, once."""

    SHIPPED = "SHIPPED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"
    DELAYED = "DELAYED"
    DELIVERED = "DELIVERED"
    SUSPECTED_LOST = "SUSPECTED_LOST"
    LOST = "LOST"
    RETURNED = "RETURNED"


class Side(StrEnum):
    """Who is told: who sent the parcel, or who gets it."""

    SENDER = "SENDER"
    RECIPIENT = "RECIPIENT"


ON_THE_WAY: Final = frozenset({T.PICKED_UP, T.IN_TRANSIT, T.AT_HUB, T.CUSTOMS, T.ON_HOLD, T.DELAYED})
STAGES: Final = {
    T.OUT_FOR_DELIVERY: Stage.OUT_FOR_DELIVERY, T.READY_FOR_PICKUP: Stage.READY_FOR_PICKUP,
    T.ATTEMPT_FAILED: Stage.ATTEMPT_FAILED, T.DELAYED: Stage.DELAYED, T.DELIVERED: Stage.DELIVERED,
    T.SUSPECTED_LOST: Stage.SUSPECTED_LOST, T.LOST: Stage.LOST, T.RETURNED: Stage.RETURNED,
}  # fmt: skip
"""What a derived status tells. SHIPPED comes with the carrier's first scan, whatever its status."""

TRUE_WHILE: Final = {
    **{stage: frozenset({status}) for status, stage in STAGES.items()},
    Stage.SHIPPED: ON_THE_WAY, Stage.DELAYED: ON_THE_WAY | {T.ATTEMPT_FAILED},
}  # fmt: skip

MAILED: Final = {
    Side.RECIPIENT: frozenset(Stage),
    Side.SENDER: frozenset({Stage.ATTEMPT_FAILED, Stage.SUSPECTED_LOST, Stage.LOST, Stage.RETURNED}),
}
"""Unless a person chose otherwise: the recipient gets a letter for each stage, the sender where something is to be done."""

MAIL_WITHIN: Final = timedelta(hours=24)
"""News that reach us later than that are shown, and not written about any more."""
OFFICE_DAYS: Final = 7
"""How long a carrier's office keeps a parcel, as a rule."""


def is_still_true(stage: Stage, status: T) -> bool:
    """False when the parcel went on since: a letter about it would only confuse."""
    return status in TRUE_WHILE[stage]
