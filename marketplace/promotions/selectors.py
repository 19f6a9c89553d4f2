"""Reads of codes and their use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.money import Money
from marketplace.promotions.models import Promotion, Redemption
from marketplace.promotions.rules import plain_code, taken_off

_USED = Count("redemptions", filter=Q(redemptions__given_back_at=None))


@dataclass(frozen=True)
class Discount:
    """What a code does to one seller's part of a cart. `problem`: why it does nothing, in words."""

    promotion_id: UUID
    code: str
    amount: Money
    is_free_shipping: bool
    problem: str = ""


def promotions_of(seller_id: UUID | None) -> QuerySet[Promotion]:
    """A seller's codes with how often each was used (`used`), newest first; page it."""
    return Promotion.objects.filter(seller_id=seller_id).annotate(used=_USED).order_by("-created_at", "-id")


def get_own_promotion(*, promotion_id: UUID, seller_id: UUID | None) -> Promotion:
    """Raises NotFound for others."""
    found = promotions_of(seller_id).filter(id=promotion_id).first() if seller_id else None
    if found is None:
        raise NotFound("There is no such code.")
    return found


def discounts(
    *, code: str, goods: dict[UUID, Money], buyer_id: UUID | None, now: datetime, lock: bool = False
) -> dict[UUID, Discount]:
    """Seller -> what the code does to their goods, of the sellers that have it. Two queries. `lock`: the codes are being
    used, rows locked in id order, so that of two buyers one gets the last use."""
    promotions = Promotion.objects.filter(code=plain_code(code), seller_id__in=list(goods), stopped_at=None).order_by(
        "id"
    )
    found = list(promotions.select_for_update() if lock else promotions)
    if not found:
        return {}
    used = _uses([promotion.id for promotion in found], buyer_id)
    return {p.seller_id: _discount(p, goods[p.seller_id], used[p.id], now=now) for p in found}


def _uses(ids: Iterable[UUID], buyer_id: UUID | None) -> dict[UUID, tuple[int, int]]:
    """Promotion -> (uses by all, uses by the buyer)."""
    counts = dict.fromkeys(ids, (0, 0))
    rows = Redemption.objects.filter(promotion_id__in=list(counts), given_back_at=None).order_by()
    by = Count("id", filter=Q(buyer_id=buyer_id)) if buyer_id else Count("id", filter=Q(pk__in=[]))
    for promotion_id, total, mine in rows.values_list("promotion_id").annotate(total=Count("id"), mine=by):
        counts[promotion_id] = (total, mine)
    return counts


def _discount(promotion: Promotion, goods: Money, used: tuple[int, int], *, now: datetime) -> Discount:
    problem = _problem(promotion, goods, used, now=now)
    amount = taken_off(kind=promotion.kind, percent=promotion.percent, amount=promotion.amount, goods=goods)
    is_free = promotion.kind == Promotion.Kind.FREE_SHIPPING
    if problem:
        return Discount(
            promotion.id, promotion.code, Money.zero(goods.currency), is_free_shipping=False, problem=problem
        )
    return Discount(promotion.id, promotion.code, amount, is_free_shipping=is_free)


def _problem(promotion: Promotion, goods: Money, used: tuple[int, int], *, now: datetime) -> str:
    if promotion.currency != goods.currency or now < promotion.starts_at:
        return _("This code is not valid yet.")
    if promotion.ends_at is not None and promotion.ends_at <= now:
        return _("This code is no longer valid.")
    if goods < promotion.min_basket:
        return _("This code needs goods for %(amount)s or more.") % {"amount": promotion.min_basket}
    if promotion.limit_total is not None and used[0] >= promotion.limit_total:
        return _("This code is used up.")
    if promotion.limit_per_buyer is not None and used[1] >= promotion.limit_per_buyer:
        return _("You have used this code as often as it may be.")
    return ""
