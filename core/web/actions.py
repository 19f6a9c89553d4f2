"""Pages that do something: refusals become messages, and what was typed stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.errors import DomainError, NotFound


def attempt(request: HttpRequest, act: Callable[[], Any], *, done: str = "") -> bool:
    """Run `act`; tell the person that it worked, or why not and what to do. NotFound goes on to the 404 page."""
    try:
        act()
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, " ".join(part for part in (_(error.message), _(error.remedy) if error.remedy else "") if part))
        return False
    if done:
        messages.success(request, done)
    return True


def add_error(form: BaseForm, error: DomainError, fields: dict[str, str] | None = None) -> None:
    """Put a refusal beside the field it names (`fields` maps domain names to form names), else at the top."""
    name = (fields or {}).get(error.field or "", error.field)
    text = " ".join(part for part in (_(error.message), _(error.remedy) if error.remedy else "") if part)
    form.add_error(name if name in form.fields else None, text)
