"""Routes are booked: legs of shipments, the service they are sold as, and a carrier of the simulated network that goes between hubs
only, with bags of many parcels: cheap and quick, but never at a door."""

import core.ids
import django.db.models.deletion
from django.db import migrations, models

CARRIER, SERVICE = "troncal", "troncal-bolsa"
EU = {"IBERIA", "WEST", "OUTER"}
AMERICAS = {"LATIN", "NORTH"}
WEIGHTS = (250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000)
#: euro cents: (first kilogram, each further one); working days at 10 %, 50 % and 90 %
FAR = {
    "NEAR": ((150, 25), (1, 1, 2)), "REGION": ((260, 60), (1, 2, 3)), "WORLD": ((460, 140), (2, 3, 4)),
}


def distance(start, end):
    if {start, end} <= EU:
        return "NEAR"
    if {start, end} <= EU | {"BRITAIN"} or {start, end} <= AMERICAS:
        return "REGION"
    return "WORLD"


def load(apps, schema_editor):
    model = lambda name: apps.get_model("logistics", name)  # noqa: E731
    model("Carrier").objects.bulk_create([
        model("Carrier")(code="lonja", name="Lonja", gateway="route"),
        model("Carrier")(code=CARRIER, name="Troncal", gateway="sandbox"),
    ])
    shared = {"delivery_kind": "EXPRESS", "tracked": True, "volumetric_divisor": 5000, "cutoff_hour": 17}
    model("Service").objects.bulk_create([
        model("Service")(
            code="route", carrier_id="lonja", name="Lonja Combi", max_weight_grams=1_000_000, max_side_mm=10_000, **shared
        ),
        model("Service")(
            code=SERVICE, carrier_id=CARRIER, name="Troncal Bolsa", hubs_only=True, max_weight_grams=30_000,
            max_side_mm=1_500, pickup_weekdays="012345", delivery_weekdays="012345", **shared
        ),
    ])
    zones = dict(model("Zone").objects.values_list("country", "zone"))
    hubs = {hub.code: hub for hub in model("Hub").objects.all()}
    roads = set(
        model("Link").objects.filter(start__isnull=False, end__isnull=False).values_list("start_id", "end_id")
    )
    ways = sorted(road for road in roads if hubs[road[0]].country != hubs[road[1]].country)
    lanes = sorted({(zones[hubs[start].country], zones[hubs[end].country]) for start, end in ways})
    for sheet in model("RateSheet").objects.all():
        for start, end in lanes:
            (first, further), (low, middle, high) = FAR[distance(start, end)]
            rate = model("Rate").objects.create(
                sheet=sheet, service_id=SERVICE, origin_zone=start, destination_zone=end, p10_days=low,
                p50_days=middle, p90_days=high,
            )
            model("RateStep").objects.bulk_create(
                model("RateStep")(
                    rate=rate, up_to_grams=grams, currency="EUR",
                    price_minor=first + further * max(grams - 1_000, 0) // 1_000,
                )
                for grams in WEIGHTS
            )
        sheet.revision += 1
        sheet.save(update_fields=["revision"])
    model("Link").objects.bulk_create(
        model("Link")(service_id=SERVICE, start_id=start, end_id=end) for start, end in ways
    )


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0013_express_roads'),
    ]

    operations = [
        migrations.AddField(
            model_name='service',
            name='hubs_only',
            field=models.BooleanField(default=False, help_text='a leg of routes between hubs; never from door to door'),
        ),
        migrations.AddField(
            model_name='trackingevent',
            name='leg',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='of a route; 0: one carrier all the way'),
        ),
        migrations.AlterField(
            model_name='trackingevent',
            name='carrier_event_id',
            field=models.CharField(max_length=64),
        ),
        migrations.AlterField(
            model_name='trackingevent',
            name='corrects',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.CreateModel(
            name='ShipmentLeg',
            fields=[
                ('id', models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('price_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('carrier_number', models.CharField(blank=True, max_length=40)),
                ('booked_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(help_text='when the carrier is told that the parcel waits for it', null=True)),
                ('announced_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('replaced_at', models.DateTimeField(null=True)),
                ('carrier', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.carrier')),
                ('end', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.hub')),
                ('service', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.service')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legs', to='logistics.shipment')),
                ('start', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.hub')),
            ],
            options={
                'ordering': ('number', 'id'),
            },
        ),
        migrations.AddField(
            model_name='claim',
            name='leg',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.shipmentleg'),
        ),
        migrations.AddIndex(
            model_name='shipmentleg',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='leg_due'),
        ),
        migrations.AddConstraint(
            model_name='shipmentleg',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('shipment', 'number'), name='one_carrier_for_a_leg'),
        ),
        migrations.AddConstraint(
            model_name='shipmentleg',
            constraint=models.UniqueConstraint(condition=models.Q(('carrier_number', ''), _negated=True), fields=('carrier', 'carrier_number'), name='one_leg_per_carrier_number'),
        ),
        migrations.AddConstraint(
            model_name='shipmentleg',
            constraint=models.CheckConstraint(condition=models.Q(('price_minor__gte', 0)), name='leg_price_not_negative'),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
