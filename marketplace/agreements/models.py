"""Agreements about something made to order: what was asked for, what was offered, and the payment plan."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.models import Organisation
from core.money import Money
from core.personal import personal
from marketplace.catalog.models import Listing
from marketplace.contracts import AgreementState
from marketplace.sellers.models import Seller


class Agreement(models.Model):
    """A buyer asks a seller for something made to order, starting from a listing. Money moves by step (payments)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="agreements")
    title = models.CharField(max_length=140)
    wish = personal(models.TextField())
    terms = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=[(s.value, s.value.title()) for s in AgreementState])
    currency = models.CharField(max_length=3)
    requested_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-requested_at", "-id")
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        indexes = (
            models.Index(fields=["buyer", "-requested_at"], name="agreement_of_buyer"),
            models.Index(fields=["seller", "-requested_at"], name="agreement_of_seller"),
        )

    def __str__(self) -> str:
        return self.number


class AgreementStep(models.Model):
    """A step of the plan as offered. Its id becomes the milestone's, and so the order id of its escrow."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    trigger = models.CharField(max_length=12)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["agreement", "position"], name="one_step_a_position"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="agreement_step_amount"),
        )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class AgreementTransition(models.Model):
    """A change of an agreement's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    action = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
