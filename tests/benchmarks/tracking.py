"""How fast carriers' webhooks become history: signed messages taken in, stored raw, matched, derived, published.

Two processes (the machine's two cores) take in messages of a hundred events each through the service behind the webhook door;
signature, raw inbox, deduplication, the append-only history, every parcel's derived state, transitions and outbox rows included.
The reference is COPY of the same history rows into an empty table of the same shape.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.benchmarks.ground import Ground, enter_django, ground, tell

CLIENTS = 2
EVENTS_A_MESSAGE = 100
MESSAGES_A_CALL = 10
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WAY = ("RX100", "RX200", "RX210", "RX300", "RX400")


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    parcels = 2_000 if quick else 20_000
    with ground() as place:
        enter_django(place)
        from django.db import connections

        tell(f"Making {parcels:,} booked parcels ...")
        numbers = _make_parcels(parcels)
        connections.close_all()
        messages = [_messages(numbers[part::CLIENTS], seed=seed + part) for part in range(CLIENTS)]
        took = _take_in(messages)
        figures = _figures(parcels)
        events = parcels * len(WAY)
        copy_rate = _copy(place, figures["history"])
        rate = events / took
        return {
            "events_per_s": round(rate, 1), "copy_rows_per_s": round(copy_rate, 1), "ratio": round(rate / copy_rate, 4),
            "events": events, "history": figures["history"], "delivered": figures["delivered"],
            "messages": sum(len(part) for part in messages), "outbox_events": figures["outbox"], "clients": CLIENTS,
        }  # fmt: skip


def _make_parcels(count: int) -> list[str]:
    """Booked shipments with their promises, set-based; their carrier numbers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
              INSERT INTO logistics_shipment (id, order_id, seller_id, buyer_id, carrier_id, service_id, state,
                tracking_status, waybill, carrier_number, reference, contents, origin_country, destination_country,
                destination_time_zone, price_minor, currency, booked_at, confirmed_at, call_attempts, call_error)
              SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'ruta', 'ruta-24',
                'BOOKED', 'REGISTERED', 'LB' || lpad(n::text, 9, '0') || 'XL', 'RX' || lpad(n::text, 12, '0'), 'LJ',
                'goods', 'ES', 'PT', 'Europe/Lisbon', 590, 'EUR', %(now)s, %(now)s, 0, ''
              FROM generate_series(1, %(count)s) n RETURNING id, carrier_number)
            , promised AS (
              INSERT INTO logistics_promise (shipment_id, earliest_date, latest_date, ship_by, quantile_bps, model_version,
                inputs, made_at)
              SELECT id, %(now)s::date + 2, %(now)s::date + 9, %(now)s::timestamptz + interval '1 day', 9000, 'table-1',
                '{}', %(now)s FROM made)
            , units AS (
              INSERT INTO logistics_parcel (shipment_id, position, sscc, weight_grams, length_mm, width_mm, height_mm)
              SELECT id, 1, lpad(row_number() OVER ()::text, 18, '0'), 1000, 0, 0, 0 FROM made)
            SELECT carrier_number FROM made ORDER BY 1
            """,
            {"now": START, "count": count},
        )
        numbers = [row[0] for row in cursor.fetchall()]
        cursor.execute("ANALYZE logistics_shipment, logistics_promise, logistics_parcel")
    return numbers


def _messages(numbers: list[str], *, seed: int) -> list[bytes]:
    """The parcels' scans in the order they happen, a little shuffled, with one in fifty told twice."""
    source = random.Random(seed)
    scans = []
    for step, code in enumerate(WAY):
        for place, number in enumerate(numbers):
            at = START + timedelta(hours=2 + 20 * step, seconds=place)
            scan = {"id": f"{number}-{step}", "number": number, "code": code, "text": "scan", "place": "Madrid",
                    "at": at.isoformat()}  # fmt: skip
            scans += [scan] * (2 if source.random() < 0.02 else 1)
    for at in range(0, len(scans) - 40, 40):
        part = scans[at : at + 40]
        source.shuffle(part)
        scans[at : at + 40] = part
    return [
        json.dumps({"carrier": "ruta", "events": scans[at : at + EVENTS_A_MESSAGE]}).encode()
        for at in range(0, len(scans), EVENTS_A_MESSAGE)
    ]


def _take_in(messages: list[list[bytes]]) -> float:
    """Seconds from the first client's start to the last one's end."""
    context = multiprocessing.get_context("fork")
    barrier, spans = context.Barrier(len(messages)), context.Queue()
    clients = [context.Process(target=_client, args=(part, barrier, spans)) for part in messages]
    for client in clients:
        client.start()
    found = [spans.get(timeout=900) for _ in clients]
    for client in clients:
        client.join()
    if any(client.exitcode for client in clients):
        raise RuntimeError("A client failed.")
    return max(end for _, end in found) - min(start for start, _ in found)


def _client(messages: list[bytes], barrier: Any, spans: Any) -> None:
    from django.conf import settings
    from django.db import connection

    from logistics.carriers.signatures import is_genuine, sign
    from logistics.tracking import services

    now = START + timedelta(days=6)
    stamp = str(int(now.timestamp()))
    signed = [
        (body, sign(secret=settings.WEBHOOK_SECRET, carrier_code="ruta", timestamp=stamp, body=body))
        for body in messages
    ]
    connection.ensure_connection()
    gc.freeze()  # as the web server's processes do
    barrier.wait()
    started = time.monotonic()
    for at in range(0, len(signed), MESSAGES_A_CALL):
        part = signed[at : at + MESSAGES_A_CALL]
        for body, signature in part:
            if not is_genuine(
                secret=settings.WEBHOOK_SECRET,
                carrier_code="ruta",
                timestamp=stamp,
                body=body,
                signature=signature,
                now=now,
            ):
                raise RuntimeError("A message was refused.")
        services.take_in(messages=[("ruta", body) for body, _ in part], now=now)
    spans.put((started, time.monotonic()))


def _figures(parcels: int) -> dict[str, int]:
    """What the database says; the bench fails when anything is missing."""
    from core.models import EventRecord
    from logistics.models import Custody, Shipment, TrackingEvent, WebhookMessage

    found = {
        "history": TrackingEvent.objects.count(), "delivered": Shipment.objects.filter(state="DELIVERED").count(),
        "outbox": EventRecord.objects.count(),
    }  # fmt: skip
    left = WebhookMessage.objects.filter(processed_at=None).count()
    held = Custody.objects.filter(number=3, holder__startswith="BUYER:").count()
    if (found["history"], found["delivered"], held, left) != (parcels * len(WAY), parcels, parcels, 0):
        raise RuntimeError(f"{found}, {left} messages left")
    return found


def _copy(place: Ground, rows: int) -> float:
    """COPY of the same rows into an empty table with the same columns, constraints and indexes."""
    import psycopg

    columns = (
        "shipment_id, carrier_code, carrier_event_id, raw_code, raw_text, place, status, corrects, reason_code, source,"
        " occurred_at, received_at"
    )
    with psycopg.connect(place.running.environment()["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE copy_reference (LIKE logistics_trackingevent INCLUDING ALL)")
        with connection.cursor().copy(f"COPY logistics_trackingevent ({columns}) TO STDOUT") as copy:
            data = [bytes(chunk) for chunk in copy]
        started = time.perf_counter()
        with connection.cursor().copy(f"COPY copy_reference ({columns}) FROM STDIN") as copy:
            for chunk in data:
                copy.write(chunk)
        took = time.perf_counter() - started
        counted = connection.execute("SELECT count(*) FROM copy_reference").fetchone()
        if counted is None or counted[0] != rows:
            raise RuntimeError("COPY lost rows")
    return rows / took
