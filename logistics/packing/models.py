"""Cartons as data: the platform's, and sellers' own."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.ids import new_id

SIDES = (MinValueValidator(20), MaxValueValidator(3_000))


class Carton(models.Model):
    """A box goods are packed into: inner size (mm), own weight and most weight inside (g). Without a seller it is everyone's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField(null=True, blank=True)
    name = models.CharField(max_length=40)
    length_mm = models.PositiveIntegerField(validators=SIDES)
    width_mm = models.PositiveIntegerField(validators=SIDES)
    height_mm = models.PositiveIntegerField(validators=SIDES)
    tare_grams = models.PositiveIntegerField(validators=[MaxValueValidator(10_000)])
    most_grams = models.PositiveIntegerField(validators=[MinValueValidator(100), MaxValueValidator(100_000)])

    class Meta:
        ordering = ("length_mm", "name")
        constraints = (
            models.UniqueConstraint(fields=["seller_id", "name"], name="one_carton_of_a_name", nulls_distinct=False),
        )

    def __str__(self) -> str:
        return self.name
