"""Business events: frozen dataclasses named in the past tense, one wire name each, plain Python only.

    from core.events.marketplace import OrderPlaced

`core.events.codec` turns them into JSON and back and into JSON Schema (docs/events).
"""

from core.events import logistics, marketplace, payments, trust
from core.events.base import Event, event_class, event_classes

__all__ = ["Event", "event_class", "event_classes", "logistics", "marketplace", "payments", "trust"]
