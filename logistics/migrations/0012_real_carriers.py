"""Carriers with a published interface: switched off until the operator has an account and enters its prices."""

import django.db.models.deletion
from django.db import migrations, models


CARRIERS = (
    ("fedex", "FedEx"), ("ups", "UPS"), ("usps", "USPS"), ("dhl-express", "DHL Express"), ("canadapost", "Canada Post"),
)
SERVICES = (
    # code, carrier, name, kind, max g, max side mm, divisor, cut-off
    ("fedex-ground", "fedex", "FedEx Ground", "POST", 68_000, 2_740, 5000, 17),
    ("fedex-overnight", "fedex", "FedEx Standard Overnight", "EXPRESS", 68_000, 3_020, 5000, 17),
    ("ups-ground", "ups", "UPS Ground", "POST", 68_000, 2_740, 5000, 17),
    ("ups-2nd-day", "ups", "UPS 2nd Day Air", "EXPRESS", 68_000, 2_740, 5000, 17),
    ("usps-ground", "usps", "USPS Ground Advantage", "POST", 31_750, 2_740, 6000, 16),
    ("usps-priority", "usps", "USPS Priority Mail", "EXPRESS", 31_750, 2_740, 6000, 16),
    ("dhl-domestic", "dhl-express", "DHL Express Domestic", "EXPRESS", 70_000, 1_200, 5000, 17),
    ("canadapost-expedited", "canadapost", "Canada Post Expedited Parcel", "POST", 30_000, 2_000, 5000, 16),
    ("canadapost-xpresspost", "canadapost", "Canada Post Xpresspost", "EXPRESS", 30_000, 2_000, 5000, 16),
)


def load(apps, schema_editor):
    carrier, service = apps.get_model("logistics", "Carrier"), apps.get_model("logistics", "Service")
    carrier.objects.bulk_create(
        carrier(code=code, name=name, gateway="karrio", is_active=False) for code, name in CARRIERS
    )
    names = ("code", "carrier_id", "name", "delivery_kind", "max_weight_grams", "max_side_mm", "volumetric_divisor",
             "cutoff_hour")  # fmt: skip
    service.objects.bulk_create(service(**dict(zip(names, row))) for row in SERVICES)


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0011_network'),
    ]

    operations = [
        migrations.CreateModel(
            name='CarrierBooking',
            fields=[
                ('reference', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=40)),
                ('identifier', models.CharField(max_length=80)),
                ('label', models.BinaryField(default=b'')),
                ('booked_at', models.DateTimeField()),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('carrier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.carrier')),
            ],
            options={
                'ordering': ('-booked_at',),
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
