"""The wire to FedEx, UPS, USPS, DHL Express and Canada Post, over the Karrio library. Used where credentials are set."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

from django.conf import settings

from core.database import in_transaction
from logistics.carriers.karrio import mapper
from logistics.carriers.models import Carrier, CarrierBooking
from logistics.carriers.ports import BookingOrder, CarrierScan, PickupOrder
from logistics.carriers.proxy import CalledInsideTransaction
from logistics.contracts import CarrierRefused, CarrierUnavailable

Json = dict[str, Any]
MOST_TRACKED = 30
"""FedEx takes that many numbers in one call."""


@cache
def _sdk() -> Any:
    """Karrio, imported at its first use (it takes a second), quiet, and without what it does to everybody's TLS."""
    from loguru import logger

    logger.disable("karrio")
    checked = ssl.create_default_context
    import karrio.sdk as sdk

    # Karrio switches the check of certificates off for the whole process; here it is switched on again.
    ssl._create_default_https_context = checked
    return sdk


class KarrioGateway:
    """CarrierGateway of a carrier with a published interface.

    A booking is stored with its label, so that asking twice gives the same. Carriers do not promise that of themselves: when
    one does not answer a booking, it is not asked again by itself, for it might sell a second label.
    """

    def __init__(self, carrier: Carrier) -> None:
        self.carrier_code = carrier.code

    def book(self, order: BookingOrder, *, now: datetime) -> str:
        known = CarrierBooking.objects.filter(reference=order.reference).first()
        if known is not None:
            return known.number
        payload = mapper.shipment_payload(order)
        try:
            details, said = self._ask(lambda sdk, gateway: sdk.Shipment.create(payload).from_(gateway).parse())
        except CarrierUnavailable as error:
            raise CarrierRefused(
                "The carrier did not answer. Look in its account for the label, then try again."
            ) from error
        booked = mapper.read_booking(details, said)
        CarrierBooking.objects.create(
            reference=order.reference, carrier_id=self.carrier_code, number=booked.number, identifier=booked.identifier,
            label=booked.label, booked_at=now,
        )  # fmt: skip
        return booked.number

    def cancel(self, reference: str, *, now: datetime) -> None:
        known = CarrierBooking.objects.filter(reference=reference, cancelled_at=None).first()
        if known is None:
            return
        request = {"shipment_identifier": known.identifier}
        done, said = self._ask(lambda sdk, gateway: sdk.Shipment.cancel(request).from_(gateway).parse())
        if not done or not done.get("success"):
            raise CarrierRefused(f"The carrier refused: {mapper.words_of(said)}")
        known.cancelled_at = now
        known.save(update_fields=["cancelled_at"])

    def announce_hand_over(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        """These carriers learn of a parcel by scanning it."""
        return ()

    def book_pickup(self, order: PickupOrder, *, now: datetime) -> str:
        raise CarrierRefused("Pickups of this carrier are booked in your account with it.")

    def cancel_pickup(self, reference: str, *, now: datetime) -> None:
        """Nothing was booked through us."""

    def track(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        scans: list[CarrierScan] = []
        for start in range(0, len(carrier_numbers), MOST_TRACKED):
            request = {"tracking_numbers": mapper.asked_together(carrier_numbers[start : start + MOST_TRACKED])}
            found, _said = self._ask(
                lambda sdk, gateway, asked=request: sdk.Tracking.fetch(asked).from_(gateway).parse()
            )
            scans += mapper.read_tracking(self.carrier_code, found or [])
        return tuple(scans)

    def _ask(self, call: Callable[..., Any]) -> tuple[Any, list[Json]]:
        """(answer, what the carrier said beside it) as plain dictionaries. Raises CarrierUnavailable."""
        if in_transaction():
            raise CalledInsideTransaction(self.carrier_code)
        credentials = cast("dict[str, Json]", settings.LONJA["CARRIER_CREDENTIALS"]).get(self.carrier_code)
        if not credentials:
            raise CarrierUnavailable("There are no credentials for this carrier.")
        sdk = _sdk()
        from karrio.lib import to_dict

        try:
            gateway = sdk.gateway[mapper.CARRIERS[self.carrier_code]].create(dict(credentials))
            answer, said = call(sdk, gateway)
        except Exception as error:  # a carrier's parser raises whatever an unexpected answer makes it raise
            raise CarrierUnavailable(f"The carrier's answer cannot be used ({type(error).__name__}).") from error
        told = [to_dict(message) for message in said]
        if any(message.get("code") == mapper.NOT_UNDERSTOOD for message in told):
            raise CarrierUnavailable("The carrier did not answer, or not as its interface says.")
        return to_dict(answer) if answer else answer, told
