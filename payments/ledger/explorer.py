"""Reads for operators and for everyone: an account's entries, a transaction with what it belongs to, the chain's head."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from payments.contracts import AccountNotFound
from payments.ledger.models import Account, ChainBlock, Entry, Txn

#: An entry is in the one index or in the other; a query that names neither reads the whole table.
EITHER_KIND = Q(seq=None) | Q(seq__isnull=False)


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest block: whoever keeps `hash` can tell later whether anything up to `records` was changed."""

    height: int
    hash: str
    previous_hash: str
    records: int
    total_records: int
    made_at: datetime


def get_account(account_id: int) -> Account:
    """Raises AccountNotFound."""
    account = Account.objects.filter(id=account_id).first()
    if account is None:
        raise AccountNotFound()
    return account


def get_txn(txn_id: int) -> tuple[Txn, list[Entry]]:
    """A transaction and its legs. Raises AccountNotFound."""
    txn = Txn.objects.filter(id=txn_id).first()
    if txn is None:
        raise AccountNotFound("There is no such transaction.")
    return txn, list(Entry.objects.filter(txn_id=txn_id).select_related("account").order_by("id"))


def accounts_matching(*, kind: str = "", owner: str = "", currency: str = "") -> QuerySet[Account]:
    """Accounts by what is given, in order of opening."""
    wanted: dict[str, Any] = {"kind": kind, "owner": owner, "currency": currency}
    return Account.objects.filter(**{key: value for key, value in wanted.items() if value}).order_by("id")


def order_of(ref: str) -> UUID | None:
    """The order or purchase a reference names, when it is an id."""
    try:
        return UUID(ref)
    except ValueError:
        return None


def find_chain_head() -> ChainHead | None:
    """The newest block; None before the first."""
    block = ChainBlock.objects.defer("sources", "ids", "digests").order_by("-height").first()
    return head_of(block) if block else None


def head_of(block: ChainBlock) -> ChainHead:
    return ChainHead(
        block.height, bytes(block.hash).hex(), bytes(block.previous_hash).hex(), block.records, block.total_records,
        block.made_at,
    )  # fmt: skip


def chain_blocks() -> QuerySet[ChainBlock]:
    """Blocks without their contents, newest first."""
    return ChainBlock.objects.defer("sources", "ids", "digests").order_by("-height")
