"""Who may buy what on their own. Pure."""

from __future__ import annotations

from core.actor import Role
from core.money import Money


def is_within(limit: Money | None, total: Money) -> bool:
    """No limit, or one in another currency, stops nothing."""
    return limit is None or limit.currency != total.currency or total <= limit


def limit_of(role: Role | None, *, staff: Money | None, manager: Money | None) -> Money | None:
    """The limit of a role; owners have none."""
    if role is Role.OWNER:
        return None
    return manager if role is Role.MANAGER else staff
