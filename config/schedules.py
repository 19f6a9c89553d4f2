"""What the scheduler starts, and how often (seconds)."""

from __future__ import annotations

from typing import Any

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "relay-events": {"task": "core.tasks.relay_events_task", "schedule": 1.0, "options": {"expires": 5}},
    "call-carriers": {"task": "logistics.tasks.call_carriers_task", "schedule": 5.0, "options": {"expires": 10}},
    "poll-carriers": {"task": "logistics.tasks.poll_carriers_task", "schedule": 15.0, "options": {"expires": 30}},
    "work-off-carrier-webhooks": {
        "task": "logistics.tasks.work_off_webhooks_task",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "advance-sandbox-carriers": {
        "task": "logistics.tasks.advance_sandbox_task",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "deliver-sandbox-carrier-webhooks": {
        "task": "logistics.tasks.deliver_sandbox_webhooks_task",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
}
