"""Writes of codes: made and stopped by their seller, used by a purchase, given back by a cancellation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.statements import insert
from marketplace.contracts import PromotionInput
from marketplace.promotions.models import Promotion, Redemption
from marketplace.promotions.rules import PromotionKind, checked_promotion, plain_code
from marketplace.promotions.selectors import Discount, get_own_promotion
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


def redeem(*, discounts: Iterable[Discount], purchase_id: UUID, buyer_id: UUID, now: datetime) -> None:
    """Count the use of codes by a purchase, once each; the caller has locked them (`selectors.discounts`)."""
    uses = [
        Redemption(promotion_id=d.promotion_id, buyer_id=buyer_id, purchase_id=purchase_id, at=now) for d in discounts
    ]
    insert(*uses)


def give_back(*, purchase_id: UUID, seller_id: UUID, now: datetime) -> None:
    """The order was cancelled: its use of a code no longer counts. Twice changes nothing."""
    uses = Redemption.objects.filter(purchase_id=purchase_id, promotion__seller_id=seller_id, given_back_at=None)
    uses.update(given_back_at=now)
