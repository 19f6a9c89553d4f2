"""Carriers, and the tables of the simulated network (which belong to companies outside of the platform)."""

from __future__ import annotations

from django.db import models

from logistics.carriers.sandbox.models import SandboxParcel, SandboxScan, SandboxWebhook

__all__ = ["Carrier", "SandboxParcel", "SandboxScan", "SandboxWebhook"]


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
