"""Pickups: what carriers ask for, standing bookings, single ones, and the parcels that went with them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.database import append_only
from core.ids import new_id
from core.personal import personal
from logistics.carriers.models import Carrier
from logistics.contracts import Address
from logistics.pickups.rules import Terms
from logistics.pickups.states import OPEN, PickupState
from logistics.shipments.models import Shipment

STATES = [(state.value, state.value.title()) for state in PickupState]


class PickupTerms(models.Model):
    """How a carrier collects. A carrier without a row takes no bookings. Hours are those of the place's clock."""

    carrier = models.OneToOneField(Carrier, primary_key=True, on_delete=models.PROTECT, related_name="pickup_terms")
    first_hour = models.PositiveSmallIntegerField(default=9)
    last_hour = models.PositiveSmallIntegerField(default=18)
    least_hours = models.PositiveSmallIntegerField(default=2, help_text="shortest window")
    cutoff_hour = models.PositiveSmallIntegerField(default=9, help_text="hour until which it may be changed")
    cutoff_days_before = models.PositiveSmallIntegerField(default=0, help_text="0: on the day itself")
    weekdays = models.CharField(max_length=7, default="01234", help_text="0 is Monday")

    class Meta:
        verbose_name_plural = "pickup terms"
        constraints = (
            models.CheckConstraint(
                condition=Q(first_hour__lt=F("last_hour"), last_hour__lte=24, cutoff_hour__lte=24),
                name="pickup_hours_possible",
            ),
        )

    def __str__(self) -> str:
        return self.carrier_id

    @property
    def terms(self) -> Terms:
        return Terms(
            self.first_hour, self.last_hour, self.least_hours, self.cutoff_hour, self.cutoff_days_before,
            frozenset(map(int, self.weekdays)),
        )  # fmt: skip


class Door(models.Model):
    """Where the carrier rings."""

    name = personal(models.CharField(max_length=120))
    street = personal(models.CharField(max_length=200))
    city = models.CharField(max_length=120)
    postcode = personal(models.CharField(max_length=20, blank=True))
    region = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2)
    phone = personal(models.CharField(max_length=40, blank=True))
    note = personal(models.CharField(max_length=200, blank=True))

    class Meta:
        abstract = True

    @property
    def address(self) -> Address:
        return Address(
            name=self.name, street=self.street, city=self.city, postcode=self.postcode, country=self.country,
            region=self.region, phone=self.phone,
        )  # fmt: skip


class PickupSchedule(Door):
    """A standing booking: the carrier comes every week on these days. Pickups are made up to `made_until`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller_id = models.UUIDField(db_index=True)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+")
    weekdays = models.CharField(max_length=7)
    opens = models.TimeField()
    closes = models.TimeField()
    started_at = models.DateTimeField()
    made_until = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("started_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["seller_id", "carrier"], name="one_pickup_schedule", condition=Q(ended_at=None)
            ),
        )
        indexes = (models.Index(fields=["made_until"], name="pickup_schedule_due", condition=Q(ended_at=None)),)


class Pickup(Door):
    """The carrier comes once, on a day, within a window. What is ready for it then is on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    seller_id = models.UUIDField()
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+")
    schedule = models.ForeignKey(PickupSchedule, null=True, on_delete=models.PROTECT, related_name="pickups")
    day = models.DateField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    cutoff_at = models.DateTimeField()
    time_zone = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=STATES, default=PickupState.BOOKED)
    carrier_reference = models.CharField(max_length=40, blank=True)
    booked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    call_due_at = models.DateTimeField(null=True)
    call_attempts = models.PositiveSmallIntegerField(default=0)
    call_error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-day", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["seller_id", "carrier", "day"], name="one_open_pickup_a_day", condition=Q(state__in=OPEN)
            ),
            models.UniqueConstraint(fields=["schedule", "day"], name="one_pickup_of_a_schedule"),
            models.CheckConstraint(condition=Q(opens_at__lt=F("closes_at")), name="pickup_window_possible"),
        )
        indexes = (
            models.Index(fields=["seller_id", "-day"], name="pickup_of_seller"),
            models.Index(fields=["closes_at"], name="pickup_open", condition=Q(state__in=OPEN)),
            models.Index(fields=["call_due_at"], name="pickup_call", condition=Q(call_due_at__isnull=False)),
            models.Index(fields=["carrier", "day"], name="pickup_of_round"),
        )

    def __str__(self) -> str:
        return self.number


class PickupParcel(models.Model):
    """A parcel that went with a pickup; it goes once."""

    id = models.BigAutoField(primary_key=True)
    pickup = models.ForeignKey(Pickup, on_delete=models.PROTECT, related_name="parcels")
    shipment = models.OneToOneField(Shipment, on_delete=models.PROTECT, related_name="pickup_parcel")

    class Meta:
        triggers = append_only()


class PickupTransition(models.Model):
    """A step of a pickup: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    pickup = models.ForeignKey(Pickup, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        triggers = append_only()
