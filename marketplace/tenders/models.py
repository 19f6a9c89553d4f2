"""Tenders: a buyer's need, who was asked, and the quotes that answer it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.models import Organisation
from core.money import Money
from core.personal import personal
from marketplace.catalog.models import Category
from marketplace.contracts import Place, TenderState
from marketplace.quotes.models import Quote
from marketplace.sellers.models import Seller


class BidPolicy(models.Model):
    """What sellers may do from a moment on; append-only: a new row replaces the one before."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    effective_at = models.DateTimeField(_("in force from"))
    bids_per_month = models.PositiveSmallIntegerField(_("answers a month"))
    edits_per_bid = models.PositiveSmallIntegerField(_("changes of an answer"))
    reserved_hours = models.PositiveSmallIntegerField(_("hours reserved for top sellers"))
    top_rating_hundredths = models.PositiveSmallIntegerField(_("top seller: rating (hundredths)"))
    top_orders = models.PositiveIntegerField(_("top seller: orders"))

    class Meta:
        ordering = ("-effective_at", "-id")
        verbose_name = _("rule for answers")
        verbose_name_plural = _("rules for answers")
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.effective_at:%Y-%m-%d %H:%M}"


class Tender(models.Model):
    """What a buyer looks for. Sellers answer until `deadline`, until `reserved_until` only top ones."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=140)
    need = personal(models.TextField())
    quantity = models.PositiveIntegerField()
    target_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    ship_to = personal(models.JSONField())
    edits_per_bid = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=[(s.value, s.value.title()) for s in TenderState])
    published_at = models.DateTimeField()
    reserved_until = models.DateTimeField()
    deadline = models.DateTimeField()
    choose_until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-published_at", "-id")
        verbose_name = _("request to sellers")
        verbose_name_plural = _("requests to sellers")
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0) & ~Q(target_minor__lte=0), name="tender_amounts"),
        )
        indexes = (
            models.Index(fields=["buyer", "-published_at"], name="tender_of_buyer"),
            models.Index(fields=["choose_until"], name="tender_open", condition=Q(state="OPEN")),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def target(self) -> Money | None:
        return None if self.target_minor is None else Money(self.target_minor, self.currency)

    @property
    def address(self) -> Place:
        return Place(**self.ship_to)


class TenderFile(models.Model):
    """A drawing or picture of what is needed; `stored_as` is its name below MEDIA_ROOT/tenders."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="files")
    name = personal(models.CharField(max_length=120))
    stored_as = models.CharField(max_length=60)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)


class Invitation(models.Model):
    """A seller that was asked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="invitations")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    is_top = models.BooleanField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["tender", "seller"], name="invited_once"),)
        indexes = (models.Index(fields=["tender"], name="invitation_untold", condition=Q(told_at__isnull=True)),)


class Bid(models.Model):
    """A seller's answer: a price talk of its own from then on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="bids")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        constraints = (models.UniqueConstraint(fields=["tender", "seller"], name="one_bid_a_seller"),)
        indexes = (models.Index(fields=["seller", "at"], name="bid_of_seller"),)


class TenderTransition(models.Model):
    """A change of a tender's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tender = models.ForeignKey(Tender, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    action = models.CharField(max_length=10)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
