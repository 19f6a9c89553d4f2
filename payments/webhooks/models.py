"""The inbox of providers' news."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from core.database import append_only


class PspEvent(models.Model):
    """A signed event of a provider, exactly as received; committed together with its effect."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    raw = models.BinaryField()
    outcome = models.CharField(max_length=40)
    received_at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("-id",)
        verbose_name = "provider event"
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "event_id"], name="one_psp_event")]
