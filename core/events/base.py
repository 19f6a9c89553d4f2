"""The base of events and the registry of wire names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

_REGISTRY: dict[str, type[Event]] = {}


@dataclass(frozen=True)
class Event:
    """Base of all events. `wire_name` is `<module>.<noun>.<past verb>.v<N>`; `key` orders delivery.

    Fields may be str, int, bool, UUID, datetime, date, Money, StrEnum, frozen dataclasses of these, tuples of these,
    or any of them with `| None`.
    """

    wire_name: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if cls.wire_name.endswith(".v0"):
            return  # an abstract base shared by several events
        if cls.wire_name in _REGISTRY:
            raise TypeError(f"Two events are called {cls.wire_name}")
        _REGISTRY[cls.wire_name] = cls

    @property
    def key(self) -> str:
        """Events of one key are delivered in the order they were published. An id of the aggregate."""
        raise NotImplementedError(f"{type(self).__name__} names no key")


def event_class(wire_name: str) -> type[Event]:
    """The class of a wire name. Raises KeyError for a name this version does not know."""
    return _REGISTRY[wire_name]


def event_classes() -> tuple[type[Event], ...]:
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))
