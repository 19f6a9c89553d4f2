"""Where a parcel has been, on a map of our own hubs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from logistics.contracts import TimelineEntry
from logistics.network.drawing import Map, draw
from logistics.network.selectors import Road, list_hubs
from logistics.tracking.timeline import TOLD_PLACES


def map_of(entries: Sequence[TimelineEntry]) -> Map | None:
    """The hubs a parcel was scanned at (entries newest first) and its way between them; None before the second of them.

    Places that may be the recipient's town are not hubs to us and never drawn. One query.
    """
    hubs = list_hubs()
    known = {hub.city: hub for hub in hubs}
    seen = [known[entry.place] for entry in reversed(entries) if entry.status in TOLD_PLACES and entry.place in known]
    way = [hub for hub, before in zip(seen, [None, *seen], strict=False) if hub is not before]
    if len(way) < 2:
        return None
    roads = {frozenset((start.code, end.code)): Road(start, end, ()) for start, end in pairwise(way)}
    return draw(hubs, roads.values(), [hub.code for hub in way], here=way[-1].code)
