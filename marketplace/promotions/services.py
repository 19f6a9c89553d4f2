"""Writes of codes: made and stopped by their seller, used by a purchase, given back by a cancellation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed
from core.money import Money
from core.statements import insert
from marketplace.catalog.selectors import leaves_by_code, list_categories
from marketplace.contracts import PromotionInput
from marketplace.promotions.models import Promotion, Redemption
from marketplace.promotions.rules import PromotionKind, checked_promotion, plain_code
from marketplace.promotions.selectors import Discount, get_own_promotion, get_platform_code
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import get_seller


def create_promotion(*, promotion: PromotionInput, actor: Actor, now: datetime) -> Promotion:
    """A code of the actor's shop, in force from its start. Raises NotAllowed, NotFound (no shop), InvalidInput."""
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller can do this.")
    seller = get_seller(actor.organisation_id)
    checked = checked_promotion(promotion, currency=seller.currency, now=now)
    code = plain_code(checked.code)
    with transaction.atomic():
        row = Promotion(
            seller=seller, code=code, kind=checked.kind,
            percent=checked.percent if checked.kind == PromotionKind.PERCENT else 0,
            amount_minor=checked.amount.minor if checked.amount and checked.kind == PromotionKind.FIXED else None,
            min_basket_minor=checked.min_basket.minor if checked.min_basket else 0, currency=seller.currency,
            limit_total=checked.limit_total, limit_per_buyer=checked.limit_per_buyer,
            starts_at=checked.starts_at or now, ends_at=checked.ends_at, created_at=now, actor=actor.reference,
        )  # fmt: skip
        if not insert(row, unless_there=True):
            raise InvalidInput("You have this code already.", field="code", remedy="Stop the other one first.")
    return row


def stop_promotion(*, promotion_id: UUID, actor: Actor, now: datetime) -> None:
    """Nobody can use the code any more; what was bought with it stays. Twice changes nothing. Raises NotFound."""
    get_own_promotion(promotion_id=promotion_id, seller_id=actor.organisation_id)
    Promotion.objects.filter(id=promotion_id, stopped_at=None).update(stopped_at=now)


def create_platform_code(
    *, promotion: PromotionInput, currency: str, budget: Money, categories: Sequence[str] = (),
    sellers: Sequence[UUID] = (), actor: Actor, now: datetime,
) -> Promotion:  # fmt: skip
    """A code the platform pays for, up to its budget, on goods of some categories (with those below them) and sellers.

    For operators; audited. Raises NotAllowed, InvalidInput (what checked_promotion does, budget, categories, sellers).
    """
    if not (actor.is_operator or actor.is_system):
        raise NotAllowed("Only the operator decides this.")
    checked = checked_promotion(promotion, currency=currency, now=now)
    if checked.kind == PromotionKind.FREE_SHIPPING:
        raise InvalidInput(
            "The platform does not pay for delivery.", field="kind", remedy="Take an amount or a percentage."
        )
    if budget.currency != currency or budget.minor <= 0:
        raise InvalidInput(
            "A budget is needed.", field="budget", remedy=_("Above zero, in %(currency)s.") % {"currency": currency}
        )
    known = set(Seller.objects.filter(pk__in=list(sellers)).values_list("pk", flat=True))
    if known != set(sellers):
        raise InvalidInput("There is no such seller.", field="sellers")
    with transaction.atomic():
        row = Promotion(
            seller=None, code=plain_code(checked.code), kind=checked.kind,
            percent=checked.percent if checked.kind == PromotionKind.PERCENT else 0,
            amount_minor=checked.amount.minor if checked.amount and checked.kind == PromotionKind.FIXED else None,
            min_basket_minor=checked.min_basket.minor if checked.min_basket else 0, currency=currency,
            budget_minor=budget.minor, category_codes=_leaves_under(categories),
            seller_ids=sorted(str(seller_id) for seller_id in known), limit_total=checked.limit_total,
            limit_per_buyer=checked.limit_per_buyer, starts_at=checked.starts_at or now, ends_at=checked.ends_at,
            created_at=now, actor=actor.reference,
        )  # fmt: skip
        if not insert(row, unless_there=True):
            raise InvalidInput("There is such a code already.", field="code", remedy="Stop the other one first.")
        record(
            actor=actor, action="promotion.create", subject_type="promotion", subject_id=row.id, now=now,
            reason=f"{row.code}, budget {budget}",
        )  # fmt: skip
    return row


def _leaves_under(categories: Sequence[str]) -> list[str]:
    """Categories things are listed in, at or below those named. Raises InvalidInput (categories)."""
    rows = {row.code: row for row in list_categories()}
    if not set(categories) <= set(rows):
        raise InvalidInput("There is no such category.", field="categories")
    found = []
    for code in leaves_by_code():
        above: str | None = code
        while above is not None and above not in categories:
            above = rows[above].parent_id
        if above is not None:
            found.append(code)
    return sorted(found)


def stop_platform_code(*, promotion_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Nobody can use the code any more; what was promised is still paid. For operators; audited. Twice changes nothing.

    Raises NotAllowed, NotFound, InvalidInput (no reason).
    """
    if not actor.is_operator:
        raise NotAllowed("Only the operator decides this.")
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason")
    found = get_platform_code(promotion_id)
    with transaction.atomic():
        if Promotion.objects.filter(id=found.id, stopped_at=None).update(stopped_at=now):
            record(
                actor=actor, action="promotion.stop", subject_type="promotion", subject_id=found.id, now=now,
                reason=reason.strip(),
            )  # fmt: skip


def redeem(*, uses: Iterable[tuple[Discount, UUID]], purchase_id: UUID, buyer_id: UUID, now: datetime) -> None:
    """Count the use of codes by the orders of a purchase, once each; the caller has locked them (`selectors.discounts`).

    What the platform promises is taken off its budget; the database refuses what would pass it.
    """
    rows, promised = [], dict[UUID, int]()
    for discount, order_id in uses:
        row = Redemption(promotion_id=discount.promotion_id, buyer_id=buyer_id, purchase_id=purchase_id, at=now)
        if discount.by_platform:
            row.order_id, row.amount_minor = order_id, discount.amount.minor
            promised[discount.promotion_id] = promised.get(discount.promotion_id, 0) + discount.amount.minor
        rows.append(row)
    insert(*rows)
    for promotion_id, minor in promised.items():
        Promotion.objects.filter(id=promotion_id).update(used_minor=F("used_minor") + minor)


def give_back(*, purchase_id: UUID, order_id: UUID, seller_id: UUID, now: datetime) -> None:
    """The order was cancelled: its use of a code no longer counts, nor what the platform promised. Twice changes nothing."""
    uses = Redemption.objects.select_for_update().filter(purchase_id=purchase_id, given_back_at=None)
    for use in uses.filter(Q(promotion__seller_id=seller_id) | Q(order_id=order_id)).order_by("id"):
        use.given_back_at = now
        use.save(update_fields=["given_back_at"])
        if use.amount_minor:
            Promotion.objects.filter(id=use.promotion_id).update(used_minor=F("used_minor") - use.amount_minor)
