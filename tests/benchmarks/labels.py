"""How many labels a core prints: layout, GS1-128 bars, Data Matrix, and PDF (or ZPL), each from other data."""

from __future__ import annotations

import random
import time
from typing import Any

from tests.benchmarks.ground import tell

STREETS = ("Calle Mayor", "Rua Augusta", "Avenue de la République", "Königstraße", "Via Garibaldi", "Łąkowa")
CITIES = (("Zaragoza", "50001", "ES"), ("Lisboa", "1100-053", "PT"), ("Lyon", "69003", "FR"), ("Köln", "50667", "DE"))
ROUNDS = 3


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    from logistics.shipments.label_output import render_pdf, render_zpl

    count = 300 if quick else 2_000
    labels = made_up(count, seed=seed)
    figures = {}
    for name, draw in (("pdf", lambda part: render_pdf([part])), ("zpl", lambda part: render_zpl([part]))):
        rates = []
        for _ in range(ROUNDS):
            started = time.process_time()
            size = sum(len(draw(part)) for part in labels)
            rates.append(count / (time.process_time() - started))
        tell(f"  {name}: {max(rates):.0f}/s, {size // count:,} bytes a label")
        figures[name] = sorted(rates)[1]
    started = time.process_time()
    render_pdf(labels[:200])
    return {
        "labels_per_s": round(figures["pdf"], 1), "zpl_labels_per_s": round(figures["zpl"], 1),
        "bulk_labels_per_s": round(min(200, count) / (time.process_time() - started), 1), "labels": count,
    }  # fmt: skip


def made_up(count: int, *, seed: int) -> list[Any]:
    from logistics.contracts import Address
    from logistics.shipments.label import LabelData
    from logistics.shipments.rules import sscc, waybill_number

    source = random.Random(seed)
    found = []
    for number in range(count):
        city, postcode, country = source.choice(CITIES)
        street = f"{source.choice(STREETS)} {source.randint(1, 200)}"
        found.append(LabelData(
            carrier_name="Ruta Express", service_name="Ruta 24", waybill=waybill_number(number),
            carrier_number=f"RX{number:012d}", sscc=sscc(number), reference=f"LJ-{number:08d}", contents="Ceramic bowl",
            weight_grams=source.randint(100, 20_000), sender=Address("Taller Luna", "Calle Mayor 1", "Zaragoza", "50001", "ES"),
            recipient=Address(f"Ana Prueba {number}", street, city, postcode, country, phone="+34 600 111 222"),
        ))  # fmt: skip
    return found
