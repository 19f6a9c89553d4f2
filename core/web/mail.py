"""E-mail to people: plain and HTML, in the recipient's language, one action each."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import override


def send_mail_to(
    address: str, *, language: str, subject: str, lines: list[str], action_label: str = "", action_url: str = "",
    facts: list[tuple[str, str]] | None = None, steps: list[dict[str, str]] | None = None, name: str = "",
) -> None:  # fmt: skip
    """Send one e-mail. The texts are lazy translations or already in `language`; `action_url` is absolute.

    `facts` are (label, value) rows; `steps` the escrow stepper ({label, note, state}). Called from tasks, outside of
    any transaction. Raises what the mail backend raises.
    """
    with override(language):
        context: dict[str, Any] = {
            "subject": str(subject), "lines": [str(line) for line in lines], "action_label": str(action_label),
            "action_url": action_url, "facts": facts or [], "steps": steps or [], "name": name, "language": language,
        }  # fmt: skip
        text = render_to_string("email/letter.txt", context)
        html = render_to_string("email/letter.html", context)
        message = EmailMultiAlternatives(subject=" ".join(str(subject).split()), body=text, to=[address])
        message.attach_alternative(html, "text/html")
        message.send()
