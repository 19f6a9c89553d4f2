"""Number sequences, and the demo network as data: two sandbox carriers, rate sheet 1, zones, holidays, conversions."""

from datetime import UTC, datetime

from django.db import migrations

ZONES = {
    "IBERIA": {"ES": "Europe/Madrid", "PT": "Europe/Lisbon"},
    "WEST": {"FR": "Europe/Paris", "IT": "Europe/Rome", "DE": "Europe/Berlin", "NL": "Europe/Amsterdam",
             "BE": "Europe/Brussels", "AT": "Europe/Vienna"},
    "OUTER": {"IE": "Europe/Dublin", "PL": "Europe/Warsaw", "SE": "Europe/Stockholm", "DK": "Europe/Copenhagen",
              "FI": "Europe/Helsinki", "CZ": "Europe/Prague", "GR": "Europe/Athens", "RO": "Europe/Bucharest",
              "HU": "Europe/Budapest"},
    "BRITAIN": {"GB": "Europe/London"},
    "LATIN": {"MX": "America/Mexico_City", "CO": "America/Bogota", "AR": "America/Argentina/Buenos_Aires",
              "CL": "America/Santiago", "PE": "America/Lima", "BR": "America/Sao_Paulo"},
    "NORTH": {"US": "America/New_York", "CA": "America/Toronto"},
    "ASIA": {"CN": "Asia/Shanghai", "JP": "Asia/Tokyo"},
    "MAGHREB": {"MA": "Africa/Casablanca"},
}
EU_ZONES, AMERICAN_ZONES = {"IBERIA", "WEST", "OUTER"}, {"LATIN", "NORTH"}
EUROPEAN_ZONES = EU_ZONES | {"BRITAIN"}

# working days in transit (10 %, 50 %, 90 %) by speed and distance
DAYS = {
    "fast": {"HOME": (1, 1, 2), "NEAR": (1, 2, 3), "REGION": (2, 3, 5), "WORLD": (3, 5, 8)},
    "plain": {"HOME": (1, 2, 3), "NEAR": (2, 3, 5), "REGION": (3, 4, 7), "WORLD": (5, 7, 11)},
    "slow": {"HOME": (2, 4, 6), "NEAR": (3, 6, 9), "REGION": (5, 8, 12), "WORLD": (8, 12, 20)},
}
# euro cents: (first kilogram, each further kilogram)
CENTS = {
    "ruta-24": {"HOME": (590, 60), "NEAR": (1290, 190), "REGION": (1990, 420), "WORLD": (3290, 890)},
    "ruta-plus": {"HOME": (430, 45), "NEAR": (890, 130), "REGION": (1490, 320), "WORLD": (2490, 690)},
    "correo-certificado": {"HOME": (390, 55), "NEAR": (790, 150), "REGION": (1150, 290), "WORLD": (1590, 560)},
    "correo-economico": {"HOME": (280, 40), "NEAR": (540, 110), "REGION": (820, 230), "WORLD": (1190, 430)},
}
SERVICES = [
    # code, carrier, name, kind, tracked, max g, max side mm, divisor, cut-off, pickup, delivery, speed
    ("ruta-24", "ruta", "Ruta 24", "EXPRESS", True, 30_000, 1_500, 5000, 17, "01234", "012345", "fast"),
    ("ruta-plus", "ruta", "Ruta Plus", "EXPRESS", True, 40_000, 2_000, 5000, 18, "01234", "01234", "plain"),
    ("correo-certificado", "correo-sur", "Correo certificado", "POST", True, 20_000, 1_000, 6000, 14, "01234",
     "01234", "plain"),
    ("correo-economico", "correo-sur", "Correo económico", "POST", True, 20_000, 1_000, 6000, 14, "01234", "01234",
     "slow"),
]
WEIGHTS = (250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000, 40_000)

ALL = [country for countries in ZONES.values() for country in countries]
FIXED = {
    (1, 1): ("New Year", ALL),
    (12, 25): ("Christmas", [c for c in ALL if c not in {"CN", "JP", "MA"}]),
    (5, 1): ("Labour Day", [c for c in ALL if c not in {"US", "CA", "JP", "GB", "NL", "DK", "IE"}]),
    (12, 26): ("Second day of Christmas", ["DE", "NL", "AT", "IE", "GB", "PL", "SE", "DK", "FI", "CZ", "GR", "RO",
                                           "HU", "IT", "CA"]),
    (1, 6): ("Epiphany", ["ES", "IT", "AT", "SE", "FI", "GR", "PL"]),
    (8, 15): ("Assumption", ["ES", "PT", "FR", "IT", "BE", "AT", "PL", "GR", "RO", "CO", "CL"]),
    (11, 1): ("All Saints", ["ES", "PT", "FR", "IT", "BE", "AT", "PL", "HU", "PE", "CL"]),
    (12, 8): ("Immaculate Conception", ["ES", "PT", "IT", "AT", "CO", "AR", "CL", "PE"]),
    (10, 12): ("National Day", ["ES"]), (12, 6): ("Constitution Day", ["ES", "FI"]),
    (4, 25): ("Liberation", ["PT", "IT"]), (6, 10): ("Portugal Day", ["PT"]), (10, 5): ("Republic Day", ["PT"]),
    (12, 1): ("National Day", ["PT", "RO"]), (7, 14): ("Bastille Day", ["FR"]), (5, 8): ("Victory Day", ["FR", "CZ"]),
    (11, 11): ("Armistice", ["FR", "BE", "PL", "CA", "US"]), (6, 2): ("Republic Day", ["IT"]),
    (10, 3): ("German Unity", ["DE"]), (4, 27): ("King's Day", ["NL"]), (7, 21): ("National Day", ["BE"]),
    (10, 26): ("National Day", ["AT"]), (3, 17): ("St Patrick", ["IE"]), (5, 3): ("Constitution Day", ["PL"]),
    (6, 6): ("National Day", ["SE"]), (6, 5): ("Constitution Day", ["DK"]),
    (10, 28): ("National Day", ["CZ", "GR"]), (3, 25): ("National Day", ["GR"]), (8, 20): ("State Day", ["HU"]),
    (9, 16): ("Independence", ["MX"]), (7, 20): ("Independence", ["CO"]), (5, 25): ("May Revolution", ["AR"]),
    (7, 9): ("Independence", ["AR"]), (9, 18): ("Independence", ["CL"]), (7, 28): ("Independence", ["PE"]),
    (9, 7): ("Independence", ["BR"]), (7, 4): ("Independence Day", ["US"]), (7, 1): ("Canada Day", ["CA"]),
    (10, 1): ("National Day", ["CN"]), (10, 2): ("National Day holiday", ["CN"]), (2, 11): ("Foundation Day", ["JP"]),
    (7, 30): ("Throne Day", ["MA"]),
}
DATED = {
    (2026, 4, 3): ("Good Friday", ["ES", "PT", "DE", "GB", "IE", "SE", "DK", "FI", "CZ", "HU", "MX", "CO", "AR", "CL",
                                   "PE", "BR", "CA"]),
    (2026, 4, 6): ("Easter Monday", ["FR", "IT", "DE", "NL", "BE", "AT", "IE", "GB", "PL", "SE", "DK", "FI", "CZ",
                                     "HU"]),
    (2027, 3, 26): ("Good Friday", ["ES", "PT", "DE", "GB", "IE", "SE", "DK", "FI", "CZ", "HU", "MX", "CO", "AR", "CL",
                                    "PE", "BR", "CA"]),
    (2027, 3, 29): ("Easter Monday", ["FR", "IT", "DE", "NL", "BE", "AT", "IE", "GB", "PL", "SE", "DK", "FI", "CZ",
                                      "HU"]),
    (2026, 11, 26): ("Thanksgiving", ["US"]), (2027, 11, 25): ("Thanksgiving", ["US"]),
}
# fixed demo conversions: millionths of the currency for one euro
PER_EURO = {
    "USD": 1_090_000, "GBP": 860_000, "MXN": 20_100_000, "PLN": 4_290_000, "SEK": 11_300_000, "DKK": 7_460_000,
    "CZK": 24_900_000, "RON": 4_980_000, "HUF": 392_000_000, "COP": 4_450_000_000, "ARS": 1_250_000_000,
    "CLP": 1_010_000_000, "PEN": 4_050_000, "BRL": 6_050_000, "CAD": 1_490_000, "CNY": 7_800_000, "JPY": 163_000_000,
    "MAD": 10_700_000, "CHF": 950_000, "NOK": 11_700_000,
}


def distance(origin, destination):
    if {origin, destination} <= EU_ZONES:
        return "NEAR"
    if {origin, destination} <= EUROPEAN_ZONES or {origin, destination} <= AMERICAN_ZONES:
        return "REGION"
    return "WORLD"


def load(apps, schema_editor):
    model = lambda name: apps.get_model("logistics", name)  # noqa: E731
    model("Carrier").objects.bulk_create([
        model("Carrier")(code="ruta", name="Ruta Express", pushes_webhooks=True),
        model("Carrier")(code="correo-sur", name="Correo del Sur"),
    ])
    model("Service").objects.bulk_create([
        model("Service")(
            code=code, carrier_id=carrier, name=name, delivery_kind=kind, tracked=tracked, max_weight_grams=grams,
            max_side_mm=side, volumetric_divisor=divisor, cutoff_hour=cutoff, pickup_weekdays=pickup,
            delivery_weekdays=delivery,
        )
        for code, carrier, name, kind, tracked, grams, side, divisor, cutoff, pickup, delivery, _ in SERVICES
    ])
    model("Zone").objects.bulk_create([
        model("Zone")(country=country, zone=zone, time_zone=clock)
        for zone, countries in ZONES.items() for country, clock in countries.items()
    ])
    model("Holiday").objects.bulk_create([
        model("Holiday")(country=country, year=None, month=month, day=day, name=name)
        for (month, day), (name, countries) in FIXED.items() for country in countries
    ] + [
        model("Holiday")(country=country, year=year, month=month, day=day, name=name)
        for (year, month, day), (name, countries) in DATED.items() for country in countries
    ])
    model("Conversion").objects.bulk_create([
        model("Conversion")(base="EUR", currency=currency, millionths=rate) for currency, rate in PER_EURO.items()
    ])
    sheet = model("RateSheet").objects.create(
        version=1, published_at=datetime(2026, 1, 1, tzinfo=UTC), note="Demo network"
    )
    load_rates(model, sheet)


def load_rates(model, sheet):
    rates, lanes = [], []
    for code, grams, speed in [(service[0], service[5], service[-1]) for service in SERVICES]:
        for origin in ZONES:
            for target in (*ZONES, "HOME"):
                far = "HOME" if target == "HOME" else distance(origin, target)
                if code == "ruta-24" and far == "WORLD":
                    continue
                if origin == "MAGHREB" and code.startswith("ruta") and target != "HOME":
                    continue
                low, middle, high = DAYS[speed][far]
                rates.append(model("Rate")(
                    sheet=sheet, service_id=code, origin_zone=origin, destination_zone=target, p10_days=low,
                    p50_days=middle, p90_days=high,
                ))
                lanes.append((code, far, grams))
    rates = model("Rate").objects.bulk_create(rates)
    steps = []
    for rate, (code, far, most) in zip(rates, lanes, strict=True):
        first, further = CENTS[code][far]
        for grams in WEIGHTS:
            if grams <= most:
                price = first * {250: 80, 500: 90}.get(grams, 100) // 100 + further * max(grams - 1_000, 0) // 1_000
                steps.append(model("RateStep")(rate=rate, up_to_grams=grams, price_minor=price, currency="EUR"))
    model("RateStep").objects.bulk_create(steps, batch_size=1_000)


class Migration(migrations.Migration):

    dependencies = [("logistics", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE logistics_parcel_sequence AS bigint START 1000 MINVALUE 0",
            "DROP SEQUENCE logistics_parcel_sequence",
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
