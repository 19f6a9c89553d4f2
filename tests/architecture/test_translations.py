"""Every text people read has a Spanish translation."""

from __future__ import annotations

from core.web.catalogues import find_missing


def test_nothing_is_left_untranslated():
    missing = find_missing()
    assert not missing, "\n".join(f"{one.module}: {one.file}: {one.msgid!r}" for one in missing)
