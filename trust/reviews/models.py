"""Reviews of order lines."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.personal import personal
from trust.contracts import ReviewState


class Review(models.Model):
    """What the buyer of one line of a delivered order says about it; not editable. The seller may answer once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField(db_index=True)
    line_id = models.UUIDField(unique=True)
    listing_id = models.UUIDField()
    listing_title = models.CharField(max_length=140)
    seller_id = models.UUIDField()
    buyer_id = models.UUIDField()
    rating = models.PositiveSmallIntegerField()
    title = personal(models.CharField(max_length=120, blank=True))
    text = personal(models.TextField(blank=True))
    state = models.CharField(max_length=12, choices=[(s.value, s.value.title()) for s in ReviewState])
    posted_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-posted_at", "-id")
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = (models.CheckConstraint(name="rating_1_to_5", condition=Q(rating__gte=1, rating__lte=5)),)
        indexes = (
            models.Index(fields=["listing_id", "state", "-posted_at"], name="review_of_listing"),
            models.Index(fields=["seller_id", "state", "-posted_at"], name="review_of_seller"),
        )

    def __str__(self) -> str:
        return f"{self.rating}/5 {self.listing_title}"


class ReviewTransition(models.Model):
    """A change of a review's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
