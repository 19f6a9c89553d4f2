"""Refusals of the marketplace are shown through gettext: each has a Spanish text."""

import ast
from pathlib import Path

from babel.messages.pofile import read_po

from core.web.catalogues import find_missing
from tests.database import ROOT


def refusals():
    """Literal texts of raised errors and of error classes in the module."""
    for path in sorted(Path(ROOT / "marketplace").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                values = [*node.exc.args[:1], *(k.value for k in node.exc.keywords if k.arg == "remedy")]
            elif isinstance(node, ast.ClassDef):
                values = [
                    item.value
                    for item in node.body
                    if isinstance(item, ast.Assign) and item.targets[0].id in {"message", "remedy"}
                ]
            else:
                continue
            yield from (v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str))


def test_every_refusal_is_translated():
    known = set()
    for module in ("core", "payments", "marketplace"):
        with open(ROOT / module / "locale/es/LC_MESSAGES/django.po", "rb") as file:
            known |= {message.id for message in read_po(file, locale="es") if message.string}
    assert not sorted(set(refusals()) - known - {"error.message"})


def test_no_text_of_the_marketplace_is_missing():
    assert not [one for one in find_missing(ROOT) if one.module == "marketplace"]
