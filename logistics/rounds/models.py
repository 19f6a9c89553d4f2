"""Small couriers, where postcodes are, and the rounds of a day."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from core.ids import new_id
from logistics.carriers.models import Carrier
from logistics.pickups.models import Pickup
from logistics.shipments.models import Shipment


def _latitude() -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(
        max_digits=7, decimal_places=4, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )


def _longitude() -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(
        max_digits=7, decimal_places=4, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )


class Courier(models.Model):
    """A contract carrier without systems of its own, whose round is planned here. Hours by the clock of its town."""

    carrier = models.OneToOneField(Carrier, primary_key=True, on_delete=models.PROTECT, related_name="courier")
    base = models.CharField(max_length=200, help_text="address where the couriers begin and end")
    latitude = _latitude()
    longitude = _longitude()
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=40, default="Europe/Madrid")
    first_hour = models.PositiveSmallIntegerField(default=9)
    last_hour = models.PositiveSmallIntegerField(default=19)
    couriers = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(20)])
    speed_kmh = models.PositiveSmallIntegerField(default=15, validators=[MinValueValidator(1)])
    stop_minutes = models.PositiveSmallIntegerField(default=4)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(first_hour__lt=F("last_hour"), last_hour__lte=24, speed_kmh__gte=1, couriers__gte=1),
                name="courier_can_work",
            ),
        )

    def __str__(self) -> str:
        return self.carrier_id


class PostcodePlace(models.Model):
    """Where a postcode is, or all that begin alike; loaded by `load_postcodes` or entered by the operator."""

    id = models.BigAutoField(primary_key=True)
    country = models.CharField(max_length=2)
    postcode = models.CharField(max_length=12)
    latitude = _latitude()
    longitude = _longitude()

    class Meta:
        ordering = ("country", "postcode")
        constraints = (models.UniqueConstraint(fields=["country", "postcode"], name="one_place_of_a_postcode"),)

    def __str__(self) -> str:
        return f"{self.country} {self.postcode}"


class Round(models.Model):
    """A courier's stops of one day as planned last."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    courier = models.ForeignKey(Courier, on_delete=models.PROTECT, related_name="rounds")
    day = models.DateField()
    metres = models.PositiveIntegerField()
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=120)

    class Meta:
        ordering = ("-day", "courier")
        constraints = (models.UniqueConstraint(fields=["courier", "day"], name="one_round_a_day"),)

    def __str__(self) -> str:
        return f"{self.courier_id} {self.day}"


class RoundStop(models.Model):
    """A pickup or a delivery of a round. Number 0: left out, for `reason`."""

    id = models.BigAutoField(primary_key=True)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="stops")
    number = models.PositiveSmallIntegerField()
    courier_number = models.PositiveSmallIntegerField(default=0)
    pickup = models.ForeignKey(Pickup, null=True, on_delete=models.PROTECT, related_name="+")
    shipment = models.ForeignKey(Shipment, null=True, on_delete=models.PROTECT, related_name="+")
    latitude = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    longitude = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    arrives_at = models.DateTimeField(null=True)
    leaves_at = models.DateTimeField(null=True)
    metres = models.PositiveIntegerField(default=0)
    reason = models.CharField(
        max_length=10, blank=True, choices=[("NO_PLACE", "not on the map"), ("NO_TIME", "no time for it")]
    )

    class Meta:
        ordering = ("round", "courier_number", "number")
        constraints = (
            models.CheckConstraint(
                condition=Q(pickup__isnull=True, shipment__isnull=False)
                | Q(pickup__isnull=False, shipment__isnull=True),
                name="stop_is_one_thing",
            ),
        )
