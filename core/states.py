"""State machines as data: a StrEnum of states and one TRANSITIONS mapping {(from, action): to}."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from core.errors import TransitionRefused

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


def next_state(transitions: Mapping[tuple[S, A], S], current: S, action: A) -> S:
    """The state `action` leads to from `current`. Raises TransitionRefused when there is no such edge."""
    try:
        return transitions[(current, action)]
    except KeyError:
        raise TransitionRefused(f"{action.value} is not possible while {current.value}") from None


def is_allowed(transitions: Mapping[tuple[S, A], S], current: S, action: A) -> bool:
    return (current, action) in transitions
