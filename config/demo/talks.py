"""What buyers and sellers of the demo world say to each other: messages, price talks, a tender; and how shops look."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from config.demo.people import Good, Party
from core.money import Money
from marketplace import facade as marketplace
from marketplace.contracts import AwayMode, ListingView, NeedInput, OfferInput, ShopInput, ThreadKind

if TYPE_CHECKING:
    from config.demo.world import World

QUESTIONS = (
    ("Is it washed before it is sent?", "Yes, twice, with olive soap."),
    ("Could you gift-wrap it?", "Gladly, in plain paper with a ribbon. Write the words for the card in the order."),
    ("How long would twenty of them take?", "About two weeks. Ask for a price on its page and I make you an offer."),
)
AWAY = "Can I pay you directly by bizum? My number is 612 345 678."
ENOUGH = 30
"""Pieces on hand that make a listing fit for a larger order."""


def negotiate(world: World) -> None:
    """The first seller and the first buyer have the printed log-ins: most of it is theirs."""
    seller, buyer = world.assortments[0][0], world.buyers[0]
    goods = _plenty(world, seller)
    _dress_shops(world, seller)
    if not goods:
        return
    _write(world, seller, goods)
    _talk_about_prices(world, seller, buyer, goods)
    _look_for(world, buyer, goods[0][1])


def _plenty(world: World, seller: Party) -> list[tuple[Good, ListingView]]:
    own = sorted((g for g in world.goods if g.seller.organisation_id == seller.organisation_id), key=_by_appeal)
    views = marketplace.list_listings(good.listing_id for good in own)
    return [(good, views[good.listing_id]) for good in own if views[good.listing_id].available >= ENOUGH]


def _by_appeal(good: Good) -> tuple[float, str]:
    return (-good.appeal, str(good.listing_id))


def _write(world: World, seller: Party, goods: list[tuple[Good, ListingView]]) -> None:
    marketplace.add_quick_reply(
        title="Delivery times", text="It leaves us within two days; the promise on the page holds.", actor=seller.actor,
        now=world.end,
    )  # fmt: skip
    listing_id = goods[0][0].listing_id
    for number, (question, answer) in enumerate(QUESTIONS):
        asked = world.end - timedelta(days=9 - 3 * number, hours=number)
        thread_id = marketplace.begin_thread(
            kind=ThreadKind.LISTING, subject_id=listing_id, text=question, actor=world.buyers[number].actor, now=asked
        )
        marketplace.post_message(
            thread_id=thread_id, text=answer, actor=seller.actor, now=asked + timedelta(hours=2 + 3 * number)
        )
    marketplace.begin_thread(
        kind=ThreadKind.LISTING, subject_id=listing_id, text=AWAY, actor=world.buyers[3].actor,
        now=world.end - timedelta(hours=3),
    )  # fmt: skip


def _talk_about_prices(world: World, seller: Party, buyer: Party, goods: list[tuple[Good, ListingView]]) -> None:
    """One talk waits for the buyer, one for the seller's answer to a counter-offer, one for the first offer."""
    steps = ((buyer, 2), (world.buyers[1], 3), (world.buyers[2], 1))
    for number, ((who, words), (good, view)) in enumerate(zip(steps, goods, strict=False)):
        asked = world.end - timedelta(days=2, hours=number)
        quote_id = marketplace.request_quote(
            listing_id=good.listing_id, quantity=8, wish="For a small hotel; more in autumn if the guests like it.",
            address=who.address, actor=who.actor, now=asked,
        )  # fmt: skip
        codes = marketplace.delivery_services(
            listing_id=good.listing_id, quantity=8, address=who.address, now=asked
        )  # fmt: skip
        for step, (side, percent) in enumerate(((seller, 88), (who, 80))[: words - 1], start=1):
            if codes:
                price = Money(view.price.minor * percent // 100, view.price.currency)
                offer = OfferInput(8, price, codes[0], handling_days=4)
                at = asked + timedelta(hours=5 * step)
                marketplace.make_offer(quote_id=quote_id, offer=offer, actor=side.actor, now=at)


def _look_for(world: World, buyer: Party, view: ListingView) -> None:
    """A tender with a few answers to compare."""
    asked = world.end - timedelta(days=1)
    need = NeedInput(
        category_code=view.category_code, title="Twelve of a kind for a country hotel", quantity=12, address=buyer.address,
        need="One colour, one size. Natural materials, delivered together. We open in spring.", days=10,
    )  # fmt: skip
    tender_id = marketplace.publish_tender(need=need, currency=view.price.currency, actor=buyer.actor, now=asked)
    invited = set(marketplace.invited_sellers(tender_id=tender_id))
    offers: dict[str, tuple[Good, ListingView]] = {}
    for party, _categories in world.assortments:
        if party.organisation_id in invited:
            fitting = [pair for pair in _plenty(world, party) if pair[1].category_code == view.category_code]
            offers |= {str(party.organisation_id): fitting[0]} if fitting else {}
        if len(offers) == 4:
            break
    for number, (good, offered) in enumerate(offers.values()):
        codes = marketplace.delivery_services(
            listing_id=good.listing_id, quantity=12, address=buyer.address, now=asked
        )  # fmt: skip
        if codes:
            price = Money(offered.price.minor * (92 - 4 * number) // 100, offered.price.currency)
            offer = OfferInput(12, price, codes[0], handling_days=3 + number, valid_days=14)
            marketplace.place_bid(
                tender_id=tender_id, listing_id=good.listing_id, offer=offer, actor=good.seller.actor,
                now=asked + timedelta(hours=7 + number),
            )  # fmt: skip


def _dress_shops(world: World, seller: Party) -> None:
    looks = (
        ShopInput("ATELIER", "Made here, by hand, since our grandmother's time"),
        ShopInput("MARKET", "Everything from one valley"),
        ShopInput("CLASSIC", "", AwayMode.LONGER, 5, None, "We are moving to a larger workshop."),
    )
    for shop, (party, _categories) in zip(looks, world.assortments, strict=False):
        marketplace.save_shop(shop=shop, actor=party.actor, now=world.end)
    own = sorted((g for g in world.goods if g.seller.organisation_id == seller.organisation_id), key=_by_appeal)
    for title, few in (("For the summer table", own[:4]), ("Presents", own[4:8])):
        if few:
            ids = [good.listing_id for good in few]
            marketplace.add_collection(title=title, listing_ids=ids, actor=seller.actor, now=world.end)
    for buyer in world.buyers[:3]:
        marketplace.follow_shop(seller_id=seller.organisation_id, actor=buyer.actor, now=world.end)
