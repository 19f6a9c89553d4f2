"""Who holds a unit: parties, and what a pair of hand-over scans means. Pure.

Liability follows the holder. What one side says against its own interest counts alone: who scans a unit in has it. Who only
scans it out still has it until the other side scans it in.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from logistics.contracts import ShipmentState as S


class Basis(StrEnum):
    """What a change of holder rests on."""

    CREATED = "CREATED"
    BOTH = "BOTH"
    TAKER = "TAKER"
    CORRECTION = "CORRECTION"


class Side(StrEnum):
    """Which side of a hand-over scanned."""

    GIVE = "GIVE"
    TAKE = "TAKE"


class Line(NamedTuple):
    """A line of a unit's chain of holders, named as its columns are."""

    parcel_id: int
    number: int
    giver: str
    holder: str
    basis: Basis
    since: datetime
    recorded_at: datetime


class Step(NamedTuple):
    """A carrier that has begun its part of a route; `was_given`: the one before says it handed the parcel on."""

    leg: int
    carrier: str
    since: datetime
    was_given: bool


class Passage(NamedTuple):
    """A parcel's way from carrier to carrier: all in order, those that have begun, and those whose scans were taken back."""

    way: tuple[str, ...]
    steps: tuple[Step, ...]
    corrected: frozenset[str]

    @property
    def carrier(self) -> str:
        """Who has the parcel while it is on its way; the first one before any of them scanned it."""
        return self.steps[-1].carrier if self.steps else self.way[0]

    def onward(self, holder: str) -> tuple[Step, ...]:
        """The steps that come after `holder`; all of them after the seller."""
        places = [leg for leg, code in enumerate(self.way, start=1) if carrier(code) == holder]
        if not places:
            return self.steps
        latest = max((step.leg for step in self.steps if carrier(step.carrier) == holder), default=places[0])
        return tuple(step for step in self.steps if step.leg > latest)


def seller(organisation_id: UUID) -> str:
    return f"SELLER:{organisation_id}"


def buyer(organisation_id: UUID) -> str:
    return f"BUYER:{organisation_id}"


def carrier(code: str) -> str:
    return f"CARRIER:{code}"


def kind_of(party: str) -> str:
    """SELLER, CARRIER or BUYER."""
    return party.split(":", 1)[0]


def shown(party: str) -> str:
    """A party as the other parties see it: carriers by name, people by their side only."""
    return party if kind_of(party) == "CARRIER" else kind_of(party)


HOLDER_KINDS: Final[dict[S, str]] = {
    S.BOOKED: "SELLER", S.HANDED_OVER: "CARRIER", S.DELIVERED: "BUYER", S.RETURNED: "SELLER", S.LOST: "CARRIER",
}  # fmt: skip
"""Who holds the parcels of a shipment in that state; a lost one stays with who had it last."""


def holder_in(state: S, *, seller_id: UUID, buyer_id: UUID, carrier_code: str) -> str | None:
    """The party that holds the parcels of a shipment in `state`; None before it is booked and after a cancellation."""
    kind = HOLDER_KINDS.get(state)
    if kind == "SELLER":
        return seller(seller_id)
    if kind == "BUYER":
        return buyer(buyer_id)
    return carrier(carrier_code) if kind else None
