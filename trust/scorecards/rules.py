"""How facts become figures. Pure; shares in basis points, ratings in hundredths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ScorecardPolicy:
    """The rules of one version. `limits` are the values a good seller keeps within, in basis points."""

    version: int
    window_days: int
    minimum_sample: int
    promise_kept_at_least_bp: int
    on_time_at_least_bp: int
    dispute_rate_at_most_bp: int
    cancel_rate_at_most_bp: int


#: Version 1: sample and window as most marketplaces use them, limits as eBay's and Amazon's public standards.
POLICY: Final = ScorecardPolicy(
    version=1, window_days=90, minimum_sample=10, promise_kept_at_least_bp=9000, on_time_at_least_bp=9500,
    dispute_rate_at_most_bp=200, cancel_rate_at_most_bp=250,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a seller. Counts lie in the policy's window, except the rating and `orders_ever`."""

    rating_hundredths: int
    rating_count: int
    orders_ever: int
    orders: int
    promises_kept: int
    promises: int
    shipped: int
    shipped_on_time: int
    lost_disputes: int
    cancelled_by_seller: int


@dataclass(frozen=True, slots=True)
class Figures:
    promise_kept_bp: int | None
    on_time_bp: int | None
    dispute_rate_bp: int | None
    cancel_rate_bp: int | None


def share_bp(part: int, whole: int, *, minimum: int) -> int | None:
    """`part` of `whole` in basis points, half up, at most 10,000; None while `whole` is below `minimum`."""
    if whole < max(minimum, 1):
        return None
    return min((part * 20_000 + whole) // (2 * whole), 10_000)


def figures(facts: Facts, policy: ScorecardPolicy = POLICY) -> Figures:
    """The shares a scorecard shows. Small samples give None, never a verdict."""
    least = policy.minimum_sample
    return Figures(
        promise_kept_bp=share_bp(facts.promises_kept, facts.promises, minimum=least),
        on_time_bp=share_bp(facts.shipped_on_time, facts.shipped, minimum=least),
        dispute_rate_bp=share_bp(facts.lost_disputes, facts.orders, minimum=least),
        cancel_rate_bp=share_bp(facts.cancelled_by_seller, facts.orders, minimum=least),
    )
