"""Celery tasks of logistics: each reads the clock and makes one service call."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from core.clock import utc_now
from logistics.carriers.proxy import push_webhook
from logistics.carriers.sandbox import services as sandbox
from logistics.claims import services as claims
from logistics.notices import services as notices
from logistics.notices.letters import send_notice
from logistics.pickups import services as pickups
from logistics.promises import services as promises
from logistics.rates.services import bump_revision
from logistics.rounds import services as rounds
from logistics.shipments.promises import list_journeys
from logistics.tracking import scorecards
from logistics.tracking import services as tracking


@shared_task
def call_carriers_task() -> int:
    """Bookings, hand-overs and cancellations the carriers have to be told of."""
    return tracking.call_carriers(now=utc_now())


@shared_task
def poll_carriers_task() -> int:
    """Parcels whose next event is expected."""
    return tracking.poll_carriers(now=utc_now())[1]


@shared_task
def work_off_webhooks_task() -> int:
    """Webhooks left by a crash or that came too early."""
    return tracking.work_off_messages(now=utc_now())


@shared_task
def advance_sandbox_task() -> int:
    """Move the simulated carriers' clock (sandbox only)."""
    return sandbox.advance(now=utc_now()) if settings.LONJA["SANDBOX"] else 0


@shared_task
def deliver_sandbox_webhooks_task() -> int:
    """The simulated carriers push their messages over HTTP (sandbox only)."""
    if not settings.LONJA["SANDBOX"]:
        return 0
    return sandbox.deliver_webhooks(send=lambda code, body: push_webhook(code, body, now=utc_now()), now=utc_now())


@shared_task
def refresh_promise_task() -> bool:
    """Tell the promise model in force what the lanes have been like until now."""
    now = utc_now()
    refreshed = promises.refresh_levels(journeys=list_journeys(now=now), now=now)
    if refreshed:
        bump_revision()
    return refreshed


@shared_task
def measure_lanes_task() -> int:
    """What each carrier service kept of its promises on each lane."""
    return scorecards.measure_lanes(now=utc_now())


@shared_task
def suspect_silent_parcels_task() -> int:
    """Parcels without news for longer than their lane is ever silent."""
    return tracking.suspect_silent_parcels(now=utc_now())


@shared_task
def review_claims_task() -> int:
    """Claims that parcels' histories give reason for, and their deadlines."""
    return claims.review_parcels(now=utc_now())


@shared_task
def learn_lane_gaps_task() -> int:
    """How long each lane is usually silent."""
    return tracking.learn_lane_gaps(now=utc_now())


@shared_task
def run_pickups_task() -> int:
    """Standing bookings made for the week ahead, carriers told, and pickups nobody reported on settled."""
    return pickups.run_pickups(now=utc_now())


@shared_task
def write_notices_task() -> int:
    """What happened to parcels becomes news for both sides."""
    return notices.follow_events(now=utc_now())


@shared_task
def tell_delays_task() -> int:
    """Parcels that are late against their promise."""
    return notices.tell_delays(now=utc_now())


@shared_task
def mail_notices_task() -> int:
    """Letters about parcels, as people chose."""
    return notices.mail_due(send=send_notice, now=utc_now())


@shared_task
def forget_old_notices_task() -> int:
    """What was told long ago."""
    return notices.forget_old_notices(now=utc_now())


@shared_task
def plan_rounds_task() -> int:
    """The rounds of today's small couriers."""
    return rounds.plan_all(now=utc_now())
