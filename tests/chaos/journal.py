"""What a client was told: every request is on disk before it is made, every answer before the next request."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Story:
    """How far one purchase came: `answers[i]` is what step i was answered, `asked` how often the next one was made."""

    number: int
    answers: list[str] = field(default_factory=list)
    asked: int = 0
    ended: bool = False


class Journal:
    """Lines of one client, each written and fsynced as a whole; a line that was torn by a kill does not count."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stories = read(path)
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(self.file, b"\n")  # after a torn line

    def ask(self, story: Story) -> None:
        self._write({"story": story.number, "step": len(story.answers), "asked": True})
        story.asked += 1

    def answer(self, story: Story, answer: str) -> None:
        self._write({"story": story.number, "step": len(story.answers), "answer": answer})
        story.answers.append(answer)
        story.asked = 0

    def end(self, story: Story) -> None:
        self._write({"story": story.number, "ended": True})
        story.ended = True

    def note(self, text: str) -> None:
        """Something that must not happen, for the verdict."""
        self._write({"note": text})

    def _write(self, line: dict[str, Any]) -> None:
        os.write(self.file, json.dumps(line).encode() + b"\n")
        os.fsync(self.file)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for line in path.read_bytes().split(b"\n"):
        with contextlib.suppress(ValueError):
            if line:
                yield json.loads(line)


def read(path: Path) -> dict[int, Story]:
    """The stories of a client as its journal tells them."""
    stories: dict[int, Story] = {}
    for line in lines(path):
        if "story" not in line:
            continue
        story = stories.setdefault(line["story"], Story(line["story"]))
        if "answer" in line:
            story.answers.append(line["answer"])
            story.asked = 0
        elif "ended" in line:
            story.ended = True
        else:
            story.asked += 1
    return stories


def notes(path: Path) -> list[str]:
    return [line["note"] for line in lines(path) if "note" in line]
