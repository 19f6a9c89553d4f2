"""A few purchases that go far: over several carriers under one number, so that the pages about routes show one on its way."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Final

from core.ids import new_id
from marketplace import facade as marketplace
from marketplace.contracts import ListingUnavailable, NotEnoughStock, Place, PlaceRequest

if TYPE_CHECKING:
    from config.demo.people import Good, Party
    from config.demo.world import World

FAR: Final = (("Ciudad de México", "06000", "MX"), ("Memphis", "38103", "US"))
TRIES: Final = 12
"""Goods that are looked at for each place: not every seller's parcel goes by a route."""


def go_far(world: World, seed: int) -> None:
    """One purchase to each far place by the route that is offered; its parcel is with the first carrier."""
    source = Random(f"{seed}:network")  # noqa: S311
    for (city, postcode, country), buyer in zip(FAR, world.buyers[1:], strict=False):
        address = replace(buyer.address, city=city, postcode=postcode, country=country)
        for good in source.sample(world.goods, min(TRIES, len(world.goods))):
            request = _route_to(buyer, good, address, world.end)
            if request is None:
                continue
            purchase_id = marketplace.place_purchase(request=request, actor=buyer.actor, now=world.end)
            marketplace.pay_purchase(
                purchase_id=purchase_id, method_token="tok_approve", actor=buyer.actor, now=world.end  # noqa: S106
            )  # fmt: skip
            (order,) = marketplace.list_orders_of_purchase(purchase_id)
            marketplace.book_shipment(order_id=order.order_id, actor=good.seller.actor, now=world.end)
            marketplace.hand_over(order_id=order.order_id, actor=good.seller.actor, now=world.end)
            break


def _route_to(buyer: Party, good: Good, address: Place, now: datetime) -> PlaceRequest | None:
    """The cart with this piece alone, by the route; None, and an empty cart, when it cannot be bought or no route is offered."""
    own = buyer.organisation_id
    with suppress(NotEnoughStock, ListingUnavailable):
        marketplace.put_in_cart(organisation_id=own, listing_id=good.listing_id, quantity=1, now=now)
    options = marketplace.delivery_choices(organisation_id=own, address=address, now=now)
    if list(options) == [good.seller.organisation_id] and "route" in options[good.seller.organisation_id]:
        return PlaceRequest(key=str(new_id()), address=address, delivery={good.seller.organisation_id: "route"})
    marketplace.put_in_cart(organisation_id=own, listing_id=good.listing_id, quantity=0, now=now)
    return None
