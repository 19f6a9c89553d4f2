"""Business profiles, shops, and the standing of sellers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.models import Organisation
from core.personal import personal
from marketplace.contracts import AwayMode, Place, SellerState


class Seller(models.Model):
    """An organisation that sells: its business profile and its shop."""

    class Kind(models.TextChoices):
        BUSINESS = "BUSINESS", _("Registered business")
        INDIVIDUAL = "INDIVIDUAL", _("Private person")

    organisation = models.OneToOneField(Organisation, primary_key=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("shop name"), max_length=80)
    slug = models.SlugField(_("shop address"), max_length=60, unique=True)
    kind = models.CharField(_("you sell as"), max_length=12, choices=Kind.choices, default=Kind.BUSINESS)
    legal_name = personal(models.CharField(_("legal name"), max_length=160))
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    street = personal(models.CharField(_("street and number"), max_length=160))
    city = models.CharField(_("town"), max_length=80)
    postcode = models.CharField(_("postcode"), max_length=16)
    region = models.CharField(_("region"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = personal(models.CharField(_("telephone"), max_length=32, blank=True))
    story = models.TextField(_("about the shop"), max_length=4000, blank=True)
    policies = models.TextField(_("shop policies"), max_length=4000, blank=True)
    handling_days = models.PositiveSmallIntegerField(_("days to get an order ready"), default=2)
    currency = models.CharField(max_length=3)
    banner = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=12, choices=[(s.value, s.value.title()) for s in SellerState], default="DRAFT")
    away_mode = models.CharField(max_length=8, choices=[(m.value, m.value.title()) for m in AwayMode], default="OPEN")
    away_days = models.PositiveSmallIntegerField(default=0)
    away_until = models.DateField(null=True)
    away_note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")
        ordering = ("name",)
        indexes = (models.Index(fields=["state", "submitted_at"], name="seller_state"),)

    def __str__(self) -> str:
        return self.name

    @property
    def rating_stars(self) -> float:
        return self.standing.rating_hundredths / 100

    @property
    def promise_share(self) -> int | None:
        """Delivery promises kept, in whole per cent; None while too few were scored."""
        kept = self.standing.promise_kept_bp
        return None if kept is None else round(kept / 100)

    @property
    def dispute_share(self) -> str | None:
        """Orders that ended in a dispute, in per cent with one decimal."""
        rate = self.standing.dispute_rate_bp
        return None if rate is None else f"{rate / 100:.1f}"

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.state == SellerState.VERIFIED

    @property
    def is_away(self) -> bool:
        """On holiday: its goods are shown but cannot be bought."""
        return self.away_mode == AwayMode.CLOSED

    @property
    def extra_days(self) -> int:
        """Days every order takes longer at the moment."""
        return self.away_days if self.away_mode == AwayMode.LONGER else 0

    @property
    def address(self) -> Place:
        """Where parcels are sent from."""
        return Place(
            name=self.name, street=self.street, city=self.city, postcode=self.postcode, country=self.country,
            region=self.region, phone=self.phone,
        )  # fmt: skip


class OldSlug(models.Model):
    """An address a shop had before; it leads to the new one and belongs to nobody else."""

    slug = models.SlugField(primary_key=True, max_length=60)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")


class SellerTransition(models.Model):
    """A change of a seller's state; append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")
        triggers = append_only()


class Standing(models.Model):
    """Reputation of a seller as trust last computed it: a read model. Shares in basis points; null = too few cases."""

    seller = models.OneToOneField(Seller, primary_key=True, on_delete=models.PROTECT, related_name="standing")
    rating_hundredths = models.PositiveSmallIntegerField(default=0)
    rating_count = models.PositiveIntegerField(default=0)
    orders_count = models.PositiveIntegerField(default=0)
    promise_kept_bp = models.PositiveIntegerField(null=True)
    dispute_rate_bp = models.PositiveIntegerField(null=True)
    cancel_rate_bp = models.PositiveIntegerField(null=True)
    on_time_bp = models.PositiveIntegerField(null=True)
    computed_at = models.DateTimeField(null=True)
