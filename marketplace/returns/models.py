"""Returns of bought goods, their lines and photos, and the policies they go by."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.database import append_only
from core.ids import new_id
from core.money import Money
from core.personal import personal
from marketplace.orders.models import Order, OrderLine
from marketplace.returns.rules import Disposition, FinalSale, Payer, ReturnReason, ReturnWish
from marketplace.returns.states import OPEN, ReturnState
from marketplace.sellers.models import Seller


def _choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ").title()) for member in enum]


class ReturnPolicy(models.Model):
    """What is granted when a buyer changes their mind. No seller: the house's. No category: all."""

    class FinalSales(models.TextChoices):
        NONE = FinalSale.NONE, _("No: it can be sent back")
        MADE_TO_ORDER = FinalSale.MADE_TO_ORDER, _("Made to order")
        PERISHABLE = FinalSale.PERISHABLE, _("Perishable")
        SEALED = FinalSale.SEALED, _("Sealed for hygiene")

    id = models.BigAutoField(primary_key=True)
    seller = models.ForeignKey(Seller, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category_code = models.CharField(_("category"), max_length=60, blank=True)
    window_days = models.PositiveSmallIntegerField(_("days to send it back"), default=14)
    buyer_pays = models.BooleanField(_("the buyer pays for the way back"), default=True)
    final_sale = models.CharField(_("final sale"), max_length=16, blank=True, choices=FinalSales.choices)

    class Meta:
        verbose_name = _("return policy")
        verbose_name_plural = _("return policies")
        ordering = ("seller", "category_code")
        constraints = (
            models.UniqueConstraint(
                fields=["seller", "category_code"], name="one_return_policy", nulls_distinct=False
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.seller or 'house'}: {self.category_code or 'all'}"


class Return(models.Model):
    """Goods of one order on their way back (an RMA). `due_at`: when the state ends by itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=16, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="returns")
    state = models.CharField(max_length=12, choices=_choices(ReturnState))
    wish = models.CharField(max_length=10, choices=_choices(ReturnWish))
    note = personal(models.TextField(max_length=2000, blank=True))
    payer = models.CharField(max_length=8, choices=_choices(Payer))
    answer = models.CharField(max_length=500, blank=True)
    shipment_id = models.UUIDField(null=True)
    label_minor = models.BigIntegerField(default=0)
    replacement_id = models.UUIDField(null=True, unique=True)
    refund_id = models.UUIDField(null=True)
    refunded_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ("-requested_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["order"], name="one_open_return", condition=Q(state__in=sorted(s.value for s in OPEN))
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["due_at"], name="return_due", condition=Q(due_at__isnull=False)),)

    def __str__(self) -> str:
        return self.number

    @property
    def refunded(self) -> Money:
        return Money(self.refunded_minor, self.currency)

    @property
    def label_price(self) -> Money:
        return Money(self.label_minor, self.currency)


class ReturnLine(models.Model):
    """Some pieces of an order's line. Judged at the inspection: how many are accepted, and less how much for wear."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    reason = models.CharField(max_length=20, choices=_choices(ReturnReason))
    accepted = models.PositiveIntegerField(null=True)
    disposition = models.CharField(max_length=10, blank=True, choices=_choices(Disposition))
    deduction_minor = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["of", "line"], name="one_return_line"),
            models.CheckConstraint(condition=Q(quantity__gt=0, deduction_minor__gte=0), name="return_line_sane"),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True) | Q(accepted__lte=F("quantity")), name="return_accepted_fits"
            ),
        )

    @property
    def deduction(self) -> Money:
        return Money(self.deduction_minor, self.line.currency)


class ReturnPhoto(models.Model):
    """A picture the buyer adds, redrawn; under a random name, for the parties alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="photos")
    stored_as = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")


class ReturnTransition(models.Model):
    """A step of a return: from, to, who, why, when."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="transitions")
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        triggers = append_only()
