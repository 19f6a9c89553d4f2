"""Pure rules of business profiles."""

from __future__ import annotations

import re
import unicodedata

RESERVED_SLUGS = frozenset({"admin", "api", "shop", "shops", "search", "help", "about", "lonja", "sell", "seller"})
MAX_HANDLING_DAYS = 60
SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{1,58}[a-z0-9])$")


def slug_of(name: str) -> str:
    """A web address part from a shop's name: 'Telares Ruiz' -> 'telares-ruiz'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return slug if len(slug) >= 3 else f"shop-{slug}".strip("-")


def is_good_slug(slug: str) -> bool:
    """3 to 60 of a-z, 0-9 and inner hyphens, and no name the platform needs itself."""
    return bool(SLUG.match(slug)) and slug not in RESERVED_SLUGS


def missing_for_verification(*, kind: str, legal_name: str, registration_number: str, street: str, city: str,
                             postcode: str) -> list[str]:  # fmt: skip
    """Names of the profile fields an operator needs (trader information after DSA art. 30) that are still empty."""
    needed = {"legal_name": legal_name, "street": street, "city": city, "postcode": postcode}
    if kind == "BUSINESS":
        needed["registration_number"] = registration_number
    return [name for name, value in needed.items() if not value.strip()]
