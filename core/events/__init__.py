"""Business events: frozen dataclasses named in the past tense, one wire name each, plain Python only.

    from core.events import OrderPlaced
    event = OrderPlaced(order_id=..., ...)

`core.events.codec` turns them into JSON and back and into JSON Schema (docs/events).
"""

from core.events.base import Event, event_class, event_classes
from core.events.logistics import *  # noqa: F403
from core.events.marketplace import *  # noqa: F403
from core.events.payments import *  # noqa: F403
from core.events.trust import *  # noqa: F403

__all__ = ["Event", "event_class", "event_classes"]  # and every event, by its module's __all__
