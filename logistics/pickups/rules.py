"""When a carrier may be asked to come, and until when that may be changed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from core.errors import DomainError, InvalidInput, NotFound
from logistics.rates.rules import RateTable

LATEST_DAYS: Final = 30
"""A pickup is booked at most so many days ahead."""
MADE_AHEAD: Final = timedelta(days=7)
"""Recurring pickups are made so long before they are due."""
GRACE: Final = timedelta(hours=2)
"""After the end of its window a pickup nobody reported on is settled by what the parcels' scans say."""


class PickupNotFound(NotFound):
    """There is no such pickup, or it is not this seller's."""

    message = "There is no such pickup."


class CarrierDoesNotCollect(DomainError):
    """The carrier takes no bookings of pickups, or not in that country."""

    code = "carrier_does_not_collect"
    status = 422
    message = "This carrier does not collect there."
    remedy = "Bring the parcels to the carrier, or choose another carrier."


class PickupTooLate(DomainError):
    """The cut-off of that day is over."""

    code = "pickup_too_late"
    message = "The carrier plans its round already: it is too late for that day."
    remedy = "Choose a later day."


class PickupThere(DomainError):
    """The carrier comes on that day already."""

    code = "pickup_there"
    message = "This carrier comes on that day already."
    remedy = "Change the pickup that is booked; all ready parcels are on it."


@dataclass(frozen=True, slots=True)
class Terms:
    """How a carrier collects: hours of its own clock, and the cut-off as an hour so many days before."""

    first_hour: int
    last_hour: int
    least_hours: int
    cutoff_hour: int
    cutoff_days_before: int
    weekdays: frozenset[int]


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when the carrier comes, and until when that may be changed."""

    opens_at: datetime
    closes_at: datetime
    cutoff_at: datetime


def window_of(terms: Terms, *, day: date, opens: time, closes: time, zone: str) -> Window:
    """The window on `day` by the clock of the place. The cut-off is never later than the window's beginning.

    Raises InvalidInput (outside of the carrier's hours, too short, not one of its days).
    """
    if day.weekday() not in terms.weekdays:
        raise InvalidInput("The carrier does not collect on this day of the week.", field="day")
    if opens < time(terms.first_hour) or closes > _hour(terms.last_hour):
        raise InvalidInput("The carrier does not collect at these hours.", field="opens")
    clock = ZoneInfo(zone)
    opens_at, closes_at = (datetime.combine(day, moment, tzinfo=clock) for moment in (opens, closes))
    if closes_at - opens_at < timedelta(hours=terms.least_hours):
        raise InvalidInput("The carrier needs a longer window.", field="closes")
    cutoff_day = day - timedelta(days=terms.cutoff_days_before)
    cutoff_at = datetime.combine(cutoff_day, _hour(terms.cutoff_hour), tzinfo=clock)
    return Window(opens_at, closes_at, min(cutoff_at, opens_at))


def _hour(hour: int) -> time:
    return time.max if hour >= 24 else time(hour)


def collects_in(table: RateTable, carrier_code: str, country: str) -> bool:
    """True when a service of the carrier starts in the country."""
    zone = table.zones.get(country)
    services = {row.code for row in table.services if row.carrier_code == carrier_code}
    return zone is not None and any(code in services and origin == zone for code, origin, _to in table.lanes)


def days_of(weekdays: str, *, first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last` that are among `weekdays` ("0" is Monday)."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if str(day.weekday()) in weekdays:
            yield day
