"""Cartons as data: three usual sizes that everyone packs into who has none of their own."""

import core.ids
import django.core.validators
from django.db import migrations, models

USUAL = (
    # name, inner millimetres, own weight, most weight inside
    ("Small carton", 350, 250, 150, 150, 8_000), ("Medium carton", 450, 350, 300, 350, 15_000),
    ("Large carton", 600, 400, 400, 600, 19_000),
)


def load(apps, schema_editor):
    apps.get_model("logistics", "Carton").objects.bulk_create(
        apps.get_model("logistics", "Carton")(
            name=name, length_mm=length, width_mm=width, height_mm=height, tare_grams=tare, most_grams=most
        )
        for name, length, width, height, tare, most in USUAL
    )


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0015_handling'),
    ]

    operations = [
        migrations.CreateModel(
            name='Carton',
            fields=[
                ('id', models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('seller_id', models.UUIDField(blank=True, null=True)),
                ('name', models.CharField(max_length=40)),
                ('length_mm', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(20), django.core.validators.MaxValueValidator(3000)])),
                ('width_mm', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(20), django.core.validators.MaxValueValidator(3000)])),
                ('height_mm', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(20), django.core.validators.MaxValueValidator(3000)])),
                ('tare_grams', models.PositiveIntegerField(validators=[django.core.validators.MaxValueValidator(10000)])),
                ('most_grams', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(100), django.core.validators.MaxValueValidator(100000)])),
            ],
            options={
                'ordering': ('length_mm', 'name'),
                'constraints': [models.UniqueConstraint(fields=('seller_id', 'name'), name='one_carton_of_a_name', nulls_distinct=False)],
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
