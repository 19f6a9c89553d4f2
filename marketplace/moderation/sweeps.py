"""What is on sale already is screened anew when a rule has changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from marketplace.catalog.holding import goods_of_row, hold
from marketplace.catalog.models import Listing
from marketplace.catalog.states import ListingState
from marketplace.moderation.selectors import RulesInForce, find_rule_in_force, listings_under

PAGE: Final = 500


def screen_on_sale(*, rule_code: str, now: datetime) -> int:
    """Hold what is on sale and fits a rule, of any kind: a person decides about goods that were let in once. Returns how many.

    A page of listings is read at a time; each that fits is locked and held in its own transaction. Of a rule out of force: nothing.
    """
    rule = find_rule_in_force(rule_code)
    if rule is None:
        return 0
    shops: dict[UUID, RulesInForce] = {}
    held, after = 0, None
    while rows := listings_under(rule, after=after, limit=PAGE):
        for row in rows:
            rules = shops.setdefault(row.seller_id, RulesInForce(row.seller_id))
            found = rules.findings(goods_of_row(row), listing_id=row.id)
            if any(one.rule == rule_code for one in found):
                held += _hold_if_on_sale(row.id, rules, now=now)
        after = rows[-1].id
    return held


def _hold_if_on_sale(listing_id: UUID, rules: RulesInForce, *, now: datetime) -> bool:
    with transaction.atomic():
        locked = Listing.objects.select_for_update(of=("self",)).select_related("category")
        row = locked.filter(id=listing_id, state=ListingState.PUBLISHED).first()
        found = rules.findings(goods_of_row(row), listing_id=listing_id) if row else ()
        if row is None or not found:
            return False
        hold([row], found, actor=Actor.system("moderation"), now=now)
    return True
