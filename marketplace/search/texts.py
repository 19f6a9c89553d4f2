"""The packed texts of a node's listings in one file that is only appended to: the index keeps each listing's place in it.

Re-ranking reads some hundred texts for every search. A memory map hands them out by their place in a fraction of a
millisecond; stored fields of the index would be unpacked block by block. A text carries its own length (see tokens).
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from marketplace.search.tokens import packed_size

USUAL_BYTES: Final = 800
"""More than the text of a listing takes."""
SPARE_BYTES: Final = 64_000_000
HEAD: Final = 4
NOTHING: Final = bytes(HEAD)
"""A text without words."""


class TextFile:
    """One node's texts. Any number of processes read; the holder of the writer's lock appends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._map: mmap.mmap | None = None
        self._mapping = threading.Lock()
        self._end = 0
        self._waiting: list[bytes] = []

    def put(self, text: bytes, *, known: int | None = None) -> int:
        """The place of a text, appended unless it stands at `known` already. Found by readers after `flush`."""
        if known is not None and known >= 0 and self.read([known])[0] == text:
            return known
        if not self._waiting:  # another process may have written since
            self._end = self.path.stat().st_size if self.path.exists() else 0
        place = self._end
        self._waiting.append(text)
        self._end += len(text)
        return place

    def flush(self, *, durably: bool = False) -> None:
        """Write what was put; durably before the index commits its places."""
        if not self._waiting and not durably:
            return
        with open(self.path, "ab") as file:
            file.write(b"".join(self._waiting))
            file.flush()
            if durably:
                os.fsync(file.fileno())
        self._waiting = []

    def forget(self) -> None:
        """The file may be another one now: it is opened anew when next read."""
        self._map = None

    def read(self, places: Sequence[int]) -> list[bytes]:
        """The texts at these places; empty ones while the file is another than the index's (it is being built anew)."""
        if not places:
            return []
        last = max(places)
        mapped = self._mapped(last + HEAD)
        if mapped is None:
            return [NOTHING] * len(places)
        if last + packed_size(mapped, last) > len(mapped):
            mapped = self._mapped(last + packed_size(mapped, last)) or mapped
        texts = [mapped[place : place + packed_size(mapped, place)] for place in places]
        return [text if len(text) == packed_size(text, 0) else NOTHING for text in texts]

    def is_bloated(self, listings: int) -> bool:
        """True when most of the file is texts of listings that have been written anew since."""
        size = self.path.stat().st_size if self.path.exists() else 0
        return size > SPARE_BYTES + 3 * USUAL_BYTES * listings

    def _mapped(self, size: int) -> mmap.mmap | None:
        """A map of at least so many bytes; None when the file is shorter."""
        found = self._map
        if found is not None and len(found) >= size:
            return found
        with self._mapping:
            if not self.path.exists() or self.path.stat().st_size < size:
                return None
            with open(self.path, "rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            return self._map
