"""The hash chain: extended in bounded batches, in commit order; other modules' records may be attested in it."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from payments.contracts import IdempotencyConflict
from payments.ledger.canonical import digest_of
from payments.ledger.models import Attestation

BLOCK_RECORDS = 1000
MAX_BLOCKS = 50


def extend_chain(*, blocks: int = MAX_BLOCKS, records: int = BLOCK_RECORDS) -> int:
    """Chain what has been committed since, at most `blocks` blocks of `records`; returns how many records.

    Each block is a transaction of its own. A record is taken when no transaction before its own is still open. Safe in
    many processes at once: one works, the others find nothing to do.
    """
    chained = 0
    for _ in range(blocks):
        with connection.cursor() as cursor:
            cursor.execute("SELECT records FROM payments_chain_extend(%s)", [records])
            made = int(cursor.fetchone()[0])
        chained += made
        if made < records:
            break
    return chained


def attest(*, kind: str, ref: str, content: bytes, now: datetime) -> None:
    """Have a record of another module chained: its digest now, what it says stays there. Repeating it changes nothing.

    Joins the caller's transaction. Raises IdempotencyConflict when (kind, ref) was attested with other content.
    """
    digest = digest_of(content)
    made, created = Attestation.objects.get_or_create(kind=kind, ref=ref, defaults={"digest": digest, "at": now})
    if not created and bytes(made.digest) != digest:
        raise IdempotencyConflict()
