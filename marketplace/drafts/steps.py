"""The steps in which a listing is made."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    WHAT = "what"
    PICTURES = "pictures"
    PRICE = "price"
    PARCEL = "parcel"
    SAFETY = "safety"
    CHECK = "check"


def steps_of(*, needs_safety: bool) -> list[Step]:
    """In order; product safety only where the category asks for it."""
    return [step for step in Step if step is not Step.SAFETY or needs_safety]


def step_after(step: Step, *, needs_safety: bool) -> Step:
    """The next one; the last stays."""
    steps = steps_of(needs_safety=needs_safety)
    return steps[min(steps.index(step) + 1, len(steps) - 1)]
