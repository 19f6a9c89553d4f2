"""Direct roads between far hubs, so that a route need not stop in every country on its way."""

from django.db import migrations

ROADS = "MAD-UTC MAD-LEJ MAD-JKG MAD-MIL LIS-PAR PAR-VIE UTC-JKG UTC-LCJ LEJ-JKG LEJ-ATH CVT-LEJ".split()


def load(apps, schema_editor):
    model = lambda name: apps.get_model("logistics", name)  # noqa: E731
    hubs = {hub.code: hub for hub in model("Hub").objects.all()}
    zones = dict(model("Zone").objects.values_list("country", "zone"))
    sheet = model("RateSheet").objects.filter(published_at__isnull=False).order_by("-version").first()
    lanes = set(model("Rate").objects.filter(sheet=sheet).values_list("service_id", "origin_zone", "destination_zone"))
    services = sorted(model("Service").objects.filter(tracked=True).values_list("code", flat=True))
    ways = [way for road in ROADS for way in (road.split("-"), road.split("-")[::-1])]
    model("Link").objects.bulk_create(
        model("Link")(service_id=service, start=hubs[start], end=hubs[end])
        for start, end in ways for service in services
        if (service, zones[hubs[start].country], zones[hubs[end].country]) in lanes
    )


class Migration(migrations.Migration):

    dependencies = [("logistics", "0012_real_carriers")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
