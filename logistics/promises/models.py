"""Versions of the promise model, what they know of today, and what a broken promise gives back."""

from __future__ import annotations

from django.db import models


class PromiseVersion(models.Model):
    """A trained model with the figures it was judged by. At most one is active; without one, rate sheets promise."""

    code = models.CharField(max_length=40, primary_key=True)
    trained_at = models.DateTimeField()
    trained_on = models.PositiveIntegerField()
    quantile_bps = models.PositiveIntegerField()
    figures = models.JSONField(default=dict)
    artifact = models.TextField()
    is_active = models.BooleanField(default=False)

    class Meta:
        ordering = ("-trained_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["is_active"], name="one_active_promise", condition=models.Q(is_active=True)
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def coverage(self) -> int:
        """Percent of the held-out parcels that came in time."""
        return round(100 * float(self.figures.get("coverage", 0)))


class PromiseLevels(models.Model):
    """What the lanes have been like until `computed_at`: their usual days, and the correction of each lane group."""

    version = models.OneToOneField(PromiseVersion, primary_key=True, on_delete=models.PROTECT, related_name="levels")
    computed_at = models.DateTimeField()
    memory = models.JSONField()
    late_factors = models.JSONField()
    early_factors = models.JSONField()


class RemedyStep(models.Model):
    """From so many days late on, so much of the shipping price goes back to the buyer (10,000 is all of it)."""

    days_late = models.PositiveSmallIntegerField(primary_key=True)
    refund_bps = models.PositiveIntegerField()

    class Meta:
        ordering = ("days_late",)
        constraints = (models.CheckConstraint(condition=models.Q(refund_bps__lte=10_000), name="remedy_at_most_all"),)

    @property
    def share(self) -> int:
        """Percent of the shipping price."""
        return self.refund_bps // 100
