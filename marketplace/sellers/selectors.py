"""Reads of sellers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
from core.statements import Prepared
from marketplace.contracts import SellerState, SellerView
from marketplace.sellers.models import OldSlug, Seller

_seller = Prepared(
    lambda seller_id: Seller.objects.select_related("standing").filter(organisation_id=seller_id)[:1], seller_id=UUID
)


def find_seller(seller_id: UUID | None) -> Seller | None:
    return _seller.first(seller_id=seller_id) if seller_id else None


def get_seller(seller_id: UUID) -> Seller:
    """Raises NotFound."""
    seller = find_seller(seller_id)
    if seller is None:
        raise NotFound("There is no such seller.")
    return seller


def get_open_shop(slug: str) -> Seller:
    """A public shop by its address. Raises NotFound."""
    seller = Seller.objects.select_related("standing").filter(slug=slug).first()
    if seller is None or not seller.is_open:
        raise NotFound("There is no such shop.")
    return seller


def find_moved_shop(slug: str) -> Seller | None:
    """The open shop that had this address before."""
    old = OldSlug.objects.select_related("seller").filter(slug=slug).first()
    return old.seller if old is not None and old.seller.is_open else None


def lock_seller(seller_id: UUID) -> Seller:
    seller = Seller.objects.select_for_update().filter(organisation_id=seller_id).first()
    if seller is None:
        raise NotFound("There is no such seller.")
    return seller


def shop_countries() -> list[str]:
    """Where open shops are, in order."""
    shops = Seller.objects.filter(state=SellerState.VERIFIED, opened_at__isnull=False)
    return list(shops.order_by("country").values_list("country", flat=True).distinct())


def open_shops() -> QuerySet[Seller]:
    return (
        Seller.objects.select_related("standing").filter(state=SellerState.VERIFIED, opened_at__isnull=False)
        .order_by("-standing__orders_count", "name")
    )  # fmt: skip


def count_submitted() -> int:
    """Profiles waiting for a decision."""
    return Seller.objects.filter(state=SellerState.SUBMITTED).count()


def seller_view(seller: Seller) -> SellerView:
    return SellerView(
        seller_id=seller.organisation_id, name=seller.name, slug=seller.slug, state=SellerState(seller.state),
        country=seller.country, legal_name=seller.legal_name, registration_number=seller.registration_number,
        vat_number=seller.vat_number, opened_at=seller.opened_at, submitted_at=seller.submitted_at,
    )  # fmt: skip


def sellers_by_slug(slugs: Sequence[str]) -> list[UUID]:
    """Sellers by the addresses of their shops; unknown ones are left out."""
    return list(Seller.objects.filter(slug__in=list(slugs)[:500]).order_by("pk").values_list("pk", flat=True))
