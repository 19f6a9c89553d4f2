"""Carriers, and the tables of the simulated network (which belong to companies outside of the platform)."""

from __future__ import annotations

from django.db import models

from logistics.carriers.sandbox.models import SandboxParcel, SandboxScan, SandboxWebhook

__all__ = ["Carrier", "CarrierBooking", "CarrierHealth", "SandboxParcel", "SandboxScan", "SandboxWebhook"]


class Carrier(models.Model):
    """A company that moves parcels. `gateway` names the adapter that talks to it."""

    code = models.CharField(max_length=30, primary_key=True)
    name = models.CharField(max_length=80)
    gateway = models.CharField(max_length=30, default="sandbox")
    pushes_webhooks = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class CarrierHealth(models.Model):
    """How a carrier has answered lately, and how many calls it still grants. `revision` grows when it rests or returns."""

    carrier = models.OneToOneField(Carrier, primary_key=True, on_delete=models.PROTECT, related_name="health")
    calls_per_minute = models.PositiveIntegerField(default=600)
    tokens = models.PositiveBigIntegerField(help_text="calls left, in thousandths")
    tokens_at = models.DateTimeField()
    calls = models.PositiveBigIntegerField(default=0)
    failed_calls = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="in a row")
    rest_until = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.carrier_id


class CarrierBooking(models.Model):
    """A label bought from a real carrier: its number, its own name for it, and what to print. `reference` is ours."""

    reference = models.CharField(max_length=80, primary_key=True)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    identifier = models.CharField(max_length=80)
    label = models.BinaryField(default=b"")
    booked_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-booked_at",)

    def __str__(self) -> str:
        return self.number
