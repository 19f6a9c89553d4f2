"""What the scheduler starts, and how often (seconds)."""

from __future__ import annotations

from typing import Any

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "relay-events": {"task": "core.tasks.relay_events_task", "schedule": 1.0, "options": {"expires": 5}},
}
