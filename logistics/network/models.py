"""The lane graph: hubs, and the carrier services that go between a door and a hub, or two hubs."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from logistics.rates.models import Service


class Hub(models.Model):
    """A sorting centre where a parcel may change its carrier. `handling_hours`: from unloading to loading, as a rule."""

    code = models.CharField(max_length=8, primary_key=True)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    latitude = models.DecimalField(
        max_digits=7, decimal_places=4, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.DecimalField(
        max_digits=7, decimal_places=4, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    handling_hours = models.PositiveSmallIntegerField(default=6)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.city} ({self.country})"


class Link(models.Model):
    """A service that may be used for a leg: without a start it collects in the end's country, without an end it delivers
    in the start's. Price and days are those of its rate sheet between the two countries."""

    id = models.BigAutoField(primary_key=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="links")
    start = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    end = models.ForeignKey(Hub, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["service", "start", "end"], name="one_link", nulls_distinct=False),
            models.CheckConstraint(
                condition=models.Q(start__isnull=False) | models.Q(end__isnull=False), name="link_touches_a_hub"
            ),
            models.CheckConstraint(
                condition=models.Q(start=None) | models.Q(end=None) | ~models.Q(start=models.F("end")),
                name="link_goes_somewhere",
            ),
        )
