"""The life of an import: a file is checked, then run, and can be undone."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ImportState(StrEnum):
    UPLOADED = "UPLOADED"
    CHECKED = "CHECKED"
    UNREADABLE = "UNREADABLE"
    RUNNING = "RUNNING"
    DONE = "DONE"
    UNDONE = "UNDONE"


class ImportAction(StrEnum):
    CHECK = "CHECK"
    REFUSE = "REFUSE"
    START = "START"
    FINISH = "FINISH"
    UNDO = "UNDO"


TRANSITIONS: Final[dict[tuple[ImportState, ImportAction], ImportState]] = {
    (ImportState.UPLOADED, ImportAction.CHECK): ImportState.CHECKED,
    (ImportState.UPLOADED, ImportAction.REFUSE): ImportState.UNREADABLE,
    (ImportState.CHECKED, ImportAction.START): ImportState.RUNNING,
    (ImportState.RUNNING, ImportAction.FINISH): ImportState.DONE,
    (ImportState.DONE, ImportAction.UNDO): ImportState.UNDONE,
}
"""The dry run is the check: nothing is written to the catalogue until the seller starts the import."""
