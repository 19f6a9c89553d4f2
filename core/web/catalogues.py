"""Translation catalogues without the gettext tools: compile with Babel, find what is missing by reading the sources."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGE = "es"
MODULES = ("core", "payments", "logistics", "marketplace", "trust", "analytics")
CALLS = {"gettext": 0, "gettext_lazy": 0, "gettext_noop": 0, "_": 0, "ngettext": 0, "ngettext_lazy": 0, "pgettext": 1,
         "pgettext_lazy": 1}  # fmt: skip
_TEMPLATE_CALL = re.compile(r"""\b(?:n?gettext|_)\(\s*u?(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", re.S)


@dataclass(frozen=True, slots=True, order=True)
class Missing:
    """A text that has no translation: where it is used."""

    module: str
    file: str
    msgid: str


def compile_all(base: Path) -> list[Path]:
    """Write every django.mo that is older than its django.po; returns those written."""
    written = []
    for source in sorted(base.glob("*/locale/*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        partial = target.with_suffix(f".mo.{os.getpid()}.part")
        with partial.open("wb") as file:
            write_mo(file, catalogue)
        partial.replace(target)
        written.append(target)
    return written


def texts_of_python(source: str) -> Iterator[str]:
    """msgids of gettext calls with a literal text."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        place = CALLS.get(name)
        if place is None or len(node.args) <= place:
            continue
        argument = node.args[place]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def texts_of_template(source: str) -> Iterator[str]:
    """msgids of a Django template, read from what `templatize` makes of it."""
    for found in _TEMPLATE_CALL.finditer(templatize(source)):
        text = ast.literal_eval(found.group("text"))
        if text:
            yield str(text)


def find_missing(base: Path | None = None) -> list[Missing]:
    """Texts of each module that its own Spanish catalogue, or that of core, does not have."""
    root = base or Path(settings.BASE_DIR)
    shared = _translated(root / "core" / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po")
    missing = set()
    for module in MODULES:
        known = shared | _translated(root / module / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po")
        for path in _sources(root / module):
            read = texts_of_python if path.suffix == ".py" else texts_of_template
            for msgid in read(path.read_text()):
                if msgid not in known:
                    missing.add(Missing(module, str(path.relative_to(root)), msgid))
    return sorted(missing)


def _sources(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)
    for suffix in ("html", "txt"):
        yield from sorted((folder / "templates").rglob(f"*.{suffix}"))


def _translated(source: Path) -> set[str]:
    if not source.exists():
        return set()
    with source.open("rb") as file:
        catalogue = read_po(file, locale=LANGUAGE)
    found = set()
    for message in catalogue:
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if message.id and all(strings) and not message.fuzzy:
            found.add(message.id[0] if isinstance(message.id, list | tuple) else message.id)
    return found
