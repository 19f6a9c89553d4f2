"""How parcels leave sellers: a standing pickup, a single one, a manifest; and what people were told of their parcels."""

from __future__ import annotations

import contextlib
from datetime import time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from core.errors import DomainError
from logistics import facade as logistics
from logistics.contracts import Address

if TYPE_CHECKING:
    from config.demo.world import World

EVERY_OTHER_DAY = "024"


def arrange(world: World) -> None:
    """For the sellers with the printed log-ins. A day on which a carrier does not come (a holiday) is passed over."""
    for number, seller in enumerate(islice(world.sellers.values(), 2)):
        at = seller.address
        door = Address(at.name, at.street, at.city, at.postcode, at.country, phone=at.phone)
        for carrier, weekdays in (("ruta", EVERY_OTHER_DAY), ("correo-sur", "")):
            with contextlib.suppress(DomainError):
                logistics.book_pickup(
                    carrier_code=carrier, day=world.end.date() + timedelta(days=2), opens=time(14), closes=time(17),
                    address=door, weekdays=weekdays, actor=seller.actor, now=world.end,
                )  # fmt: skip
        if number:
            with contextlib.suppress(DomainError):
                logistics.make_manifest(carrier_code="ruta", actor=seller.actor, now=world.end)
    logistics.run_pickups(now=world.end)


def tell(world: World) -> None:
    """The news of four weeks, once all that happened is written down."""
    while logistics.write_notices(now=world.end):
        pass
