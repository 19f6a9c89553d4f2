"""What sellers do to sell more: prices by quantity, reductions, codes, variants, and the same thing in several shops."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from config.demo.people import Good, Party, draw_pictures, picture_name
from config.demo.pictures import HEIGHT, WIDTH
from core.money import Money
from marketplace import facade as marketplace
from marketplace.contracts import (
    ImportRow,
    ListingInput,
    PriceTier,
    PromotionInput,
    SellingTerms,
    StoredPhoto,
)

BARGAINS = 12
COLOURS = ("blue", "green", "red")
SIZES = ("S", "M", "L")
SAME_PEN = "4006381333931"


def offer(goods: Sequence[Good], sellers: Sequence[Party], *, now: datetime) -> None:
    """The same goods and shops get the same bargains every time."""
    chosen = list({good.listing_id: good for good in goods}.values())[: 2 * BARGAINS]
    listings = marketplace.list_listings(good.listing_id for good in chosen)
    for number, good in enumerate(chosen):
        price = listings[good.listing_id].price
        if number % 2:
            _by_quantity(good, price, now=now)
        else:
            _reduce(good, price, now=now)
    draw_pictures([*(("shirts", colour, 0) for colour in COLOURS), ("pens", "black", 0)], lambda: None)
    first = sellers[: max(3, len(sellers) // 4)]
    for seller in first:
        promotion = PromotionInput(code="WELCOME10", kind="PERCENT", percent=10, limit_per_buyer=1)
        marketplace.create_promotion(promotion=promotion, actor=seller.actor, now=now)
    _shirts(first[0], now=now)
    _same_pen(first[:3], now=now)


def _by_quantity(good: Good, price: Money, *, now: datetime) -> None:
    tiers = (PriceTier(6, price.portion(9_200)), PriceTier(24, price.portion(8_000), 6))
    terms = SellingTerms(tiers=tiers)
    marketplace.set_terms(listing_id=good.listing_id, terms=terms, actor=good.seller.actor, now=now)


def _reduce(good: Good, price: Money, *, now: datetime) -> None:
    marketplace.start_reduction(
        listing_id=good.listing_id, price=price.portion(7_900), ends_at=now + timedelta(days=20),
        actor=good.seller.actor, now=now,
    )  # fmt: skip


def _shirts(seller: Party, *, now: datetime) -> None:
    rows = [
        ImportRow(
            ListingInput(
                category_code="shirts", title="Linen shirt with a band collar", brand="Taller Norte",
                description="Washed linen, mother-of-pearl buttons. The size and the colour are yours to choose.",
                price=Money(6400 + 200 * number, "EUR"), stock=4 + number, weight_grams=260, length_mm=300, width_mm=220,
                height_mm=40, handling_days=2, attributes={"material": "linen", "colour": colour, "size": size},
                sku=f"BAND-{colour}-{size}".upper(),
            ),
            (StoredPhoto(picture_name("shirts", colour, 0), WIDTH, HEIGHT, f"A {colour} linen shirt"),),
            product="BAND", options=("colour", "size"),
        )
        for number, colour in enumerate(COLOURS)
        for size in SIZES
    ]  # fmt: skip
    marketplace.import_listings(rows=rows, actor=seller.actor, now=now)


def _same_pen(sellers: Sequence[Party], *, now: datetime) -> None:
    made = []
    for number, seller in enumerate(sellers):
        listing = ListingInput(
            category_code="pens", title="Fountain pen Meridian, brass", brand="Meridian", gtin=SAME_PEN,
            description="A brass fountain pen with a steel nib, filled by cartridge or converter.",
            price=Money(4900 - 150 * number, "EUR"), stock=12, weight_grams=90, length_mm=180, width_mm=60, height_mm=30,
            handling_days=1, attributes={"material": "brass"},
        )  # fmt: skip
        photo = StoredPhoto(picture_name("pens", "black", 0), WIDTH, HEIGHT, "A brass fountain pen")
        (listing_id,) = marketplace.import_listings(rows=[ImportRow(listing, (photo,))], actor=seller.actor, now=now)
        made.append((listing_id, seller))
    marketplace.propose_matches(now=now)
    for listing_id, seller in made:
        marketplace.accept_match(listing_id=listing_id, actor=seller.actor, now=now)
