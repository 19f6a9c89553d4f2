"""What goods ask of carriers: marks of listings, at first those of their category."""

from django.db import migrations, models

MARKS = {
    "FRAGILE": ("tableware", "vases", "lamps"),
    "HIGH_VALUE": ("necklaces", "bracelets"),
}


def load(apps, schema_editor):
    category, listing = apps.get_model("marketplace", "Category"), apps.get_model("marketplace", "Listing")
    for mark, codes in MARKS.items():
        category.objects.filter(code__in=codes).update(marks=[mark])
        listing.objects.filter(category_id__in=codes).update(marks=[mark])


class Migration(migrations.Migration):

    dependencies = [
        ('marketplace', '0022_parcel_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='category',
            name='marks',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='handling marks of new listings'),
        ),
        migrations.AddField(
            model_name='listing',
            name='marks',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
