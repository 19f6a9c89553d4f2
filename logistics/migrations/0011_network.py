"""The lane graph: hubs of the simulated network, and which services go between them."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


# code, city, country, latitude, longitude, hours from unloading to loading
HUBS = (
    ("MAD", "Madrid", "ES", "40.4168", "-3.7038", 4), ("ZAZ", "Zaragoza", "ES", "41.6488", "-0.8891", 4),
    ("LIS", "Lisboa", "PT", "38.7223", "-9.1393", 6), ("PAR", "Paris", "FR", "48.8566", "2.3522", 5),
    ("MIL", "Milano", "IT", "45.4642", "9.1900", 6), ("LEJ", "Leipzig", "DE", "51.3397", "12.3731", 4),
    ("UTC", "Utrecht", "NL", "52.0907", "5.1214", 4), ("VIE", "Wien", "AT", "48.2082", "16.3738", 6),
    ("CVT", "Coventry", "GB", "52.4068", "-1.5197", 6), ("LCJ", "Łódź", "PL", "51.7592", "19.4560", 6),
    ("JKG", "Jönköping", "SE", "57.7826", "14.1618", 6), ("KLD", "Kolding", "DK", "55.4904", "9.4722", 6),
    ("ATH", "Athina", "GR", "37.9838", "23.7275", 8), ("CMN", "Casablanca", "MA", "33.5731", "-7.5898", 10),
    ("MEM", "Memphis", "US", "35.1495", "-90.0490", 5), ("QRO", "Querétaro", "MX", "20.5888", "-100.3899", 8),
    ("BOG", "Bogotá", "CO", "4.7110", "-74.0721", 10), ("LIM", "Lima", "PE", "-12.0464", "-77.0428", 10),
    ("SCL", "Santiago", "CL", "-33.4489", "-70.6693", 10), ("GRU", "São Paulo", "BR", "-23.5505", "-46.6333", 10),
    ("SZX", "Shenzhen", "CN", "22.5431", "114.0579", 6), ("OSA", "Osaka", "JP", "34.6937", "135.5023", 5),
)
ROADS = (
    "MAD-ZAZ MAD-LIS ZAZ-PAR MAD-CMN PAR-UTC PAR-MIL PAR-CVT PAR-LEJ UTC-LEJ UTC-CVT UTC-KLD MIL-VIE MIL-ATH LEJ-VIE LEJ-LCJ"
    " LEJ-KLD KLD-JKG VIE-LCJ VIE-ATH MAD-MEM PAR-MEM MAD-QRO MAD-BOG MEM-QRO QRO-BOG BOG-LIM LIM-SCL SCL-GRU BOG-GRU"
    " MAD-GRU SZX-OSA SZX-LEJ SZX-MEM OSA-MEM SZX-MAD"
).split()


def load(apps, schema_editor):
    """A link wherever the rate sheet in force has a price, so that no link leads to nothing."""
    model = lambda name: apps.get_model("logistics", name)  # noqa: E731
    hubs = {
        row[0]: model("Hub")(**dict(zip(("code", "city", "country", "latitude", "longitude", "handling_hours"), row)))
        for row in HUBS
    }
    model("Hub").objects.bulk_create(hubs.values())
    zones = dict(model("Zone").objects.values_list("country", "zone"))
    sheet = model("RateSheet").objects.filter(published_at__isnull=False).order_by("-version").first()
    lanes = set(model("Rate").objects.filter(sheet=sheet).values_list("service_id", "origin_zone", "destination_zone"))
    services = sorted(model("Service").objects.filter(tracked=True).values_list("code", flat=True))

    def goes(service, start, end):
        target = "HOME" if start.country == end.country else zones[end.country]
        return (service, zones[start.country], target) in lanes

    ways = [way for road in ROADS for way in (road.split("-"), road.split("-")[::-1])]
    links = [
        model("Link")(service_id=service, start=hubs[start], end=hubs[end])
        for start, end in ways for service in services if goes(service, hubs[start], hubs[end])
    ]
    for hub in hubs.values():
        for service in services:
            if goes(service, hub, hub):
                links += [model("Link")(service_id=service, end=hub), model("Link")(service_id=service, start=hub)]
    model("Link").objects.bulk_create(links)


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0010_lane_scores'),
    ]

    operations = [
        migrations.CreateModel(
            name='Hub',
            fields=[
                ('code', models.CharField(max_length=8, primary_key=True, serialize=False)),
                ('city', models.CharField(max_length=80)),
                ('country', models.CharField(max_length=2)),
                ('latitude', models.DecimalField(decimal_places=4, max_digits=7, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)])),
                ('longitude', models.DecimalField(decimal_places=4, max_digits=7, validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)])),
                ('handling_hours', models.PositiveSmallIntegerField(default=6)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ('code',),
            },
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('is_active', models.BooleanField(default=True)),
                ('end', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.hub')),
                ('service', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='logistics.service')),
                ('start', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.hub')),
            ],
            options={
                'ordering': ('id',),
                'constraints': [models.UniqueConstraint(fields=('service', 'start', 'end'), name='one_link', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('start__isnull', False), ('end__isnull', False), _connector='OR'), name='link_touches_a_hub'), models.CheckConstraint(condition=models.Q(('start', None), ('end', None), models.Q(('start', models.F('end')), _negated=True), _connector='OR'), name='link_goes_somewhere')],
            },
        ),
        migrations.RunPython(load, migrations.RunPython.noop),
    ]
