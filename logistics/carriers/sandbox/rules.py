"""How parcels move in the simulated network: a seeded plan of scans for each parcel, faults included. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

HUBS: Final[dict[str, tuple[str, ...]]] = {
    "ES": ("Madrid", "Zaragoza", "Sevilla"), "PT": ("Lisboa", "Porto"), "FR": ("Paris", "Lyon"),
    "IT": ("Milano", "Bologna"), "DE": ("Leipzig", "Köln"), "NL": ("Utrecht",), "BE": ("Liège",), "AT": ("Wien",),
    "IE": ("Dublin",), "GB": ("Coventry",), "PL": ("Łódź",), "SE": ("Jönköping",), "DK": ("Kolding",),
    "FI": ("Tampere",), "CZ": ("Praha",), "GR": ("Athina",), "RO": ("București",), "HU": ("Budapest",),
    "MX": ("Querétaro", "Ciudad de México"), "CO": ("Bogotá",), "AR": ("Buenos Aires",), "CL": ("Santiago",),
    "PE": ("Lima",), "BR": ("São Paulo",), "US": ("Memphis", "Chicago"), "CA": ("Toronto",), "CN": ("Shenzhen",),
    "JP": ("Osaka",), "MA": ("Casablanca",),
}  # fmt: skip

CUSTOMS_UNION: Final = frozenset(
    {"ES", "PT", "FR", "IT", "DE", "NL", "BE", "AT", "IE", "PL", "SE", "DK", "FI", "CZ", "GR", "RO", "HU"}
)
EUROPE: Final = CUSTOMS_UNION | {"GB"}
AMERICAS: Final = frozenset({"MX", "CO", "AR", "CL", "PE", "BR", "US", "CA"})

#: What each carrier calls the moments of a parcel's way: kind -> (its code, its words).
CODES: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "ruta": {
        "accepted": ("RX100", "Admitido"), "departed": ("RX200", "Salida de centro"),
        "hub": ("RX210", "Llegada a centro"), "customs": ("RX250", "En aduana"), "out": ("RX300", "En reparto"),
        "failed": ("RX310", "Destinatario ausente"), "delayed": ("RX390", "Retraso en ruta"),
        "delivered": ("RX400", "Entregado"), "damaged": ("RX500", "Embalaje dañado"), "lost": ("RX600", "Extraviado"),
        "returning": ("RX700", "En devolución"), "returned": ("RX710", "Devuelto al remitente"),
        "odd": ("RX777", "Reetiquetado"),
    },
    "correo-sur": {
        "accepted": ("A1", "Depositado en oficina"), "departed": ("C3", "Clasificado y en camino"),
        "hub": ("H2", "En centro logístico"), "customs": ("U4", "En aduana"), "out": ("D1", "Con el cartero"),
        "failed": ("F1", "Entrega no conseguida"), "delayed": ("T9", "Demora"), "delivered": ("E1", "Entregado"),
        "damaged": ("X5", "Envío deteriorado"), "lost": ("X9", "Envío perdido"), "returning": ("V1", "De vuelta"),
        "returned": ("V2", "Devuelto"), "odd": ("Z8", "Nota interna"),
    },
    "norte": {
        "accepted": ("IN", "Mottatt"), "departed": ("DEP", "På vei"), "hub": ("ARR", "På terminal"),
        "customs": ("CUS", "I toll"), "out": ("OFD", "Ute for levering"), "failed": ("NOH", "Mottaker ikke hjemme"),
        "delayed": ("DLY", "Forsinket"), "delivered": ("POD", "Utlevert"), "damaged": ("DAM", "Skadet"),
        "lost": ("LST", "Mistet"), "returning": ("RTS", "I retur"), "returned": ("RTD", "Returnert"),
        "odd": ("NOTE", "Intern merknad"),
    },
    "andes": {
        "accepted": ("01", "Recibido en agencia"), "departed": ("05", "En tránsito"), "hub": ("07", "En bodega"),
        "customs": ("09", "En aduana"), "out": ("11", "En ruta de entrega"), "failed": ("13", "No se encontró a nadie"),
        "delayed": ("15", "Vía cerrada"), "delivered": ("20", "Entregado"), "damaged": ("31", "Averiado"),
        "lost": ("35", "Extraviado"), "returning": ("41", "Devolviendo"), "returned": ("45", "Devuelto"),
        "odd": ("99", "Otro"),
    },
    "pacifico": {
        "accepted": ("PU", "Collected"), "departed": ("TK", "Uplifted"), "hub": ("AF", "Arrived at facility"),
        "customs": ("CC", "Clearance event"), "out": ("WC", "With courier"), "failed": ("NA", "Not at home"),
        "delayed": ("OD", "Flight delayed"), "delivered": ("OK", "Delivered"), "damaged": ("DM", "Damaged"),
        "lost": ("LO", "Lost"), "returning": ("RT", "Returning"), "returned": ("RR", "Returned"), "odd": ("XX", "Remark"),
    },
    "troncal": {
        "accepted": ("T10", "In bag"), "departed": ("T20", "Departed"), "hub": ("T30", "Transferred"),
        "customs": ("T40", "Customs"), "out": ("T50", "Unloading"), "failed": ("T55", "Hub closed"),
        "delayed": ("T60", "Delayed"), "delivered": ("T70", "Out of bag"), "damaged": ("T80", "Damaged"),
        "lost": ("T90", "Missing from bag"), "returning": ("T95", "Sent back"), "returned": ("T96", "Back at hub"),
        "odd": ("T99", "Remark"),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habits:
    """How a carrier works: chances of late and repeated scans, of losing a parcel, and of a code nobody knows."""

    prefix: str
    late: float = 0.05
    twice: float = 0.03
    lost: float = 0.006
    garbled: float = 0.0


HABITS: Final[dict[str, Habits]] = {
    "ruta": Habits("RX"), "correo-sur": Habits("CS"), "norte": Habits("NF", late=0.02, twice=0.01, lost=0.002),
    "andes": Habits("AC", late=0.15, twice=0.08, lost=0.02, garbled=0.03),
    "pacifico": Habits("PA", late=0.08, lost=0.004, garbled=0.01), "troncal": Habits("TR", lost=0.002),
}  # fmt: skip

#: Working days in transit (10 %, 50 %, 90 %) by speed and distance.
TRANSIT: Final[dict[str, dict[str, tuple[int, int, int]]]] = {
    "fast": {"HOME": (1, 1, 2), "NEAR": (1, 2, 3), "REGION": (2, 3, 5), "WORLD": (3, 5, 8)},
    "plain": {"HOME": (1, 2, 3), "NEAR": (2, 3, 5), "REGION": (3, 4, 7), "WORLD": (5, 7, 11)},
    "slow": {"HOME": (2, 4, 6), "NEAR": (3, 6, 9), "REGION": (5, 8, 12), "WORLD": (8, 12, 20)},
    "haul": {"HOME": (1, 1, 1), "NEAR": (1, 1, 2), "REGION": (1, 2, 3), "WORLD": (2, 3, 4)},
}
SPEEDS: Final = {
    "ruta-24": "fast",
    "ruta-plus": "plain",
    "correo-certificado": "plain",
    "correo-economico": "slow",
    "norte-pakke": "fast",
    "andes-carga": "slow",
    "pacifico-air": "plain",
    "troncal-bolsa": "haul",
}


@dataclass(frozen=True, slots=True)
class PlannedScan:
    """A scan that will happen at `occurred_at` and become known at `due_at`; told `copies` times."""

    event_id: str
    code: str
    text: str
    place: str
    occurred_at: datetime
    due_at: datetime
    copies: int


def parcel_number(carrier_code: str, reference: str) -> str:
    """The carrier's own number, made from the customer's reference so that booking twice gives the same."""
    digest = int.from_bytes(hashlib.sha256(f"{carrier_code}:{reference}".encode()).digest()[:8], "big")
    return f"{HABITS[carrier_code].prefix}{digest % 10**12:012d}"


def distance_class(origin: str, destination: str) -> str:
    """HOME, NEAR (one customs union), REGION (one continent) or WORLD."""
    if origin == destination:
        return "HOME"
    if {origin, destination} <= CUSTOMS_UNION:
        return "NEAR"
    if {origin, destination} <= EUROPE or {origin, destination} <= AMERICAS:
        return "REGION"
    return "WORLD"


class _GoodDay(Random):
    """Chance without surprises: every draw is the middle one."""

    def random(self) -> float:
        return 0.5

    def randint(self, a: int, b: int) -> int:
        return (a + b) // 2


def plan_route(
    *, carrier_code: str, number: str, service_code: str, origin: str, destination: str, city: str,
    accepted_at: datetime, faulty: bool = True,
) -> list[PlannedScan]:  # fmt: skip
    """All scans of a parcel from acceptance on. The same number and moment give the same plan.

    Without `faulty` nothing goes wrong on the way and the median time is taken.
    """
    source = Random(f"{number}:{accepted_at.isoformat()}") if faulty else _GoodDay()  # noqa: S311
    habits, codes = HABITS[carrier_code], CODES[carrier_code]
    journey = _journey(source, service_code, origin, destination, city, accepted_at, habits)
    return [
        _planned(source, number, index, codes[kind], place, at, kind, habits)
        for index, (kind, place, at) in enumerate(journey)
    ]


def _planned(
    source: Random, number: str, index: int, words: tuple[str, str], place: str, at: datetime, kind: str,
    habits: Habits,
) -> PlannedScan:  # fmt: skip
    late = kind in {"hub", "departed"} and source.random() < habits.late
    if habits.garbled and kind == "hub" and source.random() < habits.garbled:
        words = (f"?{index}", words[1][::-1])
    return PlannedScan(
        event_id=f"{number}-{index:02d}", code=words[0], text=words[1], place=place, occurred_at=at,
        due_at=at + timedelta(hours=source.randint(8, 30)) if late else at,
        copies=2 if source.random() < habits.twice else 1,
    )  # fmt: skip


def _journey(
    source: Random, service_code: str, origin: str, destination: str, city: str, accepted_at: datetime, habits: Habits
) -> Iterator[tuple[str, str, datetime]]:
    days = transit_days(source, service_code, origin, destination)
    arrival = _working_days_after(accepted_at, days).replace(hour=source.randint(8, 17), minute=source.randint(0, 59))
    arrival = max(arrival, accepted_at + timedelta(hours=10))
    first, last = HUBS.get(origin, ("Centro",))[0], HUBS.get(destination, ("Centro",))[-1]
    yield "accepted", first, accepted_at
    yield "departed", first, accepted_at + (arrival - accepted_at) / 8
    if source.random() < 0.02:
        yield "odd", first, accepted_at + (arrival - accepted_at) / 7
    if source.random() < habits.lost:
        yield "lost", last, arrival + timedelta(days=5)
        return
    if distance_class(origin, destination) in {"REGION", "WORLD"}:
        yield "customs", last, accepted_at + (arrival - accepted_at) / 2
    yield "hub", last, accepted_at + (arrival - accepted_at) * 3 / 4
    yield from _last_mile(source, arrival, city or last, first)


def _last_mile(source: Random, arrival: datetime, city: str, home: str) -> Iterator[tuple[str, str, datetime]]:
    chance = source.random()
    if chance < 0.03:
        yield "delayed", city, arrival - timedelta(hours=4)
        arrival = _working_days_after(arrival, source.randint(1, 3))
    if chance > 0.993:
        yield "damaged", city, arrival - timedelta(hours=3)
    yield "out", city, arrival - timedelta(hours=2)
    if 0.03 <= chance < 0.08:
        yield "failed", city, arrival
        if chance < 0.035:
            yield "returning", city, arrival + timedelta(days=2)
            yield "returned", home, arrival + timedelta(days=6)
            return
        arrival = _working_days_after(arrival, 1)
        yield "out", city, arrival - timedelta(hours=2)
    yield "delivered", city, arrival


def transit_days(source: Random, service_code: str, origin: str, destination: str) -> int:
    """Working days on the way, drawn between the service's quantiles; one parcel in twelve takes longer."""
    speed = SPEEDS.get(service_code, "plain")
    low, middle, high = TRANSIT[speed][distance_class(origin, destination)]
    chance = source.random()
    if chance < 0.5:
        return math.ceil(low + (middle - low) * chance / 0.5)
    if chance < 0.92:
        return math.ceil(middle + (high - middle) * (chance - 0.5) / 0.42)
    return high + source.randint(1, 3)


def _working_days_after(at: datetime, days: int) -> datetime:
    while days > 0:
        at += timedelta(days=1)
        if at.weekday() < 5:
            days -= 1
    return at
