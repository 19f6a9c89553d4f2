"""A search node: one machine's copy of the index, kept fresh by the ordered change feed.

One process per node holds the writer (a file lock decides which); the others only read. The position in the feed is a
transaction id: a follower reads rows of transactions below the snapshot horizon, so that one that commits late is never
skipped. A missing, corrupt, outdated or too old index is rebuilt from PostgreSQL by itself.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

import structlog
import tantivy
from django.conf import settings
from django.db import connection

from core.clock import utc_now
from core.database import stable_horizon
from marketplace.search.index import (
    INDEX_VERSION,
    all_published,
    categories_by_code,
    count_published,
    open_index,
    write_documents,
)
from marketplace.search.texts import TextFile
from marketplace.search.vocabulary import Vocabulary

log = structlog.get_logger(__name__)

POLL_SECONDS: Final = 0.3
FOLLOW_BATCH: Final = 500
WRITER_HEAP_BYTES: Final = 64_000_000
MAX_POSITION_AGE: Final = timedelta(days=6)
"""The feed keeps seven days; a position older than six may miss rows."""


class SearchNotReady(RuntimeError):
    """The node is still building its index."""


@dataclass(frozen=True)
class Position:
    """Up to which transaction the index has followed, with which index version."""

    xid: int
    version: str
    at: datetime


class SearchNode:
    """The index below `directory`. Thread-safe for searching; writing happens in the lock holder only."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.files = directory / f"index-{INDEX_VERSION}"
        self._lock_file: IO[str] | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._index: tantivy.Index | None = None
        self._opening = threading.Lock()
        self._seen = 0
        self.texts = TextFile(self.files / "texts")
        self.vocabulary = Vocabulary()

    # --- reading

    def searcher(self) -> tantivy.Searcher:
        """A searcher over the newest commit."""
        index = self._open()
        committed = self._committed()
        if self._writer is None and committed != self._seen:
            index.reload()
            self.texts.forget()
            self._seen = committed
        return index.searcher()

    def _committed(self) -> int:
        """Changes with every commit, of whichever process."""
        try:
            return (self.files / "meta.json").stat().st_mtime_ns
        except OSError:
            return 0

    @property
    def index(self) -> tantivy.Index:
        return self._open()

    def is_ready(self) -> bool:
        """True once a complete index exists."""
        position = self._position()
        return position is not None and position.version == INDEX_VERSION

    def progress(self) -> tuple[int, int] | None:
        """(listings indexed, listings there are) while an index is being built by this or another process."""
        try:
            noted = json.loads((self.directory / "building.json").read_text())
            return int(noted["done"]), int(noted["of"])
        except (OSError, ValueError, KeyError):
            return None

    def status(self) -> dict[str, Any]:
        """For people who run the house: ready, listings, size in MB, followed up to, and how far a build has come."""
        position, building = self._position(), self.progress()
        size = sum(file.stat().st_size for file in self.files.glob("*")) if self.files.exists() else 0
        return {
            "ready": self.is_ready(), "listings": self.searcher().num_docs if self.is_ready() else 0,
            "mb": round(size / 1e6, 1), "followed_at": position.at.isoformat() if position else "",
            "building": "" if building is None else f"{building[0]} of {building[1]}",
        }  # fmt: skip

    def _open(self) -> tantivy.Index:
        with self._opening:
            if self._index is None:
                self._index = open_index(self.files)
            return self._index

    # --- writing

    def become_writer(self) -> bool:
        """Try to be the process that writes this node's index."""
        if self._lock_file is not None:
            return True
        self.directory.mkdir(parents=True, exist_ok=True)
        file = open(self.directory / "writer.lock", "w")  # noqa: SIM115 - held for the life of the process
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._lock_file = file
        return True

    def release_writer(self) -> None:
        """Let another process write."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def sync(self, *, now: datetime, progress: Callable[[int], None] | None = None) -> int:
        """Bring the index up to date; returns how many listings were read. Call only as the writer."""
        self._drop_unusable()
        position = self._position()
        is_old = position is None or position.version != INDEX_VERSION or now - position.at > MAX_POSITION_AGE
        if position is None or is_old or (self._writer is None and self.texts.is_bloated(self.searcher().num_docs)):
            return self.rebuild(now=now, progress=progress)
        return self._follow(position, now=now)

    def _drop_unusable(self) -> None:
        """Files that are no index (a full disk, a killed machine) are dropped, so that they are built anew."""
        try:
            self._open().searcher()
        except (ValueError, OSError):
            log.exception("search_index_unusable")
            self._drop_files()

    def rebuild(self, *, now: datetime, progress: Callable[[int], None] | None = None) -> int:
        """Build the index anew from PostgreSQL."""
        self._drop_files()
        horizon = stable_horizon()  # before reading: what commits from here on comes with the feed
        writer = self._writing()
        categories = categories_by_code()
        total, of = 0, count_published()
        for ids in all_published():
            total += write_documents(writer, self.texts, ids, categories)
            self._note("building.json", {"done": total, "of": of})
            if progress is not None:
                progress(total)
        self._commit(Position(horizon, INDEX_VERSION, now))
        (self.directory / "building.json").unlink(missing_ok=True)
        log.info("search_index_built", listings=total)
        return total

    def _follow(self, position: Position, *, now: datetime) -> int:
        horizon = stable_horizon()
        ids = changed_listings(position.xid, horizon)
        if not ids:
            if now - position.at > timedelta(hours=1):
                self._save(Position(horizon, INDEX_VERSION, now))
            return 0
        writer, searcher = self._writing(), self._open().searcher()
        categories = categories_by_code()
        for start in range(0, len(ids), FOLLOW_BATCH):
            batch = ids[start : start + FOLLOW_BATCH]
            write_documents(writer, self.texts, batch, categories, place_known=partial(self._place_of, searcher))
        self._commit(Position(horizon, INDEX_VERSION, now))
        return len(ids)

    def _writing(self) -> tantivy.IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._open().writer(WRITER_HEAP_BYTES, 1)
            except ValueError:
                log.exception("search_index_unusable")
                self._drop_files()
                self._writer = self._open().writer(WRITER_HEAP_BYTES, 1)
        return self._writer

    def _place_of(self, searcher: tantivy.Searcher, listing_id: UUID) -> int | None:
        """Where the index says that a listing's text stands."""
        own = tantivy.Query.term_query(self.index.schema, "id", str(listing_id), index_option="basic")
        found = searcher.search(own, limit=1, count=False).hits
        return int(searcher.fast_field_values("text_at", [found[0][1]])[0] or 0) if found else None

    def _commit(self, position: Position) -> None:
        self.texts.flush(durably=True)
        self._writing().commit()
        self._open().reload()
        self._save(position)

    def _drop_files(self) -> None:
        self._writer = None
        self._index = None
        self.texts.forget()
        (self.directory / "position.json").unlink(missing_ok=True)
        shutil.rmtree(self.files, ignore_errors=True)

    def _position(self) -> Position | None:
        try:
            saved = json.loads((self.directory / "position.json").read_text())
            return Position(int(saved["xid"]), saved["version"], datetime.fromisoformat(saved["at"]))
        except (OSError, ValueError, KeyError):
            return None

    def _save(self, position: Position) -> None:
        """After the commit: a crash in between only repeats the same changes."""
        at = position.at.isoformat()
        self._note("position.json", {"xid": position.xid, "version": position.version, "at": at})

    def _note(self, name: str, content: dict[str, Any]) -> None:
        """Write a small file whole or not at all."""
        temporary = self.directory / f"{name}.tmp"
        temporary.write_text(json.dumps(content))
        temporary.replace(self.directory / name)


def changed_listings(since_xid: int, until_xid: int) -> list[UUID]:
    """Listings changed by transactions in [since, until), oldest first, each once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT listing_id FROM marketplace_listingchange WHERE xid >= %s::text::xid8 AND xid < %s::text::xid8"
            " ORDER BY xid, id",
            [str(since_xid), str(until_xid)],
        )
        return list(dict.fromkeys(row[0] for row in cursor.fetchall()))


_node: SearchNode | None = None


def node() -> SearchNode:
    """This process's search node."""
    global _node
    if _node is None or _node.directory != Path(settings.SEARCH_INDEX_DIR):
        _node = SearchNode(Path(settings.SEARCH_INDEX_DIR))
    return _node


def follow_forever(stop: threading.Event) -> None:
    """The loop of a node: lead if nobody else does, and follow the feed. Errors are logged and tried again."""
    while not stop.is_set():
        pause = POLL_SECONDS
        try:
            if node().become_writer():
                behind = node().sync(now=utc_now()) >= FOLLOW_BATCH  # more has come meanwhile, most likely
                pause = 0.0 if behind else POLL_SECONDS
            else:
                pause = 1.0
        except Exception:
            log.exception("search_follow_failed")
            pause = 2.0
        finally:
            connection.close()
        stop.wait(pause)


def start_following() -> threading.Event:
    """Start the node's thread in this web process; set the returned event to stop it."""
    stop = threading.Event()
    threading.Thread(target=follow_forever, args=(stop,), name="search-node", daemon=True).start()
    return stop


def check_ready() -> None:
    """Readiness check of the web process. Raises SearchNotReady."""
    if not node().is_ready():
        done, of = node().progress() or (0, 0)
        raise SearchNotReady(f"The index is being built: {done} of {of} listings.")


def demand_rebuild() -> None:
    """Have this node's index built anew: by the process that follows the feed, else at its next start."""
    (node().directory / "position.json").unlink(missing_ok=True)


def sync_now(*, now: datetime) -> int:
    """Sync this process's node once, if no other process is doing it; returns how many listings were read."""
    here = node()
    if not here.become_writer():
        return 0
    try:
        return here.sync(now=now)
    finally:
        here.release_writer()
