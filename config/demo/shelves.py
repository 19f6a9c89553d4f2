"""A depot of the demo seller with goods in it, and a code of the platform."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.actor import Actor
from core.money import Money
from marketplace import backoffice
from marketplace.contracts import PromotionInput

if TYPE_CHECKING:
    from config.demo.world import World

SHELVED = 6


def fill(world: World) -> None:
    """The first seller keeps some goods in a depot too; buyers may spend the platform's code."""
    now, seller = world.end, world.assortments[0][0]
    address = replace(seller.address, street="Polígono 4, nave 12")
    depot = backoffice.add_location(label="Almacén", address=address, handling_days=2, actor=seller.actor, now=now)
    shop = seller.organisation_id
    own = list(dict.fromkeys(good.listing_id for good in world.goods if good.seller.organisation_id == shop))
    for listing_id in own[:SHELVED]:
        backoffice.adjust_stock(
            listing_id=listing_id, location_id=depot, delta=12, reason="A new delivery", actor=seller.actor, now=now
        )
    backoffice.create_platform_code(
        promotion=PromotionInput(code="LONJA5", kind="PERCENT", percent=5, limit_per_buyer=1), currency="EUR",
        budget=Money(50_000, "EUR"), categories=(), actor=Actor.system("demo"), now=now,
    )  # fmt: skip
