"""Reads of buyer profiles."""

from __future__ import annotations

from uuid import UUID

from core.actor import Actor
from core.money import Money
from core.statements import Prepared
from marketplace.buyers.models import BuyerProfile
from marketplace.buyers.rules import is_within, limit_of

_profile = Prepared(
    lambda organisation_id: BuyerProfile.objects.filter(organisation_id=organisation_id)[:1], organisation_id=UUID
)


def find_profile(organisation_id: UUID) -> BuyerProfile | None:
    return _profile.first(organisation_id=organisation_id)


def vat_number_of(organisation_id: UUID) -> str:
    """Empty when there is none."""
    profile = find_profile(organisation_id)
    return profile.vat_number if profile else ""


def may_buy_alone(*, actor: Actor, total: Money) -> bool:
    """Whether the actor's role may spend this much for its organisation; so may it decide about others' purchases."""
    assert actor.organisation_id is not None, "members act for an organisation"
    profile = find_profile(actor.organisation_id)
    if profile is None:
        return True
    return is_within(limit_of(actor.role, staff=profile.staff_limit, manager=profile.manager_limit), total)
