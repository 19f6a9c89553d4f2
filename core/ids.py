"""Identifiers: UUIDv7 (RFC 9562) for rows and events, short codes for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from uuid import UUID

from uuid_utils.compat import uuid7

#: Crockford's base 32 without I, L, O, U: no code spells a word or is misread.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_seeded: Random | None = None
_seeded_millis = 0


def new_id() -> UUID:
    """A time-ordered UUIDv7."""
    return uuid7() if _seeded is None else _next_seeded(_seeded)


@contextmanager
def seeded_ids(seed: int) -> Iterator[None]:
    """Within the block `new_id` is a deterministic sequence (simulated worlds). Not for requests of real people."""
    global _seeded, _seeded_millis
    _seeded, _seeded_millis = Random(seed), 1_600_000_000_000  # noqa: S311
    try:
        yield
    finally:
        _seeded = None


def _next_seeded(source: Random) -> UUID:
    global _seeded_millis
    _seeded_millis += 1
    rand = source.getrandbits(74)
    return UUID(
        int=_seeded_millis << 80 | 0x7 << 76 | (rand >> 62) << 64 | 0b10 << 62 | (rand & ((1 << 62) - 1)),
    )


def short_code(value: UUID, *, prefix: str, length: int = 8) -> str:
    """A code a person can read out, taken from the random tail of `value`: LJ-7KQ4-2M9X."""
    number = value.int
    letters = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        letters.append(CODE_ALPHABET[digit])
    text = "".join(letters)
    half = length // 2
    return f"{prefix}-{text[:half]}-{text[half:]}"


def order_number(order_id: UUID) -> str:
    """What people call an order; made from its id, so that every module can say it without asking."""
    return short_code(order_id, prefix="LJ")
