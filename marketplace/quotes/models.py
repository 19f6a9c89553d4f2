"""Price talks: what a buyer asked, what both sides offered, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.models import Organisation
from core.money import Money
from core.personal import personal
from marketplace.agreements.models import Agreement
from marketplace.catalog.models import Listing
from marketplace.contracts import MessageSide, Place, QuoteState
from marketplace.orders.models import Purchase
from marketplace.quotes.states import OPEN
from marketplace.sellers.models import Seller


class Quote(models.Model):
    """A buyer asks for a price of a listing. `expires_at`: until when what stands may be answered; `edits_left`: how often the
    seller may still replace its own standing word (an answer to a tender), None for as often as it likes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="quotes")
    quantity = models.PositiveIntegerField()
    wish = personal(models.TextField(blank=True))
    ship_to = personal(models.JSONField())
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=[(s.value, s.value.title()) for s in QuoteState])
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    edits_left = models.PositiveSmallIntegerField(null=True)
    purchase = models.OneToOneField(Purchase, null=True, on_delete=models.PROTECT, related_name="+")
    agreement = models.OneToOneField(Agreement, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-requested_at", "-id")
        verbose_name = _("price request")
        verbose_name_plural = _("price requests")
        indexes = (
            models.Index(fields=["buyer", "-requested_at"], name="quote_of_buyer"),
            models.Index(fields=["seller", "-requested_at"], name="quote_of_seller"),
            models.Index(
                fields=["expires_at"], name="quote_open", condition=Q(state__in=sorted(s.value for s in OPEN))
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(quantity__gt=0), name="quote_quantity_positive"),
            models.CheckConstraint(
                condition=Q(state="ACCEPTED", purchase__isnull=False) | ~Q(state="ACCEPTED") & Q(purchase__isnull=True),
                name="quote_accepted_has_purchase",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def address(self) -> Place:
        return Place(**self.ship_to)


class QuoteOffer(models.Model):
    """What one side would agree to; append-only. The last one stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="offers")
    position = models.PositiveSmallIntegerField()
    side = models.CharField(max_length=6, choices=[(s.value, s.value.title()) for s in MessageSide])
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    shipping_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    service_code = models.CharField(max_length=60)
    service_name = models.CharField(max_length=120)
    handling_days = models.PositiveSmallIntegerField()
    note = personal(models.CharField(max_length=1000, blank=True))
    valid_until = models.DateTimeField()
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        ordering = ("position",)
        triggers = append_only()
        constraints = (
            models.UniqueConstraint(fields=["quote", "position"], name="one_offer_a_position"),
            models.CheckConstraint(
                condition=Q(unit_price_minor__gt=0, quantity__gt=0, shipping_minor__gte=0), name="offer_amounts"
            ),
        )

    @property
    def unit_price(self) -> Money:
        return Money(self.unit_price_minor, self.currency)

    @property
    def shipping(self) -> Money:
        return Money(self.shipping_minor, self.currency)

    @property
    def goods(self) -> Money:
        return self.unit_price * self.quantity

    @property
    def total(self) -> Money:
        return self.goods + self.shipping


class QuoteTransition(models.Model):
    """A change of a price talk's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    action = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()
