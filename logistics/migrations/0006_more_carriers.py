"""Three more carriers of the simulated network, each in its own region; none of them starts in Iberia or the West."""

from django.db import migrations

CARRIERS = (("norte", "Norte Frakt", True), ("andes", "Andes Carga", False), ("pacifico", "Pacífico Air", False))
SERVICES = (
    # code, carrier, name, kind, max g, max side mm, divisor, cut-off, origins, destinations
    ("norte-pakke", "norte", "Norte Pakke", "EXPRESS", 25_000, 1_200, 5000, 15, ("OUTER",), ("HOME", "OUTER", "WEST",
     "IBERIA", "BRITAIN")),
    ("andes-carga", "andes", "Andes Carga", "POST", 40_000, 1_500, 6000, 13, ("LATIN",), ("HOME", "LATIN", "NORTH")),
    ("pacifico-air", "pacifico", "Pacífico Air", "EXPRESS", 30_000, 1_200, 5000, 12, ("ASIA", "NORTH"), ("HOME", "ASIA",
     "NORTH", "WEST", "IBERIA", "LATIN", "BRITAIN")),
)
DAYS = {
    "norte-pakke": {"HOME": (1, 1, 2), "NEAR": (1, 2, 3), "REGION": (2, 3, 5), "WORLD": (3, 5, 8)},
    "andes-carga": {"HOME": (2, 4, 6), "NEAR": (3, 6, 9), "REGION": (5, 8, 12), "WORLD": (8, 12, 20)},
    "pacifico-air": {"HOME": (1, 2, 3), "NEAR": (2, 3, 5), "REGION": (3, 4, 7), "WORLD": (5, 7, 11)},
}
CENTS = {
    "norte-pakke": {"HOME": (610, 65), "NEAR": (1320, 200), "REGION": (2050, 430), "WORLD": (3400, 900)},
    "andes-carga": {"HOME": (260, 35), "NEAR": (500, 100), "REGION": (790, 220), "WORLD": (1150, 420)},
    "pacifico-air": {"HOME": (450, 50), "NEAR": (920, 140), "REGION": (1550, 330), "WORLD": (2600, 700)},
}
WEIGHTS = (250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000, 40_000)
EU, AMERICAS = {"IBERIA", "WEST", "OUTER"}, {"LATIN", "NORTH"}


def distance(origin, target):
    if target == "HOME":
        return "HOME"
    if {origin, target} <= EU:
        return "NEAR"
    if {origin, target} <= EU | {"BRITAIN"} or {origin, target} <= AMERICAS:
        return "REGION"
    return "WORLD"


def load(apps, schema_editor):
    model = lambda name: apps.get_model("logistics", name)  # noqa: E731
    model("Carrier").objects.bulk_create(
        model("Carrier")(code=code, name=name, pushes_webhooks=pushes) for code, name, pushes in CARRIERS
    )
    for code, carrier, name, kind, grams, side, divisor, cutoff, origins, targets in SERVICES:
        model("Service").objects.create(
            code=code, carrier_id=carrier, name=name, delivery_kind=kind, tracked=True, max_weight_grams=grams,
            max_side_mm=side, volumetric_divisor=divisor, cutoff_hour=cutoff,
        )
        for sheet in model("RateSheet").objects.all():
            for origin in origins:
                for target in targets:
                    far = distance(origin, target)
                    low, middle, high = DAYS[code][far]
                    rate = model("Rate").objects.create(
                        sheet=sheet, service_id=code, origin_zone=origin, destination_zone=target, p10_days=low,
                        p50_days=middle, p90_days=high,
                    )
                    first, further = CENTS[code][far]
                    model("RateStep").objects.bulk_create(
                        model("RateStep")(
                            rate=rate, up_to_grams=weight, currency="EUR",
                            price_minor=first * {250: 80, 500: 90}.get(weight, 100) // 100
                            + further * max(weight - 1_000, 0) // 1_000,
                        )
                        for weight in WEIGHTS if weight <= grams
                    )
    for sheet in model("RateSheet").objects.all():
        sheet.revision += 1
        sheet.save(update_fields=["revision"])


class Migration(migrations.Migration):

    dependencies = [("logistics", "0005_custody_silence_health")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
