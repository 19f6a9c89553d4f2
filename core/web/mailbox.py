"""The mailbox of a practice installation: e-mails that were written to files instead of being sent."""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

MAX_LETTERS = 100
MAX_FILES = 400
MAX_FILE_BYTES = 1_000_000
_SEPARATOR = b"-" * 79 + b"\n"
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail as its reader would see it."""

    id: str
    subject: str
    sender: str
    recipients: str
    sent_at: datetime
    text: str
    link: str


def list_letters() -> list[Letter]:
    """The newest 100 e-mails of the file backend, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)[:MAX_FILES]
    letters: list[Letter] = []
    for path in files:
        content = path.read_bytes()[:MAX_FILE_BYTES]
        letters += [_read(part) for part in content.split(_SEPARATOR) if part.strip()]
        if len(letters) >= MAX_LETTERS:
            break
    return sorted(letters, key=lambda letter: letter.sent_at, reverse=True)[:MAX_LETTERS]


def _read(raw: bytes) -> Letter:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    text = str(body.get_content()) if body is not None else ""
    link = _LINK.search(text)
    try:
        sent_at = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        sent_at = datetime.fromtimestamp(0, UTC)
    return Letter(
        id=hashlib.sha256(raw).hexdigest()[:16], subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""), recipients=str(message["To"] or ""), sent_at=sent_at, text=text.strip(),
        link=link.group(0) if link else "",
    )  # fmt: skip


def _refuse_in_production() -> None:
    if settings.IS_PRODUCTION:
        raise Http404


@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """Everything this installation would have sent. Not there in production."""
    _refuse_in_production()
    return render(request, "core/mailbox.html", {"letters": list_letters()})


@require_GET
def letter(request: HttpRequest, letter_id: str) -> HttpResponse:
    _refuse_in_production()
    found = next((one for one in list_letters() if one.id == letter_id), None)
    if found is None:
        raise Http404
    return render(request, "core/letter.html", {"letter": found})
