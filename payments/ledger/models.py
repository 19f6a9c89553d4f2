"""The ledger's tables. Only the database's own functions (migrations 0002 and 0003) write them; the application reads."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from core.database import CurrentTransactionId, TransactionId, append_only


class Currency(models.Model):
    """A currency with its number of minor digits (core.money.CURRENCIES as data)."""

    code = models.CharField(primary_key=True, max_length=3)
    exponent = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "currencies"


class AccountKind(models.Model):
    """A line of the chart of accounts: who opens an account cannot choose other bounds."""

    code = models.CharField(primary_key=True, max_length=24)
    mode = models.CharField(max_length=8)
    lo = models.BigIntegerField(null=True)
    hi = models.BigIntegerField(null=True)
    name = models.CharField(max_length=60)


class Account(models.Model):
    id = models.BigAutoField(primary_key=True)
    kind = models.ForeignKey(AccountKind, on_delete=models.PROTECT, db_column="kind", db_index=False)
    owner = models.CharField(max_length=80, default="")
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, db_column="currency", db_index=False)
    shard = models.PositiveSmallIntegerField(default=0)
    mode = models.CharField(max_length=8)

    class Meta:
        triggers = append_only()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "owner", "currency", "shard"], name="one_account"),
            models.UniqueConstraint(fields=["id", "mode"], name="account_mode"),
            models.CheckConstraint(condition=Q(mode__in=["sync", "deferred"]), name="account_mode_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id}:{self.owner} {self.currency_id}" if self.owner else f"{self.kind_id} {self.currency_id}"


class Balance(models.Model):
    """Posted balance of a sync account, debit-positive, with its bounds; the row that movements lock."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, db_constraint=False)
    mode = models.CharField(max_length=8, default="sync")
    posted = models.BigIntegerField(default=0)
    lo = models.BigIntegerField(null=True)
    hi = models.BigIntegerField(null=True)
    seq = models.BigIntegerField(default=0)
    escrowed = models.BooleanField(default=False)
    """Its movements must agree with the state of an escrow (checked at commit)."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(mode="sync"), name="balance_is_sync"),
            models.CheckConstraint(condition=Q(lo__isnull=True) | Q(posted__gte=F("lo")), name="balance_above_lo"),
            models.CheckConstraint(condition=Q(hi__isnull=True) | Q(posted__lte=F("hi")), name="balance_below_hi"),
        ]


class Rollup(models.Model):
    """Sum of a deferred account's entries written by transactions below `rolled_xid`."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, db_constraint=False)
    mode = models.CharField(max_length=8, default="deferred")
    posted = models.DecimalField(max_digits=38, decimal_places=0, default=0)
    rolled_xid = TransactionId()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(mode="deferred"), name="rollup_is_deferred")]


class Txn(models.Model):
    """A transaction of the ledger; its idempotency key is kept for ever."""

    id = models.BigAutoField(primary_key=True)
    idem_scope = models.CharField(max_length=40)
    idem_key = models.CharField(max_length=120)
    request_hash = models.BinaryField()
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=80)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False, related_name="reversals")
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    xid = TransactionId(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        triggers = append_only()
        ordering = ("-id",)
        verbose_name = "ledger transaction"
        indexes: ClassVar = [
            models.Index(fields=["ref"], name="txn_ref"),
            models.Index(fields=["xid", "id"], name="txn_commit_order"),
            BrinIndex(fields=["effective_at"], name="txn_effective", pages_per_range=32, autosummarize=True),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["idem_scope", "idem_key"], name="one_txn_per_key"),
            models.UniqueConstraint(fields=["reverses"], condition=Q(reverses__isnull=False), name="one_reversal"),
        ]


class Entry(models.Model):
    """A leg: positive debits. `seq` and `balance_after` are set on sync accounts, and only there.

    Two indexes serve it: by transaction (the primary key in the database is (txn, id); looking for an id alone reads the
    table) and by account, which is one index for sync accounts (by seq) and one for deferred ones (by commit order).
    Ask for an account's entries through the selectors: they name both. Its references to txn and account are checked by
    one trigger for each statement that writes legs, not by a foreign key for each leg.
    """

    id = models.BigAutoField(primary_key=True)
    txn = models.ForeignKey(Txn, on_delete=models.PROTECT, related_name="entries", db_constraint=False, db_index=False)
    xid = TransactionId(db_default=CurrentTransactionId(), editable=False)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="entries", db_constraint=False, db_index=False
    )
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    seq = models.BigIntegerField(null=True)
    balance_after = models.BigIntegerField(null=True)

    class Meta:
        triggers = append_only()
        ordering = ("-txn", "-id")
        verbose_name_plural = "entries"
        indexes: ClassVar = [
            models.Index(fields=["account", "xid"], include=["amount"], condition=Q(seq=None), name="entry_deferred"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount=0), name="entry_moves_something"),
            models.UniqueConstraint(fields=["account", "seq"], condition=Q(seq__isnull=False), name="entry_seq"),
        ]


class ChainBlock(models.Model):
    """A link of the hash chain: the digests of up to some thousand records in commit order, and the hash over them.

    `sources[i]`, `ids[i]` and the 32 bytes of `digests` from 32 × i belong together. The last_ columns say how far the
    chain has read. Written by payments_chain_extend alone; the bytes are fixed in docs/adr/0013-hash-chain.md.
    """

    height = models.BigIntegerField(primary_key=True)
    version = models.PositiveSmallIntegerField(default=1)
    previous_hash = models.BinaryField()
    hash = models.BinaryField(unique=True)
    sources = ArrayField(models.PositiveSmallIntegerField())
    ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    records = models.PositiveIntegerField()
    total_records = models.BigIntegerField()
    last_xid = TransactionId()
    last_source = models.PositiveSmallIntegerField()
    last_id = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        ordering = ("-height",)

    def __str__(self) -> str:
        return f"{self.height} {bytes(self.hash).hex()[:16]}"


class Attestation(models.Model):
    """A record of another module whose digest is chained with the money (risk decisions): what it says stays with them."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=80)
    digest = models.BinaryField()
    at = models.DateTimeField()
    xid = TransactionId(db_default=CurrentTransactionId(), editable=False)

    class Meta:
        triggers = append_only()
        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=["xid", "id"], name="attestation_commit_order")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "ref"], name="one_attestation")]
