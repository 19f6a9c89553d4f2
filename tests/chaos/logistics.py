"""bin/chaos logistics: a simulated network of parcels over many virtual days, with its faults, and what became of each.

Parcels are booked, handed over and moved by the platform's own services and the simulated carriers: late, duplicate and unknown
scans, failed deliveries, returns and losses included. Every virtual day the database is asked whether each unit has exactly one
holder; at the end nothing may be missing. The same seed gives the same parcels, ways and end.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.benchmarks.ground import enter_django, ground, tell

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
STEP = timedelta(hours=6)
LEARNED_AFTER_DAYS = 20
LOSS_FOUND_WITHIN = timedelta(hours=24)
COUNTRIES = ("ES", "PT", "FR", "IT", "DE", "GB", "MX")

UNHELD = """
SELECT count(*) FROM logistics_parcel p JOIN logistics_shipment s ON s.id = p.shipment_id
LEFT JOIN LATERAL (SELECT holder FROM logistics_custody c WHERE c.parcel_id = p.id ORDER BY number DESC LIMIT 1) c ON true
WHERE s.state NOT IN ('BOOKING', 'CANCELLED') AND s.handed_over_at IS NOT NULL AND NOT (
  s.state IN ('HANDED_OVER', 'LOST') AND EXISTS (SELECT 1 FROM logistics_shipmentleg l WHERE l.shipment_id = s.id
    AND l.replaced_at IS NULL AND c.holder = 'CARRIER:' || l.carrier_id)) AND c.holder IS DISTINCT FROM CASE s.state
  WHEN 'DELIVERED' THEN 'BUYER:' || s.buyer_id WHEN 'RETURNED' THEN 'SELLER:' || s.seller_id ELSE 'CARRIER:' || s.carrier_id END
"""
BROKEN_CHAINS = """
SELECT count(*) FROM (SELECT holder, giver, since, number, lag(holder) OVER w AS before, lag(since) OVER w AS earlier,
  row_number() OVER w AS place FROM logistics_custody WINDOW w AS (PARTITION BY parcel_id ORDER BY number)) c
WHERE number <> place OR (place > 1 AND (giver <> before OR since < earlier)) OR (place = 1 AND giver <> '')
"""

SILENT = "SELECT count(*) FROM logistics_shipment WHERE state = 'HANDED_OVER' AND silent_at < %s"


def run(*, parcels: int, days: int, seed: int) -> tuple[dict[str, Any], list[str]]:
    started = time.monotonic()
    with ground() as place:
        enter_django(place)
        from django.conf import settings

        from core.ids import seeded_ids

        settings.LONJA = {**settings.LONJA, "SANDBOX": True, "SANDBOX_FAULTS": True, "CARRIER_TRANSPORT": "in-process"}
        with seeded_ids(seed):
            findings = _simulate(parcels, days, seed)
        figures, more = _verdict()
    figures |= {"parcels": parcels, "days": days, "seed": seed, "seconds": round(time.monotonic() - started, 1)}
    return figures, findings + more


def _simulate(parcels: int, days: int, seed: int) -> list[str]:
    """Booking during the first half of the days, moving all the time; what was wrong on any day."""
    from logistics import facade
    from logistics.tracking import services as tracking

    source, findings = random.Random(seed), []
    booking_days = max(days // 2, 1)
    for day in range(days):
        today = START + timedelta(days=day)
        count = parcels * (day + 1) // booking_days - parcels * day // booking_days if day < booking_days else 0
        with facade.telling_carriers_later():
            for number in range(count):
                _ship(source, today + timedelta(seconds=number))
        for step in range(1, 5):
            now = today + STEP * step
            facade.simulate_sandbox(now=now)
            tracking.suspect_silent_parcels(now=now)
            if overdue := _count(SILENT, now - LOSS_FOUND_WITHIN):
                findings.append(f"day {day}: {overdue} losses not found within 24 h of their threshold")
        if day == LEARNED_AFTER_DAYS:
            tracking.learn_lane_gaps(now=today + timedelta(days=1))
        for name, wrong in (
            ("units without their one holder", _count(UNHELD)),
            ("broken chains", _count(BROKEN_CHAINS)),
        ):
            if wrong:
                findings.append(f"day {day}: {wrong} {name}")
        if day % 5 == 4:
            tell(f"  day {day + 1}: {_count('SELECT count(*) FROM logistics_trackingevent'):,} events")
    return findings


def _ship(source: random.Random, now: datetime) -> None:
    from core.actor import Actor, ActorKind
    from core.ids import new_id
    from logistics import facade
    from logistics.contracts import Address, ParcelSpec

    seller, buyer = new_id(), new_id()
    actor = Actor(kind=ActorKind.MEMBER, user_id=seller, organisation_id=seller)
    sender = Address("Taller Luna", "Calle Mayor 1", "Zaragoza", "50001", "ES")
    to = source.choices(COUNTRIES, weights=(8, 4, 3, 2, 2, 1, 1))[0]
    recipient = Address(
        "Ana Prueba", f"Street {source.randint(1, 99)}", "Ciudad", f"{source.randint(10_000, 99_999)}", to
    )
    parcel = ParcelSpec(source.randint(100, 9_000), 300, 200, 100)
    offers = facade.quote(origin=sender, destination=recipient, parcel=parcel, handling_days=1, now=now).quotes
    offer = source.choice(offers)
    shipment = facade.book_shipment(
        order_id=new_id(), seller_id=seller, buyer_id=buyer, service_code=offer.service_code, sender=sender,
        recipient=recipient, parcel=parcel, quote=offer, reference="LJ", contents="goods", actor=actor, now=now,
    )  # fmt: skip
    facade.confirm_booking(shipment_id=shipment.shipment_id, now=now)
    chance = source.random()
    if chance < 0.02:
        facade.cancel_shipment(shipment_id=shipment.shipment_id, actor=actor, reason="changed mind", now=now)
    else:
        facade.hand_over(shipment_id=shipment.shipment_id, actor=actor, now=now)


def _count(sql: str, *values: Any) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return int(cursor.fetchone()[0])


def _verdict() -> tuple[dict[str, Any], list[str]]:
    """What became of all parcels; a finding for each rule that does not hold."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM logistics_shipment GROUP BY 1 ORDER BY 1")
        states = dict(cursor.fetchall())
        cursor.execute(
            "SELECT string_agg(waybill || state || tracking_status || coalesce(delivered_at::text, '')"
            " || coalesce(kept_promise::text, ''), ',' ORDER BY waybill) FROM logistics_shipment"
        )
        digest = hashlib.sha256(str(cursor.fetchone()[0]).encode()).hexdigest()[:16]
    suspected = "SELECT count(*) FROM logistics_trackingevent WHERE source = 'PLATFORM'"
    rules = {
        "delivered parcels without a delivery in their history": (
            "SELECT count(*) FROM logistics_shipment s WHERE s.state = 'DELIVERED' AND NOT EXISTS (SELECT 1 FROM"
            " logistics_trackingevent e WHERE e.shipment_id = s.id AND e.status = 'DELIVERED')"
        ),
        "deliveries in the history of parcels that do not say so": (
            "SELECT count(DISTINCT e.shipment_id) FROM logistics_trackingevent e JOIN logistics_shipment s ON s.id ="
            " e.shipment_id WHERE e.status = 'DELIVERED' AND s.state NOT IN ('DELIVERED', 'RETURNED', 'LOST')"
        ),
        "delivered parcels whose promise was not scored": (
            "SELECT count(*) FROM logistics_shipment WHERE state = 'DELIVERED' AND kept_promise IS NULL"
        ),
        "shipments without a stored promise": (
            "SELECT count(*) FROM logistics_shipment s LEFT JOIN logistics_promise p ON p.shipment_id = s.id"
            " WHERE p.shipment_id IS NULL"
        ),
        "late deliveries that were not told": (
            "SELECT count(*) FROM logistics_shipment s WHERE kept_promise = false AND NOT EXISTS (SELECT 1 FROM"
            " core_eventrecord e WHERE e.key = s.order_id::text AND e.name = 'logistics.promise.broken.v1')"
        ),
        "units without their one holder": UNHELD,
        "broken chains of custody": BROKEN_CHAINS,
    }  # fmt: skip
    findings = [f"{wrong} {name}" for name, sql in rules.items() if (wrong := _count(sql))]
    figures = {
        "states": states, "digest": digest, "suspected_lost": _count(suspected),
        "events": _count("SELECT count(*) FROM logistics_trackingevent"),
        "custody_lines": _count("SELECT count(*) FROM logistics_custody"),
        "promises_scored": _count("SELECT count(*) FROM logistics_shipment WHERE kept_promise IS NOT NULL"),
        "promises_kept": _count("SELECT count(*) FROM logistics_shipment WHERE kept_promise"),
        "still_moving": states.get("HANDED_OVER", 0), "unknown_codes": _count("SELECT count(*) FROM logistics_codemapping"),
    }  # fmt: skip
    return figures, findings


if __name__ == "__main__":
    sys.exit("Run bin/chaos logistics.")
