"""One stylesheet and one script out of many readable files, without a build step.

Components keep a file each; the browser gets one of each kind, named by its content, compressed once in memory and
cacheable for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

STATIC_DIR = Path(__file__).resolve().parent.parent / "static" / "core"

#: Order matters: tokens and elements first, print last.
STYLES = ("tokens", "base", "layout", "shell", "buttons", "forms", "cards", "badges", "notices", "progress", "tables",
          "results", "product", "shops", "overlays", "charts", "print")  # fmt: skip
SCRIPTS = ("menus", "dialogs", "notices", "submit", "drafts")

_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.S)
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Bundle:
    """A joined file: its content, the same compressed, and the digest its address carries."""

    body: bytes
    packed: bytes
    digest: str


def _bundle(text: str) -> Bundle:
    body = text.encode()
    return Bundle(body, gzip.compress(body, 9, mtime=0), hashlib.sha256(body).hexdigest()[:12])


def _join_styles() -> str:
    texts = [(STATIC_DIR / "css" / f"{name}.css").read_text() for name in STYLES]
    return "\n".join(line.strip() for line in _CSS_COMMENT.sub("", "\n".join(texts)).splitlines() if line.strip())


def _join_scripts() -> str:
    # Each file is a block of its own, so that its names stay its own.
    return "\n".join("{\n" + (STATIC_DIR / "js" / f"{name}.js").read_text() + "}" for name in SCRIPTS)


@lru_cache(maxsize=4)
def _cached(kind: str) -> Bundle:
    return _bundle(_join_styles() if kind == "css" else _join_scripts())


def bundle(kind: str) -> Bundle:
    """The bundle of `kind` ("css" or "js"); read again on each call only while debugging."""
    if settings.DEBUG:
        _cached.cache_clear()
    return _cached(kind)


def bundle_url(kind: str) -> str:
    """Address of a bundle, with the digest of its content in it."""
    return reverse("asset", args=[bundle(kind).digest, kind])


def asset(request: HttpRequest, digest: str, kind: str) -> HttpResponse:
    """The bundle; an outdated digest gets today's content, not cached."""
    if kind not in {"css", "js"}:
        raise Http404
    found = bundle(kind)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    content_type = "text/css; charset=utf-8" if kind == "css" else "text/javascript; charset=utf-8"
    response = HttpResponse(found.packed if packed else found.body, content_type=content_type)
    if packed:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = FOREVER if digest == found.digest else "no-cache"
    return response
