"""Escrow's tables. The application inserts events; the database moves the escrow (triggers in migration 0002)."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from core.database import CurrentTransactionId, TransactionId, append_only
from core.ids import new_id
from core.money import Money
from payments.contracts import DeliveryKind, EscrowState, RefundState
from payments.escrow.states import OPEN
from payments.ledger.models import Account, Txn


class Escrow(models.Model):
    """The hold of one seller order. State and sums change through EscrowEvent alone: the application cannot UPDATE."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField(unique=True)
    purchase_id = models.UUIDField(db_index=True)
    charge_id = models.UUIDField(null=True)
    buyer_id = models.UUIDField()
    seller_id = models.UUIDField()
    account = models.OneToOneField(Account, on_delete=models.PROTECT)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    fee_quoted_minor = models.BigIntegerField()
    fee_vat_quoted_minor = models.BigIntegerField(default=0, db_default=0)
    lines = models.JSONField(default=list, db_default=[])  # frozen: payments.escrow.rules.Line, one object each
    milestone_of = models.UUIDField(null=True, db_index=True)
    released_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    fee_vat_minor = models.BigIntegerField(default=0, db_default=0)
    disputed_minor = models.BigIntegerField(default=0, db_default=0)  # in DISPUTE_HOLD:<order>
    charged_back_minor = models.BigIntegerField(default=0, db_default=0)  # in DISPUTE_HOLD:chargeback:<order>
    contribution_minor = models.BigIntegerField(default=0, db_default=0)  # what the platform adds for the seller
    state = models.CharField(max_length=12, default=EscrowState.CREATED.value)
    seq = models.IntegerField(default=0)
    delivery_kind = models.CharField(max_length=8, blank=True, default="")
    delivered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(
                fields=["seller_id", "currency"], condition=Q(state__in=[s.value for s in OPEN]), name="escrow_open",
                include=["amount_minor", "released_minor", "refunded_minor"],
            ),
            models.Index(fields=["seller_id", "-id"], name="escrow_seller"),
        ]  # fmt: skip
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="escrow_amount_positive"),
            models.CheckConstraint(
                condition=Q(released_minor__gte=0, refunded_minor__gte=0, fee_minor__gte=0)
                & Q(amount_minor__gte=F("released_minor") + F("refunded_minor"))
                & Q(released_minor__gte=F("fee_minor")),
                name="escrow_sums_fit",
            ),
            models.CheckConstraint(
                condition=Q(disputed_minor__gte=0, charged_back_minor__gte=0, fee_vat_minor__gte=0)
                & Q(fee_minor__gte=F("fee_vat_minor"))
                & Q(
                    amount_minor__gte=F("released_minor")
                    + F("refunded_minor")
                    + F("disputed_minor")
                    + F("charged_back_minor")
                ),
                name="escrow_parts_fit",
            ),
            models.CheckConstraint(condition=Q(contribution_minor__gte=0), name="escrow_contribution_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} ({self.state})"

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    @property
    def amount(self) -> Money:
        return self.money(self.amount_minor)

    @property
    def held(self) -> Money:
        """What is still in escrow."""
        if self.state in (EscrowState.CREATED, EscrowState.CANCELLED):
            return self.money(0)
        return self.money(self.amount_minor - self.released_minor - self.refunded_minor)

    @property
    def frozen(self) -> Money:
        """The part of `held` that a dispute or the buyer's bank keeps."""
        return self.money(self.disputed_minor + self.charged_back_minor)

    @property
    def free(self) -> Money:
        """What may be released or refunded now."""
        return self.held - self.frozen


class EscrowRule(models.Model):
    """One edge of the machine for one party (payments.escrow.states as data)."""

    id = models.BigAutoField(primary_key=True)
    from_state = models.CharField(max_length=12)
    event = models.CharField(max_length=20)
    actor = models.CharField(max_length=10)
    to_state = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["from_state", "event", "actor"], name="one_target"),
            models.UniqueConstraint(fields=["from_state", "event", "actor", "to_state"], name="escrow_edge"),
        ]


class EscrowEvent(models.Model):
    """A step of an escrow. Inserting it is the only way to move one; sums are checked against the ledger at commit."""

    id = models.BigAutoField(primary_key=True)
    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.IntegerField()
    from_state = models.CharField(max_length=12)
    event = models.CharField(max_length=20)
    actor = models.CharField(max_length=10)
    to_state = models.CharField(max_length=12)
    actor_ref = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True, default="")
    released_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    fee_vat_minor = models.BigIntegerField(default=0, db_default=0)
    disputed_minor = models.BigIntegerField(default=0, db_default=0)
    charged_back_minor = models.BigIntegerField(default=0, db_default=0)
    txn = models.ForeignKey(Txn, on_delete=models.PROTECT, null=True)
    at = models.DateTimeField()
    xid = TransactionId(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        triggers = append_only()
        ordering = ("escrow_id", "seq")
        indexes: ClassVar = [models.Index(fields=["xid", "id"], name="escrow_event_commit_order")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["escrow", "seq"], name="escrow_event_seq")]


class EscrowLineMove(models.Model):
    """What an event did to one line; only steps that do not end the whole order in one way are told by line."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(EscrowEvent, on_delete=models.PROTECT, related_name="moves", db_index=False)
    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="moves")
    line_ref = models.CharField(max_length=60)
    released_minor = models.BigIntegerField(default=0, db_default=0)
    refunded_minor = models.BigIntegerField(default=0, db_default=0)
    disputed_minor = models.BigIntegerField(default=0, db_default=0)
    charged_back_minor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        triggers = append_only()
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "line_ref"], name="one_move_of_a_line")]


class ContributionEntry(models.Model):
    """What the platform paid a seller for an order beside the escrow, or took back (negative); append-only."""

    id = models.BigAutoField(primary_key=True)
    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="contributions")
    delta_minor = models.BigIntegerField()
    txn = models.ForeignKey(Txn, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(delta_minor=0), name="contribution_moves"),
        ]  # fmt: skip


class EscrowTimer(models.Model):
    """A clock; it counts only while the escrow still stands at `armed_seq`, so moving on disarms it."""

    id = models.BigAutoField(primary_key=True)
    escrow = models.ForeignKey(Escrow, on_delete=models.PROTECT, related_name="timers", db_index=False)
    armed_seq = models.IntegerField()
    event = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["try_at"], condition=Q(done_at=None), name="timer_due")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["escrow", "armed_seq", "event"], name="one_timer")]


class Refund(models.Model):
    """An instruction to send money back; its money already left the books. The row id is the key at the provider.

    `idem_key` and `content_hash`: the request it came from. `from_escrow_minor` left the escrow; the rest is a claim
    after release, of which `fee_returned_minor` (with VAT) is the platform's.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    charge_id = models.UUIDField(db_index=True)
    order_id = models.UUIDField(null=True, db_index=True)
    txn = models.ForeignKey(Txn, on_delete=models.PROTECT)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=12, default=RefundState.REQUESTED.value)
    idem_key = models.CharField(max_length=120, null=True)  # noqa: DJ001 - NULL is "no request", and unique otherwise
    content_hash = models.BinaryField(default=b"")
    from_escrow_minor = models.BigIntegerField(default=0, db_default=0)
    from_seller_minor = models.BigIntegerField(default=0, db_default=0)
    fee_returned_minor = models.BigIntegerField(default=0, db_default=0)
    fee_vat_returned_minor = models.BigIntegerField(default=0, db_default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    provider_ref = models.CharField(max_length=80, blank=True, default="")
    last_error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["REQUESTED", "SUBMITTED"]), name="refund_to_submit"
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_positive"),
            models.UniqueConstraint(fields=["idem_key"], name="one_refund_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} ({self.state})"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


def check_tiers(value: object) -> None:
    """Raises ValidationError unless it is [[from minor units, basis points], …]."""
    fits = isinstance(value, list) and all(
        isinstance(tier, list) and len(tier) == 2 and all(type(n) is int and n >= 0 for n in tier) and tier[1] <= 10_000
        for tier in value
    )
    if not fits:
        raise ValidationError("Write [[from, basis points], …], for example [[100000, 600]].")


class CommissionPlan(models.Model):
    """Commission of a category; the empty category is the default and carries the fixed part per order and the VAT.

    `tiers`: [[from minor units, basis points], …] in `fixed_currency`: the highest tier a line's amount reaches replaces
    `basis_points`. `per_unit_minor` is taken for each piece.
    """

    id = models.BigAutoField(primary_key=True)
    category_code = models.CharField(max_length=60, unique=True, blank=True, default="")
    basis_points = models.PositiveIntegerField()
    fixed_minor = models.BigIntegerField(default=0)
    fixed_currency = models.CharField(max_length=3, blank=True, default="")
    per_unit_minor = models.BigIntegerField(default=0, db_default=0)
    tiers = models.JSONField(default=list, blank=True, db_default=[], validators=[check_tiers])
    vat_basis_points = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ("category_code",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(basis_points__lte=10_000, fixed_minor__gte=0), name="commission_sane"),
            models.CheckConstraint(
                condition=Q(per_unit_minor__gte=0, vat_basis_points__lte=10_000), name="commission_parts_sane"
            ),
        ]

    def __str__(self) -> str:
        return self.category_code or "default"


class InspectionPolicy(models.Model):
    """Days a buyer has to look at what arrived, by how it arrived."""

    delivery_kind = models.CharField(primary_key=True, max_length=8, choices=[(k.value, k.value) for k in DeliveryKind])
    days = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "inspection policies"

    def __str__(self) -> str:
        return self.delivery_kind


class EscrowClockPolicy(models.Model):
    """Other clocks of escrow, in days (payments.escrow.rules.DEFAULT_CLOCK_DAYS)."""

    code = models.CharField(primary_key=True, max_length=20)
    days = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "escrow clock policies"

    def __str__(self) -> str:
        return self.code


class Milestone(models.Model):
    """A step of an order's payment schedule. Its id is the order id of its own escrow and the purchase of its charge."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order_id = models.UUIDField()
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    buyer_id = models.UUIDField()
    seller_id = models.UUIDField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    trigger = models.CharField(max_length=12)
    category_code = models.CharField(max_length=60, blank=True, default="")
    proof = models.CharField(max_length=2000, blank=True, default="")
    proven_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("order_id", "position")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order_id", "position"], name="one_milestone_per_place"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="milestone_positive"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
