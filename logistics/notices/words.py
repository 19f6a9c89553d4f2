"""What people are told about a parcel: what happened, what happens next, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from logistics.claims.rules import ClaimType, Window, choose_window, moments
from logistics.claims.selectors import facts_of
from logistics.notices.models import Notice
from logistics.notices.rules import OFFICE_DAYS, Side, Stage
from logistics.shipments.models import Shipment

S = Stage
TITLES: Final = {
    S.SHIPPED: gettext_lazy("The parcel is on its way"),
    S.OUT_FOR_DELIVERY: gettext_lazy("Out for delivery"),
    S.READY_FOR_PICKUP: gettext_lazy("Ready to be collected"),
    S.ATTEMPT_FAILED: gettext_lazy("The carrier found nobody"),
    S.DELAYED: gettext_lazy("The parcel is delayed"),
    S.DELIVERED: gettext_lazy("Delivered"),
    S.SUSPECTED_LOST: gettext_lazy("No news of the parcel for long"),
    S.LOST: gettext_lazy("The parcel is lost"),
    S.RETURNED: gettext_lazy("The parcel went back to its sender"),
}  # fmt: skip
TONES: Final = {
    S.SHIPPED: "moving", S.OUT_FOR_DELIVERY: "moving", S.READY_FOR_PICKUP: "brand", S.ATTEMPT_FAILED: "held",
    S.DELAYED: "held", S.DELIVERED: "available", S.SUSPECTED_LOST: "owed", S.LOST: "owed", S.RETURNED: "held",
}  # fmt: skip
SIDES: Final = {
    Side.RECIPIENT: gettext_lazy("Parcels you get"), Side.SENDER: gettext_lazy("Parcels you send"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in the active language."""

    title: str
    text: str
    tone: str
    parcel: str


def tell(notice: Notice, *, windows: Sequence[Window]) -> Told:
    """In words; the notice's shipment is loaded with its carrier and promise. `windows`: of claims for lost parcels."""
    shipment, stage = notice.shipment, Stage(notice.stage)
    text = _outlook(stage, Side(notice.side), shipment, notice.at, windows)
    parcel = f"{shipment.contents} · {shipment.carrier.name} {shipment.waybill}"
    return Told(str(TITLES[stage]), text, TONES[stage], parcel)


def _outlook(stage: Stage, side: Side, shipment: Shipment, at: datetime, windows: Sequence[Window]) -> str:
    here = at.astimezone(ZoneInfo(shipment.destination_time_zone)).date()
    if stage is S.SHIPPED:
        return _("It arrives from %(first)s to %(last)s.") % {
            "first": _day(shipment.promise.earliest_date), "last": _day(shipment.promise.latest_date)
        }  # fmt: skip
    if stage is S.OUT_FOR_DELIVERY:
        return _("It is delivered today, %(day)s.") % {"day": _day(here)}
    if stage is S.READY_FOR_PICKUP:
        words = {"day": _day(here + timedelta(days=OFFICE_DAYS))}
        return _for(
            side, _("Collect it until %(day)s, else it goes back."),
            _("It goes back to you if nobody collects it until %(day)s."), words,
        )  # fmt: skip
    if stage is S.ATTEMPT_FAILED:
        words = {"day": _day(_working_day_after(here))}
        return _for(
            side, _("The carrier tries again on %(day)s. Be there, or write to the seller."),
            _("The carrier tries again on %(day)s. Ask the recipient whether the address is right."), words,
        )  # fmt: skip
    if stage is S.DELAYED:
        return _delayed(shipment)
    if stage in (S.SUSPECTED_LOST, S.LOST):
        return _lost(stage, side, shipment, windows)
    return _ended(stage, side, here)


def _for(side: Side, recipient: str, sender: str, words: dict[str, str]) -> str:
    return (recipient if side is Side.RECIPIENT else sender) % words


def _delayed(shipment: Shipment) -> str:
    promised = _("It was promised for %(day)s.") % {"day": _day(shipment.promise.latest_date)}
    if shipment.silent_at is None:
        return f"{promised} {_('A part of the shipping price may come back by itself when it arrives.')}"
    limit = _("If there is no news until %(day)s we ask the carrier where it is.") % {"day": _day(shipment.silent_at)}
    return f"{promised} {limit}"


def _lost(stage: Stage, side: Side, shipment: Shipment, windows: Sequence[Window]) -> str:
    if stage is S.LOST:
        return _for(
            side, _("The money for the goods comes back to you now; nothing needs to be done."),
            _("A claim against the carrier has been opened; what it pays for the goods is yours."), {},
        )  # fmt: skip
    window = choose_window(windows, carrier_code=shipment.carrier_id, service_code=shipment.service_id)
    asked = _("The carrier is asked where it is.")
    if window is None:
        return asked
    opens_at, _deadline = moments(window, ClaimType.LOST, facts_of(shipment))
    until = _("If it is not found until %(day)s it counts as lost.") % {"day": _day(opens_at)}
    return f"{asked} {until}"


def _ended(stage: Stage, side: Side, here: date) -> str:
    words = {"day": _day(here)}
    if stage is S.DELIVERED:
        return _for(
            side, _("It came on %(day)s. Look at the goods now: the order says until when a problem can be reported."),
            _("It came on %(day)s. The order says when the money becomes available."), words,
        )  # fmt: skip
    return _for(
        side, _("It was handed back to the seller on %(day)s. The order says what becomes of the money."),
        _("It was handed back to you on %(day)s. Look at it and tell the buyer how you go on."), words,
    )  # fmt: skip


def _day(moment: date | datetime) -> str:
    return date_format(moment, "D j M")


def _working_day_after(day: date) -> date:
    day += timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day
