"""Codes that sellers give out, and their use."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.ids import new_id
from core.models import Organisation
from core.money import Money
from marketplace.sellers.models import Seller


class Promotion(models.Model):
    """A code of a shop, paid by its seller: a percentage, an amount, or free delivery. Without a seller the platform pays
    for it, up to its budget, for the sellers and categories it names (none: all).

    `used_minor`: what buyers were promised of the budget; the database lets it not pass.
    """

    class Kind(models.TextChoices):
        PERCENT = "PERCENT", _("Percentage off")
        FIXED = "FIXED", _("Amount off")
        FREE_SHIPPING = "FREE_SHIPPING", _("Free delivery")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Seller, null=True, on_delete=models.PROTECT, related_name="promotions")
    code = models.CharField(max_length=30)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    percent = models.PositiveSmallIntegerField(default=0)
    amount_minor = models.BigIntegerField(null=True)
    min_basket_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    budget_minor = models.BigIntegerField(null=True)
    used_minor = models.BigIntegerField(default=0, db_default=0)
    category_codes = models.JSONField(default=list, db_default=[])
    seller_ids = models.JSONField(default=list, db_default=[])
    limit_total = models.PositiveIntegerField(null=True)
    limit_per_buyer = models.PositiveIntegerField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    actor = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("code of a shop")
        verbose_name_plural = _("codes of shops")
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["seller", "code"],
                condition=Q(stopped_at__isnull=True),
                name="promotion_code_of_seller",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(seller__isnull=False, budget_minor__isnull=True, used_minor=0)
                | Q(seller__isnull=True, budget_minor__gte=F("used_minor"), used_minor__gte=0),
                name="promotion_within_budget",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @property
    def budget(self) -> Money | None:
        """What the platform pays at most; None for a seller's code."""
        return None if self.budget_minor is None else Money(self.budget_minor, self.currency)

    @property
    def promised(self) -> Money:
        """What buyers were promised of the budget."""
        return Money(self.used_minor, self.currency)

    @property
    def min_basket(self) -> Money:
        return Money(self.min_basket_minor, self.currency)


class PlatformCode(Promotion):
    """The codes the platform pays for, as the operator lists them."""

    class Meta:
        proxy = True
        verbose_name = _("code of the platform")
        verbose_name_plural = _("codes of the platform")


class Redemption(models.Model):
    """A use of a code in one purchase; given back when its order is cancelled. Of a code the platform pays for there is one
    for each order, with what it promised that order's seller."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="redemptions")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    purchase_id = models.UUIDField()
    order_id = models.UUIDField(null=True)
    amount_minor = models.BigIntegerField(default=0, db_default=0)
    at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-at",)
        constraints = (
            models.UniqueConstraint(
                fields=["promotion", "purchase_id", "order_id"], name="promotion_once_per_purchase",
                nulls_distinct=False,
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["promotion", "buyer"], name="redemption_of_buyer"),)
