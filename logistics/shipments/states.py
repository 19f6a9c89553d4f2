"""The life of a shipment as a table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from logistics.contracts import ShipmentState as S


class ShipmentAction(StrEnum):
    """What moves a shipment. CORRECT takes back a final state after a correcting event of the carrier."""

    CONFIRM = "CONFIRM"
    CANCEL = "CANCEL"
    ACCEPT = "ACCEPT"
    DELIVER = "DELIVER"
    RETURN = "RETURN"
    LOSE = "LOSE"
    CORRECT = "CORRECT"


A = ShipmentAction
TRANSITIONS: Final[dict[tuple[S, A], S]] = {
    (S.BOOKING, A.CONFIRM): S.BOOKED,
    (S.BOOKING, A.CANCEL): S.CANCELLED,
    (S.BOOKED, A.CANCEL): S.CANCELLED,
    (S.BOOKED, A.ACCEPT): S.HANDED_OVER,
    (S.HANDED_OVER, A.DELIVER): S.DELIVERED,
    (S.HANDED_OVER, A.RETURN): S.RETURNED,
    (S.HANDED_OVER, A.LOSE): S.LOST,
    (S.DELIVERED, A.CORRECT): S.HANDED_OVER,
    (S.RETURNED, A.CORRECT): S.HANDED_OVER,
    (S.LOST, A.CORRECT): S.HANDED_OVER,
}

FINAL: Final[dict[S, A]] = {S.DELIVERED: A.DELIVER, S.RETURNED: A.RETURN, S.LOST: A.LOSE}
"""Final states tracking can lead to, and the action that enters each."""


def actions_between(current: S, target: S) -> tuple[A, ...]:
    """The actions that lead from `current` to what tracking says; empty when nothing is to be done.

    A parcel that turns up delivered without an acceptance scan was accepted first. A cancelled shipment stays so, and
    one that is still being booked waits for the carrier's number. When a correction leaves no scan at all, the parcel
    is still not ours again: it counts as handed over.
    """
    if current in FINAL and target is S.BOOKED:
        return (A.CORRECT,)
    if current == target or current in {S.CANCELLED, S.BOOKING} or target in {S.CANCELLED, S.BOOKING, S.BOOKED}:
        return ()
    first: tuple[A, ...] = ()
    if current is S.BOOKED:
        first = (A.ACCEPT,)
    elif current in FINAL:
        first = (A.CORRECT,)
    return first if target is S.HANDED_OVER else (*first, FINAL[target])
