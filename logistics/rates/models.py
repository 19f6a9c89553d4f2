"""Rate sheets, services, zones, calendars and conversions: prices and promises as data."""

from __future__ import annotations

from django.db import models

from logistics.carriers.models import Carrier
from logistics.contracts import HandlingMark


class RateSheet(models.Model):
    """A version of all rates. The newest published one is in force; old ones stay for the shipments sold under them.

    `revision` grows with every change of services, holidays or conversions, so that processes reload their copy.
    """

    version = models.PositiveIntegerField(primary_key=True)
    published_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"Rates {self.version}"


class Service(models.Model):
    """What a carrier offers: limits, cut-off and days of work. Weights in grams, sizes in millimetres."""

    code = models.CharField(max_length=40, primary_key=True)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=80)
    delivery_kind = models.CharField(max_length=12, choices=[("EXPRESS", "Express"), ("POST", "Post")])
    tracked = models.BooleanField(default=True)
    max_weight_grams = models.PositiveIntegerField()
    max_side_mm = models.PositiveIntegerField()
    volumetric_divisor = models.PositiveIntegerField(help_text="cubic centimetres that count as one kilogram")
    cutoff_hour = models.PositiveSmallIntegerField(help_text="local hour until which a parcel leaves the same day")
    pickup_weekdays = models.CharField(max_length=7, default="01234", help_text="0 is Monday")
    delivery_weekdays = models.CharField(max_length=7, default="01234", help_text="0 is Monday")
    hubs_only = models.BooleanField(default=False, help_text="a leg of routes between hubs; never from door to door")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """The zone a country belongs to, and the clock its cut-offs go by."""

    country = models.CharField(max_length=2, primary_key=True)
    zone = models.CharField(max_length=12)
    time_zone = models.CharField(max_length=40)

    class Meta:
        ordering = ("country",)


class Rate(models.Model):
    """A lane of a service: working days in transit at three quantiles. Destination zone HOME: within one country."""

    id = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(RateSheet, on_delete=models.PROTECT, related_name="rates")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="rates")
    origin_zone = models.CharField(max_length=12)
    destination_zone = models.CharField(max_length=12)
    p10_days = models.PositiveSmallIntegerField()
    p50_days = models.PositiveSmallIntegerField()
    p90_days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["sheet", "service", "origin_zone", "destination_zone"], name="one_rate_per_lane"
            ),
            models.CheckConstraint(
                condition=models.Q(p10_days__lte=models.F("p50_days"), p50_days__lte=models.F("p90_days")),
                name="rate_quantiles_ordered",
            ),
        )


class RateStep(models.Model):
    """The price up to and including a chargeable weight."""

    id = models.BigAutoField(primary_key=True)
    rate = models.ForeignKey(Rate, on_delete=models.PROTECT, related_name="steps")
    up_to_grams = models.PositiveIntegerField()
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("rate", "up_to_grams")
        constraints = (
            models.UniqueConstraint(fields=["rate", "up_to_grams"], name="one_price_per_step"),
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="step_price_not_negative"),
        )


class LaneScore(models.Model):
    """How a service did between two countries over the last 180 days; measured again every hour from what arrived."""

    id = models.BigAutoField(primary_key=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="scores")
    origin_country = models.CharField(max_length=2)
    destination_country = models.CharField(max_length=2)
    scored = models.PositiveIntegerField(help_text="promises that were kept or broken")
    kept = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    class Meta:
        ordering = ("service", "origin_country", "destination_country")
        constraints = (
            models.UniqueConstraint(
                fields=["service", "origin_country", "destination_country"], name="one_score_per_lane"
            ),
            models.CheckConstraint(condition=models.Q(kept__lte=models.F("scored")), name="lane_score_possible"),
        )


class HandlingRule(models.Model):
    """Whether a carrier (none: any), a service (none: all), or a country takes goods with a mark; see rates.handling."""

    id = models.BigAutoField(primary_key=True)
    mark = models.CharField(max_length=12, choices=[(mark.value, mark.value.title()) for mark in HandlingMark])
    carrier = models.ForeignKey(Carrier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    country = models.CharField(
        max_length=2, blank=True, help_text="prohibits goods from abroad; empty: a carrier's rule"
    )
    is_taken = models.BooleanField(default=False)
    most_days = models.PositiveSmallIntegerField(default=0, help_text="working days, nine in ten; 0: however long")

    class Meta:
        ordering = ("mark", "country", "carrier", "service")
        constraints = (
            models.UniqueConstraint(
                fields=["mark", "carrier", "service", "country"], name="one_handling_rule", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(country="") | models.Q(is_taken=False), name="countries_only_prohibit"
            ),
        )


class Holiday(models.Model):
    """A day on which carriers neither collect nor deliver in `country`; without a year it comes back every year."""

    id = models.BigAutoField(primary_key=True)
    country = models.CharField(max_length=2)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    month = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ("country", "month", "day")
        constraints = (
            models.UniqueConstraint(
                fields=["country", "year", "month", "day"], name="one_holiday_a_day", nulls_distinct=False
            ),
        )


class Conversion(models.Model):
    """The fixed table by which prices of a sheet in `base` are offered in `currency`: millionths per unit of base."""

    id = models.BigAutoField(primary_key=True)
    base = models.CharField(max_length=3)
    currency = models.CharField(max_length=3)
    millionths = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["base", "currency"], name="one_rate_conversion"),
            models.CheckConstraint(condition=models.Q(millionths__gt=0), name="conversion_positive"),
        )
