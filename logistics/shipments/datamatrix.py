"""Data Matrix ECC 200 (ISO/IEC 16022), square symbols, ASCII encodation. Pure.

Written here because no library of ours draws a GS1 symbol of an address's length: the placement of each size is worked out
once and kept, so that a symbol costs a fraction of a millisecond.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

FNC1: Final = "\x1d"
"""In the text given here: the GS1 function character, first of all and after elements of variable length."""

Bits = NDArray[np.bool_]

#: size: (data codewords, error codewords, data regions per side, interleaved blocks)
_SIZES: Final = {
    12: (5, 7, 1, 1), 14: (8, 10, 1, 1), 16: (12, 12, 1, 1), 18: (18, 14, 1, 1), 20: (22, 18, 1, 1), 22: (30, 20, 1, 1),
    24: (36, 24, 1, 1), 26: (44, 28, 1, 1), 32: (62, 36, 2, 1), 36: (86, 42, 2, 1), 40: (114, 48, 2, 1),
    44: (144, 56, 2, 1), 48: (174, 68, 2, 1), 52: (204, 84, 2, 2), 64: (280, 112, 4, 2), 72: (368, 144, 4, 4),
}  # fmt: skip


class TooLong(ValueError):
    """The text does not fit the largest symbol."""


def encode(text: str) -> Bits:
    """The modules (True is dark) of the smallest square symbol that holds `text` (ASCII). Raises TooLong, ValueError."""
    words = _codewords(text)
    for size, (capacity, errors, regions, blocks) in _SIZES.items():
        if len(words) <= capacity:
            data = np.array(_padded(words, capacity), dtype=np.int64)
            return _draw(size, regions, np.concatenate([data, _error_words(data, errors, blocks)]))
    raise TooLong(f"{len(words)} codewords")


def _codewords(text: str) -> list[int]:
    """Pairs of digits take one codeword, other characters one each."""
    words, at = [], 0
    while at < len(text):
        pair = text[at : at + 2]
        if len(pair) == 2 and pair.isascii() and pair.isdigit():
            words.append(130 + int(pair))
            at += 2
            continue
        if ord(text[at]) > 127:
            raise ValueError("ASCII only")
        words.append(232 if text[at] == FNC1 else ord(text[at]) + 1)
        at += 1
    return words


def _padded(words: list[int], capacity: int) -> list[int]:
    padded = list(words)
    if len(padded) < capacity:
        padded.append(129)
    while len(padded) < capacity:
        pseudo = 129 + (149 * (len(padded) + 1)) % 253 + 1
        padded.append(pseudo if pseudo <= 254 else pseudo - 254)
    return padded


def _tables() -> tuple[list[int], list[int]]:
    """Powers and logarithms of the field GF(256) of Data Matrix (polynomial 0x12D)."""
    powers, logs, value = [0] * 512, [0] * 256, 1
    for exponent in range(255):
        powers[exponent] = powers[exponent + 255] = value
        logs[value] = exponent
        value <<= 1
        if value & 0x100:
            value ^= 0x12D
    return powers, logs


_POWERS, _LOGS = _tables()


@cache
def _products(length: int) -> NDArray[np.int64]:
    """For each leading codeword, what division by the generator of `length` takes off the rest (256 x length)."""
    generator = [1]
    for root in range(1, length + 1):
        grown = [*generator, 0]
        for index, factor in enumerate(generator):
            if factor:
                grown[index + 1] ^= _POWERS[_LOGS[factor] + root]
        generator = grown
    table = np.zeros((256, length), dtype=np.int64)
    for value in range(1, 256):
        table[value] = [_POWERS[_LOGS[value] + _LOGS[factor]] if factor else 0 for factor in generator[1:]]
    return table


def _error_words(data: NDArray[np.int64], errors: int, blocks: int) -> NDArray[np.int64]:
    """Reed-Solomon codewords, interleaved like the data."""
    length = errors // blocks
    table, found = _products(length), np.zeros(errors, dtype=np.int64)
    for block in range(blocks):
        rest = np.zeros(length + 1, dtype=np.int64)
        for word in data[block::blocks]:
            lead = int(rest[0] ^ word)
            rest[:length] = rest[1:] ^ table[lead]
        found[block::blocks] = rest[:length]
    return found


def _draw(size: int, regions: int, words: NDArray[np.int64]) -> Bits:
    """Codewords placed, cut into regions, each with its finder: solid left and bottom, dotted top and right."""
    word, shift, fixed = _placement(size - 2 * regions)
    inner = np.where(fixed >= 0, fixed == 1, (words[word] >> shift) & 1 == 1)
    side = (size - 2 * regions) // regions
    symbol = np.zeros((size, size), dtype=bool)
    for row in range(regions):
        for column in range(regions):
            frame = symbol[row * (side + 2) : (row + 1) * (side + 2), column * (side + 2) : (column + 1) * (side + 2)]
            frame[0, ::2] = True
            frame[1::2, -1] = True
            frame[:, 0] = frame[-1, :] = True
            frame[1:-1, 1:-1] = inner[row * side : (row + 1) * side, column * side : (column + 1) * side]
    return symbol


_UTAH: Final = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
_CORNERS: Final = (
    ((-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1)),
    ((-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1)),
    ((-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1)),
)
"""Where the eight bits of a codeword lie in the corner cases of annex F; negative numbers count from the far side."""


@cache
def _placement(side: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """For each module: its codeword, the shift of its bit, and -1 or the fixed value of the unused corner (annex F)."""
    word = np.full((side, side), -1, dtype=np.int64)
    shift = np.zeros((side, side), dtype=np.int64)
    fixed = np.full((side, side), -1, dtype=np.int64)
    number, row, column = 0, 4, 0
    while row < side or column < side:
        corner = _corner_at(row, column, side)
        if corner is not None:
            _put(word, shift, number, [(r % side, c % side) for r, c in _CORNERS[corner]])
            number += 1
        for step in (-1, 1):
            while True:
                if 0 <= row < side and 0 <= column < side and word[row, column] < 0:
                    _put(word, shift, number, [_wrapped(row + r, column + c, side) for r, c in _UTAH])
                    number += 1
                row, column = row + 2 * step, column - 2 * step
                if (step < 0 and (row < 0 or column >= side)) or (step > 0 and (row >= side or column < 0)):
                    break
            row, column = (row + 1, column + 3) if step < 0 else (row + 3, column + 1)
    if word[-1, -1] < 0:
        fixed[-2:, -2:] = np.array([[1, 0], [0, 1]])
        word[-2:, -2:] = 0
    return word, shift, fixed


def _corner_at(row: int, column: int, side: int) -> int | None:
    if row == side and column == 0:
        return 0
    if row == side - 2 and column == 0 and side % 4:
        return 1
    if row == side - 2 and column == 0 and side % 8 == 4:
        return 2
    if row == side + 4 and column == 2 and side % 8 == 0:
        return 3
    return None


def _put(word: NDArray[np.int64], shift: NDArray[np.int64], number: int, places: list[tuple[int, int]]) -> None:
    for bit, (row, column) in enumerate(places):
        word[row, column], shift[row, column] = number, 7 - bit


def _wrapped(row: int, column: int, side: int) -> tuple[int, int]:
    if row < 0:
        row, column = row + side, column + 4 - (side + 4) % 8
    if column < 0:
        row, column = row + 4 - (side + 4) % 8, column + side
    return row, column
