"""What a listing is in the words of schema.org, for search engines: JSON-LD in the head of its page."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from core.money import Money
from logistics.contracts import ServiceQuote
from marketplace.catalog.models import Listing

SCHEMA: Final = "https://schema.org/"
_CONDITIONS: Final = {"NEW": "NewCondition", "USED": "UsedCondition", "REFURBISHED": "RefurbishedCondition"}
_ESCAPES: Final = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def structured_data(
    listing: Listing, *, address: Callable[[str], str], photos: Sequence[dict[str, Any]], quotes: Sequence[ServiceQuote],
    country: str,
) -> SafeString:  # fmt: skip
    """A script element that no browser runs. `address` makes absolute addresses; nothing a seller typed can leave it."""
    product = product_data(listing, address=address, photos=photos, quotes=quotes, country=country)
    text = json.dumps(product, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  # escaped above


def product_data(
    listing: Listing, *, address: Callable[[str], str], photos: Sequence[dict[str, Any]], quotes: Sequence[ServiceQuote],
    country: str,
) -> dict[str, Any]:  # fmt: skip
    """The Product with its Offer."""
    product: dict[str, Any] = {
        "@context": SCHEMA, "@type": "Product", "name": listing.full_title, "description": listing.description[:5000],
        "sku": listing.sku or str(listing.id), "category": listing.category.google_path,
        "image": [address(photo["large"]) for photo in photos],
        "offers": _offer(listing, address=address, quotes=quotes, country=country),
    }  # fmt: skip
    if listing.brand:
        product["brand"] = {"@type": "Brand", "name": listing.brand}
    if listing.gtin:
        product["gtin"] = listing.gtin
    if listing.product_id:
        product["inProductGroupWithID"] = str(listing.product_id)
    if listing.signals.rating_count:
        product["aggregateRating"] = {
            "@type": "AggregateRating", "ratingValue": listing.rating_stars, "reviewCount": listing.signals.rating_count,
        }  # fmt: skip
    return product


def _offer(
    listing: Listing, *, address: Callable[[str], str], quotes: Sequence[ServiceQuote], country: str
) -> dict[str, Any]:
    offer: dict[str, Any] = {
        "@type": "Offer", "url": address(reverse("listing", args=[listing.id])), **_amount(listing.price),
        "availability": SCHEMA + ("InStock" if listing.stock.available else "OutOfStock"),
        "itemCondition": SCHEMA + _CONDITIONS[listing.condition],
        "seller": {"@type": "Organization", "name": listing.seller.name,
                   "url": address(reverse("shop", args=[listing.seller.slug]))},
        "eligibleQuantity": {"@type": "QuantitativeValue", "minValue": listing.min_quantity},
        "priceSpecification": _prices(listing),
    }  # fmt: skip
    if quotes:
        cheapest = min(quotes, key=lambda quote: quote.price.minor)
        offer["shippingDetails"] = {
            "@type": "OfferShippingDetails", "shippingRate": {"@type": "MonetaryAmount", **_amount(cheapest.price, "value")},
            "shippingDestination": {"@type": "DefinedRegion", "addressCountry": country},
        }  # fmt: skip
    return offer


def _prices(listing: Listing) -> list[dict[str, Any]]:
    """The price, the one a reduction is measured from, and those by quantity."""
    prices: list[dict[str, Any]] = [{"@type": "UnitPriceSpecification", **_amount(listing.price)}]
    if listing.prior_price is not None:
        strike = {"@type": "UnitPriceSpecification", "priceType": f"{SCHEMA}StrikethroughPrice"}
        prices.append(strike | _amount(listing.prior_price))
    for tier in listing.price_tiers:
        from_ = {"@type": "QuantitativeValue", "minValue": tier.from_quantity}
        prices.append({"@type": "UnitPriceSpecification", **_amount(tier.price), "eligibleQuantity": from_})
    return prices


def _amount(money: Money, name: str = "price") -> dict[str, str]:
    return {name: str(money.decimal), "priceCurrency" if name == "price" else "currency": money.currency}
