"""What people are told about pickups."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from logistics.pickups.states import PickupState

S = PickupState
STATES: Final = {
    S.BOOKED: _("Waits for the carrier"), S.CONFIRMED: _("Confirmed"), S.DONE: _("Collected"), S.MISSED: _("Nobody came"),
    S.CANCELLED: _("Called off"),
}  # fmt: skip
TONES: Final = {
    S.BOOKED: "moving", S.CONFIRMED: "brand", S.DONE: "available", S.MISSED: "owed", S.CANCELLED: "neutral",
}  # fmt: skip
NEXT: Final = {
    S.BOOKED: _("Next: the carrier confirms; usually within a minute."),
    S.CONFIRMED: _("Next: the carrier rings within the window. Have the parcels labelled and at hand."),
    S.DONE: _("The carrier has the parcels. Its own scan makes it sure."),
    S.MISSED: _("Nobody came. Book another day, or bring the parcels to the carrier: they still have to go out in time."),
    S.CANCELLED: _("The carrier does not come."),
}  # fmt: skip
WEEKDAYS: Final = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))


def weekdays_told(digits: str) -> str:
    """ "02" -> Monday, Wednesday."""
    return ", ".join(str(WEEKDAYS[int(digit)]) for digit in digits)
