"""The custody chain: for each unit one line of holders without gaps, kept by the database."""

from __future__ import annotations

import pgtrigger
from django.db import models

from core.database import append_only
from logistics.custody.rules import Basis, Side
from logistics.shipments.models import Parcel

CHAIN = """
    DECLARE last record;
    BEGIN
      SELECT number, holder, since INTO last FROM logistics_custody WHERE parcel_id = NEW.parcel_id ORDER BY number DESC LIMIT 1;
      IF last IS NULL THEN
        IF NEW.number <> 1 OR NEW.giver <> '' THEN
          RAISE EXCEPTION 'custody begins with number 1 and no giver' USING ERRCODE = '23514';
        END IF;
      ELSIF NEW.number <> last.number + 1 OR NEW.giver <> last.holder OR NEW.since < last.since THEN
        RAISE EXCEPTION 'only who holds a unit can give it away, one after the other' USING ERRCODE = '23514';
      END IF;
      RETURN NEW;
    END;
"""


class Custody(models.Model):
    """From `since` on `holder` has the unit, given by `giver`. The last row of a unit says who has it now."""

    id = models.BigAutoField(primary_key=True)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="custody", db_index=False)
    number = models.PositiveIntegerField()
    giver = models.CharField(max_length=60, blank=True)
    holder = models.CharField(max_length=60)
    basis = models.CharField(max_length=12, choices=[(basis.value, basis.value) for basis in Basis])
    since = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "logistics_custody"
        ordering = ("parcel", "number")
        constraints = (
            models.UniqueConstraint(fields=["parcel", "number"], name="one_holder_at_a_time"),
            models.CheckConstraint(condition=~models.Q(holder=models.F("giver")), name="custody_changes_hands"),
            models.CheckConstraint(condition=~models.Q(holder=""), name="custody_has_a_holder"),
        )
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="chain", operation=pgtrigger.Insert, when=pgtrigger.Before, level=pgtrigger.Row,
                declare=[("last", "record")], func=CHAIN.split("BEGIN", 1)[1].rsplit("END;", 1)[0],
            ),
        ]  # fmt: skip


class HandOverScan(models.Model):
    """One side's scan of a unit at a hand-over, as it was made; append-only."""

    id = models.BigAutoField(primary_key=True)
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="hand_over_scans")
    side = models.CharField(max_length=4, choices=[(side.value, side.value) for side in Side])
    party = models.CharField(max_length=60)
    other = models.CharField(max_length=60, blank=True)
    scanned_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["parcel", "side", "scanned_at"], name="hand_over_scan"),)
        triggers = append_only()


class Bag(models.Model):
    """A unit that holds units: what happens to a closed bag happens to its parcels."""

    id = models.BigAutoField(primary_key=True)
    sscc = models.CharField(max_length=18, unique=True)
    holder = models.CharField(max_length=60)
    closed_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-closed_at",)

    def __str__(self) -> str:
        return self.sscc


class BagParcel(models.Model):
    """A parcel in a bag; in one closed bag at a time."""

    id = models.BigAutoField(primary_key=True)
    bag = models.ForeignKey(Bag, on_delete=models.PROTECT, related_name="contents")
    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="bags")
    is_inside = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["parcel"], name="in_one_bag_at_a_time", condition=models.Q(is_inside=True)),
        )
