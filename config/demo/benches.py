"""What lies on the first seller's bench: a listing half typed, one planned, one held for a look, and an alert of little stock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.money import Money
from marketplace import facade as marketplace
from marketplace.contracts import ImportRow, ListingInput, ProductSafety

if TYPE_CHECKING:
    from config.demo.world import World

RATTLE = ListingInput(
    category_code="puzzles", title="Wooden rattle puzzle, four pieces", price=Money(1900, "EUR"), stock=6,
    description="Turned from one piece of limewood. The pieces rattle when they are shaken.", weight_grams=240,
    length_mm=160, width_mm=120, height_mm=60, handling_days=2, attributes={"material": "wood", "pieces": 4},
    safety=ProductSafety(
        maker_name="Taller Tilo", maker_address="Calle del Tilo 4, 46001 Valencia", maker_email="taller@tilo.example",
        maker_country="ES",
    ),
)  # fmt: skip
TRAY = ListingInput(
    category_code="tableware", title="Serving tray of olive wood, 40 cm", price=Money(5400, "EUR"), stock=9,
    description="Cut in winter, oiled twice. No two are alike.", weight_grams=1400, length_mm=420, width_mm=300,
    height_mm=60, handling_days=2, attributes={"material": "wood"},
)  # fmt: skip


def lay_out(world: World) -> None:
    seller, now = world.assortments[0][0], world.end
    own = sorted(good.listing_id for good in world.goods if good.seller.organisation_id == seller.organisation_id)
    marketplace.begin_listing(
        category_code="vases", actor=seller.actor, now=now,
        typed={"title": "Tall vase, cobalt blue", "description": "Thrown in two parts.", "price": "38.00"},
    )  # fmt: skip
    marketplace.import_listings(rows=[ImportRow(RATTLE)], actor=seller.actor, now=now)
    marketplace.plan_listing(listing=TRAY, at=now + timedelta(days=3), actor=seller.actor, now=now)
    for listing_id in own[:3]:
        marketplace.set_stock_alert(listing_id=listing_id, at_most=5, actor=seller.actor)
