"""Reads of codes and their use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.money import Money, sum_money
from marketplace.promotions.models import Promotion, Redemption
from marketplace.promotions.rules import plain_code, spread, taken_off
from marketplace.sellers.models import Seller
from payments import facade as payments

MAX_SPEND: Final = 5_000
_USED = Count("redemptions", filter=Q(redemptions__given_back_at=None))


Lines = Sequence[tuple[str, Money]]
"""(category, what it costs) of one seller's lines in a cart."""


@dataclass(frozen=True)
class Discount:
    """What a code does to one seller's part of a cart. `lines`: the amount line by line. `problem`: why it does nothing, in
    words. `by_platform`: the platform pays for it."""

    promotion_id: UUID
    code: str
    amount: Money
    is_free_shipping: bool = False
    problem: str = ""
    lines: tuple[Money, ...] = ()
    by_platform: bool = False


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
    *, code: str, lines: Mapping[UUID, Lines], buyer_id: UUID | None, now: datetime, lock: bool = False
) -> dict[UUID, Discount]:
    """Seller -> what the code does to their lines, of the sellers it concerns: their own code, else the platform's. Two
    queries. `lock`: the codes are being used, rows locked in id order, so that of two buyers one gets the last use."""
    promotions = Promotion.objects.filter(
        Q(seller_id__in=list(lines)) | Q(seller_id=None), code=plain_code(code), stopped_at=None
    ).order_by("id")
    found = list(promotions.select_for_update() if lock else promotions)
    if not found:
        return {}
    used = _uses([promotion.id for promotion in found], buyer_id)
    own = {p.seller_id: _discount(p, lines[p.seller_id], used[p.id], now=now) for p in found if p.seller_id}
    others = {seller_id: part for seller_id, part in lines.items() if seller_id not in own}
    for promotion in found:
        if promotion.seller_id is None and others:
            own |= _platform_discounts(promotion, others, used[promotion.id], now=now)
    return own


def _uses(ids: Iterable[UUID], buyer_id: UUID | None) -> dict[UUID, tuple[int, int]]:
    """Promotion -> (purchases by all, purchases by the buyer)."""
    counts = dict.fromkeys(ids, (0, 0))
    rows = Redemption.objects.filter(promotion_id__in=list(counts), given_back_at=None).order_by()
    by = Count("purchase_id", filter=Q(buyer_id=buyer_id) if buyer_id else Q(pk__in=[]), distinct=True)
    total = Count("purchase_id", distinct=True)
    for promotion_id, uses, mine in rows.values_list("promotion_id").annotate(total=total, mine=by):
        counts[promotion_id] = (uses, mine)
    return counts


def _discount(promotion: Promotion, lines: Lines, used: tuple[int, int], *, now: datetime) -> Discount:
    totals = [total for _category, total in lines]
    goods = sum_money(totals, totals[0].currency)
    problem = _problem(promotion, goods, used, now=now)
    if problem:
        return Discount(promotion.id, promotion.code, Money.zero(goods.currency), problem=problem)
    amount = taken_off(kind=promotion.kind, percent=promotion.percent, amount=promotion.amount, goods=goods)
    is_free = promotion.kind == Promotion.Kind.FREE_SHIPPING
    parts = spread(amount, totals) if amount else ()
    return Discount(promotion.id, promotion.code, amount, is_free_shipping=is_free, lines=parts)


def _platform_discounts(
    promotion: Promotion, lines: Mapping[UUID, Lines], used: tuple[int, int], *, now: datetime
) -> dict[UUID, Discount]:
    """What the platform's code takes off the goods it is for, over all their sellers together; or why nothing."""
    weights = {seller_id: _eligible(promotion, seller_id, part) for seller_id, part in lines.items()}
    goods = Money(sum(sum(part) for part in weights.values()), promotion.currency)
    amount = taken_off(kind=promotion.kind, percent=promotion.percent, amount=promotion.amount, goods=goods)
    problem = (
        _("This code is not for what is in your cart.") if not goods else _problem(promotion, goods, used, now=now)
    )
    if not problem and (promotion.budget is None or amount > promotion.budget - promotion.promised):
        problem = _("This code is used up.")
    if problem or not amount:
        nothing = Money.zero(promotion.currency)
        return {i: Discount(promotion.id, promotion.code, nothing, problem=problem, by_platform=True) for i in lines}
    sellers = [seller_id for seller_id in lines if any(weights[seller_id])]
    parts = amount.allocate([sum(weights[seller_id]) for seller_id in sellers])
    return {
        seller_id: Discount(
            promotion.id, promotion.code, part, lines=part.allocate(weights[seller_id]), by_platform=True
        )
        for seller_id, part in zip(sellers, parts, strict=True)
        if part
    }


def _eligible(promotion: Promotion, seller_id: UUID, lines: Lines) -> list[int]:
    """Minor units of each line the code is for; zero for the others."""
    is_for_seller = not promotion.seller_ids or str(seller_id) in promotion.seller_ids
    codes = promotion.category_codes
    return [
        total.minor
        if is_for_seller and total.currency == promotion.currency and (not codes or category in codes)
        else 0
        for category, total in lines
    ]


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


@dataclass(frozen=True)
class Spend:
    """What a code of the platform did for one seller: orders, what was promised, and what was paid so far."""

    seller: str
    orders: int
    promised: Money
    paid: Money


def platform_codes() -> QuerySet[Promotion]:
    """Codes the platform pays for, newest first; page it."""
    return Promotion.objects.filter(seller=None).order_by("-created_at", "-id")


def get_platform_code(promotion_id: UUID) -> Promotion:
    """Raises NotFound."""
    found = platform_codes().filter(id=promotion_id).first()
    if found is None:
        raise NotFound("There is no such code.")
    return found


def spend_of(promotion: Promotion) -> list[Spend]:
    """What the platform's code did, by seller, the dearest first; of the latest MAX_SPEND orders. Three queries."""
    uses = Redemption.objects.filter(promotion=promotion, given_back_at=None).order_by("-at", "-id")
    rows = [(i, minor) for i, minor in uses.values_list("order_id", "amount_minor")[:MAX_SPEND] if i is not None]
    paid = payments.paid_contributions([order_id for order_id, _minor in rows])
    escrows = payments.list_escrows([order_id for order_id, _minor in rows])
    sums: dict[UUID, tuple[int, int, int]] = {}
    for order_id, minor in rows:
        if order_id in escrows:
            orders, promised, spent = sums.get(escrows[order_id].seller_id, (0, 0, 0))
            sums[escrows[order_id].seller_id] = (
                orders + 1, promised + minor, spent + (paid[order_id].minor if order_id in paid else 0)
            )  # fmt: skip
    names = dict(Seller.objects.filter(pk__in=sums).values_list("pk", "name"))
    found = [
        Spend(names.get(seller_id, ""), n, Money(a, promotion.currency), Money(b, promotion.currency))
        for seller_id, (n, a, b) in sums.items()
    ]
    return sorted(found, key=lambda one: (-one.promised.minor, one.seller))
