"""Goods that need care: marks of parcels, and what carriers of the demo network and countries say about them."""

import django.db.models.deletion
from django.db import migrations, models

RULES = (
    # mark, carrier, service, country, is taken, most days
    ("DANGEROUS", None, None, "", False, 0), ("DANGEROUS", None, "ruta-plus", "", True, 0),
    ("DANGEROUS", "norte", None, "", True, 0), ("DANGEROUS", None, None, "GB", False, 0),
    ("DANGEROUS", None, None, "US", False, 0),
    ("FRAGILE", "troncal", None, "", False, 0), ("FRAGILE", "andes", None, "", False, 0),
    ("PERISHABLE", None, None, "", True, 3), ("PERISHABLE", "correo-sur", None, "", False, 0),
    ("PERISHABLE", None, None, "US", False, 0), ("PERISHABLE", None, None, "CN", False, 0),
    ("HIGH_VALUE", "troncal", None, "", False, 0), ("HIGH_VALUE", "andes", None, "", False, 0),
)


def load(apps, schema_editor):
    apps.get_model("logistics", "HandlingRule").objects.bulk_create(
        apps.get_model("logistics", "HandlingRule")(
            mark=mark, carrier_id=carrier, service_id=service, country=country, is_taken=is_taken, most_days=days
        )
        for mark, carrier, service, country, is_taken, days in RULES
    )


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0014_routes_booked'),
    ]

    operations = [
        migrations.AddField(
            model_name='parcel',
            name='marks',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.CreateModel(
            name='HandlingRule',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('mark', models.CharField(choices=[('DANGEROUS', 'Dangerous'), ('FRAGILE', 'Fragile'), ('PERISHABLE', 'Perishable'), ('HIGH_VALUE', 'High_Value')], max_length=12)),
                ('country', models.CharField(blank=True, help_text="prohibits goods from abroad; empty: a carrier's rule", max_length=2)),
                ('is_taken', models.BooleanField(default=False)),
                ('most_days', models.PositiveSmallIntegerField(default=0, help_text='working days, nine in ten; 0: however long')),
                ('carrier', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.carrier')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.service')),
            ],
            options={
                'ordering': ('mark', 'country', 'carrier', 'service'),
                'constraints': [models.UniqueConstraint(fields=('mark', 'carrier', 'service', 'country'), name='one_handling_rule', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('country', ''), ('is_taken', False), _connector='OR'), name='countries_only_prohibit')],
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
