"""Claims against carriers, their windows, pictures, evidence and steps."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.database import append_only
from core.ids import new_id
from core.money import Money
from core.personal import personal
from logistics.carriers.models import Carrier
from logistics.claims.rules import ClaimType
from logistics.claims.states import TERMINAL, ClaimState
from logistics.rates.models import Service
from logistics.shipments.models import Shipment, ShipmentLeg

TYPES = [(kind.value, kind.value.replace("_", " ").title()) for kind in ClaimType]
STATES = [(state.value, state.value.replace("_", " ").title()) for state in ClaimState]


class ClaimWindow(models.Model):
    """When a carrier (none: any) takes claims of a type for a service (none: all). Guides disagree and change: data."""

    id = models.BigAutoField(primary_key=True)
    carrier = models.ForeignKey(Carrier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    claim_type = models.CharField(max_length=20, choices=TYPES)
    open_after_days = models.PositiveSmallIntegerField(help_text="after the promised day, or delivery")
    deadline_days = models.PositiveSmallIntegerField(help_text="after the same day")
    source_url = models.CharField(max_length=300, blank=True)
    checked_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("carrier", "service", "claim_type")
        constraints = (
            models.UniqueConstraint(
                fields=["carrier", "service", "claim_type"], name="one_claim_window", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(deadline_days__gte=F("open_after_days")), name="claim_window_opens_first"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.carrier_id or 'any'} {self.service_id or 'all'} {self.claim_type}"


class Claim(models.Model):
    """Money a carrier owes for one parcel; of a route, the carrier of the `leg` that held it. No amount: its value is not known
    yet. `pack` is frozen when it is sent in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="claims")
    leg = models.ForeignKey(ShipmentLeg, null=True, on_delete=models.PROTECT, related_name="+")
    claim_type = models.CharField(max_length=20, choices=TYPES)
    state = models.CharField(max_length=18, choices=STATES)
    amount_minor = models.BigIntegerField(null=True)
    approved_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    note = personal(models.TextField(max_length=2000, blank=True))
    carrier_reference = models.CharField(max_length=60, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    pack = models.JSONField(default=dict)
    pack_digest = models.CharField(max_length=64, blank=True)
    opened_by = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["shipment", "claim_type"], name="one_claim_of_a_type", condition=~Q(state="CANCELLED")
            ),
            models.CheckConstraint(
                condition=Q(approved_minor__gte=0)
                & (Q(amount_minor__isnull=True) | Q(amount_minor__gt=0, approved_minor__lte=F("amount_minor"))),
                name="claim_amounts_fit",
            ),
        )  # fmt: skip
        indexes = (
            models.Index(
                fields=["deadline_at"], name="claim_open", condition=~Q(state__in=sorted(s.value for s in TERMINAL))
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def carrier(self) -> Carrier:
        """Who is to pay: the carrier of the leg that held the parcel, or the only one there is."""
        return self.leg.carrier if self.leg else self.shipment.carrier

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @property
    def approved(self) -> Money:
        return Money(self.approved_minor, self.currency)


class ClaimPhoto(models.Model):
    """A picture of the damage, redrawn; under a random name, for the sender and the operator."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="photos")
    stored_as = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")


class ClaimTransition(models.Model):
    """A step of a claim: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=18, blank=True)
    to_state = models.CharField(max_length=18)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        triggers = append_only()
