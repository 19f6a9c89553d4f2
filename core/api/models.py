"""Idempotency keys of the API."""

from __future__ import annotations

from django.db import models


class IdempotencyRecord(models.Model):
    """An Idempotency-Key and the answer it got; committed together with the effect."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["scope", "key"], name="one_answer_per_key"),)
