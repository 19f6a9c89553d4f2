"""Whose an event is: what each organisation may hear of it.

An event that names `seller_id`, `buyer_id`, `issuer_id` or `recipient_id` belongs to those organisations. A module whose event
names them differently, or is about several parties, registers a function here that returns each party's own version.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from core.events import Event, event_classes

E = TypeVar("E", bound=Event)
Audience = Callable[[Any], Mapping[UUID, Event]]
NAMED = ("seller_id", "buyer_id", "issuer_id", "recipient_id")

_AUDIENCES: dict[str, Audience] = {}


def register_audience(event_class: type[E], audience: Callable[[E], Mapping[UUID, Event]]) -> None:
    """Say who hears of an event, and in which version. Called from <module>/handlers.py."""
    _AUDIENCES[event_class.wire_name] = audience
    deliverable_names.cache_clear()


def keep_internal(event_class: type[Event]) -> None:
    """An event of the operator's own work: nobody subscribes to it."""
    _AUDIENCES[event_class.wire_name] = _nobody
    deliverable_names.cache_clear()


def audience_of(event: Event) -> Mapping[UUID, Event]:
    """Organisation -> the event as it may see it."""
    audience = _AUDIENCES.get(event.wire_name)
    if audience is not None:
        return audience(event)
    named = (getattr(event, name, None) for name in NAMED)
    return dict.fromkeys((one for one in named if one is not None), event)


@lru_cache(maxsize=1)
def deliverable_names() -> tuple[str, ...]:
    """Wire names that can be subscribed to, in order."""
    return tuple(cls.wire_name for cls in event_classes() if _is_deliverable(cls))


def _is_deliverable(cls: type[Event]) -> bool:
    audience = _AUDIENCES.get(cls.wire_name)
    if audience is not None:
        return audience is not _nobody
    return any(field.name in NAMED for field in fields(cls))


def _nobody(_event: Event) -> Mapping[UUID, Event]:
    return {}
