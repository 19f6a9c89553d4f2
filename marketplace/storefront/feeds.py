"""A shop's goods as a Google Merchant feed (RSS 2.0 with the g: attributes), streamed in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from core.errors import NotFound
from core.money import Money
from marketplace.catalog.models import Listing, ListingPhoto
from marketplace.catalog.photos import photo_url
from marketplace.catalog.selectors import end_of_page, first_photos, offered_by
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import get_open_shop

PAGE: Final = 5_000
"""Items of one document; the next one is named in its head and in the Link header."""

STEP: Final = 500
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"'
    ' xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
)


@require_GET
def google_merchant(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """What the shop has on sale; `after`: the last item of the page before."""
    try:
        seller = get_open_shop(slug)
    except NotFound as error:
        raise Http404 from error
    try:
        after = UUID(request.GET["after"]) if "after" in request.GET else None
    except ValueError:
        raise Http404 from None
    last = end_of_page(seller.pk, after=after, size=PAGE)
    here = request.build_absolute_uri(reverse("google_merchant", args=[slug]))
    following = f"{here}?after={last}" if last else ""
    lines = _document(seller, after=after, following=following, address=request.build_absolute_uri)
    response = StreamingHttpResponse(lines, content_type="application/xml; charset=utf-8")
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


def _document(seller: Seller, *, after: UUID | None, following: str, address: Callable[[str], str]) -> Iterator[str]:
    yield _HEAD
    yield _tag("title", seller.name) + _tag("link", address(reverse("shop", args=[seller.slug])))
    yield _tag("description", seller.story[:500] or seller.name)
    if following:
        yield f'<atom:link rel="next" href="{escape(following)}"/>'
    for _number in range(PAGE // STEP):
        listings = offered_by(seller.pk, after=after, limit=STEP)
        photos = first_photos(listing.id for listing in listings)
        yield "".join(_item(listing, photos.get(listing.id), address) for listing in listings)
        if len(listings) < STEP:
            break
        after = listings[-1].id
    yield "</channel></rss>\n"


def _item(listing: Listing, photo: ListingPhoto | None, address: Callable[[str], str]) -> str:
    """One offer, in the attributes of Google's product data specification."""
    facts = {
        "id": str(listing.id), "title": listing.full_title, "description": listing.description[:5000],
        "link": address(reverse("listing", args=[listing.id])),
        "image_link": address(photo_url(photo.name, "l")) if photo else "",
        "availability": "in_stock" if listing.stock.available else "out_of_stock",
        "price": _price(listing.prior_price or listing.price),
        "sale_price": _price(listing.price) if listing.prior_price else "",
        "condition": listing.condition.lower(), "brand": listing.brand, "gtin": listing.gtin, "mpn": listing.sku,
        "identifier_exists": "" if listing.gtin or (listing.brand and listing.sku) else "no",
        "google_product_category": listing.category.google_path,
        "item_group_id": str(listing.product_id) if listing.product_id else "",
        "color": str(listing.attributes.get("colour", "")), "size": str(listing.attributes.get("size", "")),
        "material": str(listing.attributes.get("material", "")), "shipping_weight": f"{listing.weight_grams} g",
    }  # fmt: skip
    return "<item>" + "".join(_tag(f"g:{name}", text) for name, text in facts.items() if text) + "</item>"


def _price(money: Money) -> str:
    return f"{money.decimal} {money.currency}"


def _tag(name: str, text: str) -> str:
    legal = "".join(sign for sign in text if sign in "\n\t" or ord(sign) >= 32)
    return f"<{name}>{escape(legal)}</{name}>"
