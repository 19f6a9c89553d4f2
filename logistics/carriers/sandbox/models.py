"""Tables of the simulated carriers. The rest of logistics reaches them through the carriers' API only."""

from __future__ import annotations

from django.db import models


class SandboxParcel(models.Model):
    """A parcel as the simulated carrier knows it. `reference` is the customer's and makes booking idempotent."""

    number = models.CharField(max_length=40, primary_key=True)
    carrier_code = models.CharField(max_length=30)
    reference = models.CharField(max_length=80)
    service_code = models.CharField(max_length=40)
    origin_country = models.CharField(max_length=2)
    destination_country = models.CharField(max_length=2)
    destination_city = models.CharField(max_length=120, blank=True)
    booked_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "logistics_sandbox_parcel"
        constraints = (models.UniqueConstraint(fields=["carrier_code", "reference"], name="sandbox_booked_once"),)


class SandboxScan(models.Model):
    """A scan on the parcel's planned way; the carrier tells of it from `due_at` on, maybe later than it happened."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=60, unique=True)
    parcel = models.ForeignKey(SandboxParcel, on_delete=models.PROTECT, related_name="scans")
    code = models.CharField(max_length=20)
    text = models.CharField(max_length=120)
    place = models.CharField(max_length=80, blank=True)
    occurred_at = models.DateTimeField()
    due_at = models.DateTimeField()
    copies = models.PositiveSmallIntegerField(default=1)
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "logistics_sandbox_scan"
        indexes = (
            models.Index(fields=["due_at"], name="sandbox_scan_due", condition=models.Q(published_at=None)),
            models.Index(fields=["parcel", "due_at"], name="sandbox_scan_parcel"),
        )


class SandboxWebhook(models.Model):
    """A message the carrier wants to deliver to its customer; repeated until it is taken."""

    id = models.BigAutoField(primary_key=True)
    carrier_code = models.CharField(max_length=30)
    body = models.TextField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "logistics_sandbox_webhook"
        indexes = (
            models.Index(fields=["due_at"], name="carrier_sandbox_webhook_due", condition=models.Q(delivered_at=None)),
        )
