"""Canonical bytes, version 1, of what the hash chain covers. Fixed for ever: docs/adr/0013-hash-chain.md.

Every field is a netstring (`5:EUR 1,`), an absent one is `~,`; numbers are decimal, moments whole microseconds since 1970,
bytes hexadecimal. The database writes the same bytes when it chains (migration 0004); here they are said a second time,
so that a verification does not trust the code that wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

VERSION = 1
GENESIS = bytes(32)
TXN, ESCROW_EVENT, ATTESTATION = 1, 2, 3
SOURCE_NAMES = {TXN: "transaction", ESCROW_EVENT: "escrow event", ATTESTATION: "attestation"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def netstrings(fields: Iterable[Any]) -> bytes:
    """The fields one after the other, none of which can be mistaken for two."""
    parts = []
    for field in fields:
        if field is None:
            parts.append(b"~,")
            continue
        content = _text(field).encode()
        parts.append(b"%d:%b," % (len(content), content))
    return b"".join(parts)


def _text(field: Any) -> str:
    if isinstance(field, datetime):
        return str((field - _EPOCH) // _MICROSECOND)
    return bytes(field).hex() if isinstance(field, bytes | memoryview) else str(field)


def txn_bytes(txn: Sequence[Any], entries: Sequence[Sequence[Any]]) -> bytes:
    """`txn`: id, scope, key, request hash, kind, ref, reverses, effective, recorded. `entries` by id: id, account id,
    kind, owner, currency, amount, seq, balance after."""
    return netstrings(["lonja.txn.v1", *txn, len(entries), *(field for entry in entries for field in entry)])


def escrow_event_bytes(event: Sequence[Any]) -> bytes:
    """`event`: id, escrow, seq, from, event, actor, to, actor ref, reason, released, refunded, fee, VAT of the fee,
    disputed, charged back, txn, at."""
    return netstrings(["lonja.escrow_event.v1", *event])


def attestation_bytes(attestation: Sequence[Any]) -> bytes:
    """`attestation`: id, kind, ref, digest, at."""
    return netstrings(["lonja.attestation.v1", *attestation])


def digest_of(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def block_hash(*, height: int, previous: bytes, made_at: datetime, records: Sequence[tuple[int, int, bytes]]) -> bytes:
    """Hash of a block; `records`: source, id and digest in their order."""
    fields = [field for record in records for field in record]
    return digest_of(netstrings(["lonja.block.v1", height, previous, made_at, len(records), *fields]))
