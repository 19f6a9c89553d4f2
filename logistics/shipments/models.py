"""Shipments, their parcels, addresses, promises and transitions."""

from __future__ import annotations

from django.db import models

from core.database import append_only
from core.ids import new_id
from core.money import Money
from core.personal import personal
from logistics.carriers.models import Carrier
from logistics.contracts import HandlingMark, ShipmentPurpose, ShipmentState, TrackingStatus
from logistics.network.models import Hub
from logistics.rates.handling import MARK_WORDS
from logistics.rates.models import Service

STATES = [(state.value, state.value) for state in ShipmentState]
STATUSES = [(status.value, status.value) for status in TrackingStatus]


class Shipment(models.Model):
    """The transport of one seller order (or of a return, see `purpose`), from the wish to book it to its end. `waybill` is the
    platform's number; `seller_id` sends and `buyer_id` gets it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField(db_index=True)
    purpose = models.CharField(
        max_length=12, choices=[(p.value, p.value) for p in ShipmentPurpose], default=ShipmentPurpose.ORDER, db_default="ORDER"
    )  # fmt: skip
    seller_id = models.UUIDField()
    buyer_id = models.UUIDField()
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+", db_index=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=16, choices=STATES, default=ShipmentState.BOOKING)
    tracking_status = models.CharField(max_length=20, choices=STATUSES, default=TrackingStatus.REGISTERED)
    waybill = models.CharField(max_length=20)
    carrier_number = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=40)
    contents = models.CharField(max_length=120)
    origin_country = models.CharField(max_length=2)
    destination_country = models.CharField(max_length=2)
    destination_time_zone = models.CharField(max_length=40)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    booked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    handover_declared_at = models.DateTimeField(null=True)
    handover_announced_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    delivery_told_at = models.DateTimeField(null=True)
    kept_promise = models.BooleanField(null=True)

    call_attempts = models.PositiveSmallIntegerField(default=0)
    call_due_at = models.DateTimeField(null=True)
    call_error = models.CharField(max_length=200, blank=True)
    poll_due_at = models.DateTimeField(null=True)
    silent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-booked_at",)
        constraints = (
            models.UniqueConstraint(fields=["waybill"], name="one_shipment_per_waybill"),
            models.UniqueConstraint(
                fields=["order_id"], name="one_live_shipment", condition=~models.Q(state="CANCELLED")
            ),
            models.UniqueConstraint(
                fields=["carrier", "carrier_number"], name="one_shipment_per_carrier_number",
                condition=~models.Q(carrier_number=""),
            ),
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="shipment_price_not_negative"),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["call_due_at"], name="shipment_call", condition=models.Q(call_due_at__isnull=False)),
            models.Index(fields=["silent_at"], name="shipment_silent", condition=models.Q(silent_at__isnull=False)),
            models.Index(fields=["poll_due_at"], name="shipment_poll", condition=models.Q(poll_due_at__isnull=False)),
            models.Index(
                fields=["tracking_status"], name="shipment_harmed",
                condition=models.Q(tracking_status__in=("SUSPECTED_LOST", "LOST", "DAMAGED")),
            ),
            models.Index(
                fields=["delivered_at"], name="shipment_late", condition=models.Q(kept_promise=False),
            ),
            models.Index(
                fields=["seller_id", "kept_promise"], name="shipment_kept",
                condition=models.Q(kept_promise__isnull=False),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.waybill


class ShipmentAddress(models.Model):
    """Where a shipment comes from or goes to, as printed on the label."""

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=10, choices=[("SENDER", "sender"), ("RECIPIENT", "recipient")])
    name = personal(models.CharField(max_length=120))
    street = personal(models.CharField(max_length=200))
    city = models.CharField(max_length=120)
    postcode = personal(models.CharField(max_length=20, blank=True))
    region = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2)
    phone = personal(models.CharField(max_length=40, blank=True))

    class Meta:
        constraints = (models.UniqueConstraint(fields=["shipment", "kind"], name="one_address_of_a_kind"),)


class Parcel(models.Model):
    """A logistic unit with its SSCC. Grams and millimetres."""

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="parcels")
    position = models.PositiveSmallIntegerField(default=1)
    sscc = models.CharField(max_length=18, unique=True)
    weight_grams = models.PositiveIntegerField()
    length_mm = models.PositiveIntegerField(default=0)
    width_mm = models.PositiveIntegerField(default=0)
    height_mm = models.PositiveIntegerField(default=0)
    marks = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["shipment", "position"], name="one_parcel_at_a_position"),)

    @property
    def mark_words(self) -> list[str]:
        """What its goods are, in the active language."""
        return [str(MARK_WORDS[HandlingMark(mark)]) for mark in self.marks]


class ShipmentLeg(models.Model):
    """One carrier's part of a shipment that several carry, in order. Without a hub it begins (or ends) at the door. `id` is our
    reference at the carrier. A carrier that failed is replaced by another row of the same number."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="legs")
    number = models.PositiveSmallIntegerField()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+", db_index=False)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+", db_index=False)
    start = models.ForeignKey(Hub, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    end = models.ForeignKey(Hub, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    carrier_number = models.CharField(max_length=40, blank=True)
    booked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="when the carrier is told that the parcel waits for it")
    announced_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["shipment", "number"], name="one_carrier_for_a_leg", condition=models.Q(replaced_at=None)
            ),
            models.UniqueConstraint(
                fields=["carrier", "carrier_number"], name="one_leg_per_carrier_number",
                condition=~models.Q(carrier_number=""),
            ),
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="leg_price_not_negative"),
        )  # fmt: skip
        indexes = (models.Index(fields=["due_at"], name="leg_due", condition=models.Q(due_at__isnull=False)),)

    def __str__(self) -> str:
        return f"{self.number}: {self.carrier_id}"

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)


class Promise(models.Model):
    """The promise as sold: a contract. Append-only; its score stands on the shipment."""

    shipment = models.OneToOneField(Shipment, primary_key=True, on_delete=models.PROTECT, related_name="promise")
    earliest_date = models.DateField()
    latest_date = models.DateField()
    ship_by = models.DateTimeField()
    quantile_bps = models.PositiveIntegerField()
    model_version = models.CharField(max_length=40)
    inputs = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        triggers = append_only()


class ShipmentTransition(models.Model):
    """One change of state: from, to, by whom, why, when."""

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    action = models.CharField(max_length=16)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        triggers = append_only()
