"""Versions of the ranking weights and which one was in force when. Both append-only: the past stays explainable."""

from __future__ import annotations

from django.db import models

from core.database import append_only


class RankingVersion(models.Model):
    """A set of weights, {factor code: weight}."""

    id = models.BigAutoField(primary_key=True)
    version = models.CharField(max_length=40, unique=True)
    weights = models.JSONField()
    note = models.CharField(max_length=400)
    author = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        triggers = append_only()

    def __str__(self) -> str:
        return self.version


class RankingActivation(models.Model):
    """From `at` on this version orders the results, until a later row."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(RankingVersion, on_delete=models.PROTECT, related_name="activations")
    reason = models.CharField(max_length=400)
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        triggers = append_only()
