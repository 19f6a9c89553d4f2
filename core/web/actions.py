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
        messages.error(
            request, " ".join(part for part in (_(error.message), _(error.remedy) if error.remedy else "") if part)
        )
        return False
    if done:
        messages.success(request, done)
    return True


def add_error(form: BaseForm, error: DomainError, fields: dict[str, str] | None = None) -> None:
    """Put a refusal beside the field it names (`fields` maps domain names to form names), else at the top."""
    name = (fields or {}).get(error.field or "", error.field)
    form.add_error(name if name in form.fields else None, told(error))


def told(error: DomainError) -> str:
    """What was refused and what to do, in the active language."""
    return " ".join(_(part) for part in (error.message, error.remedy) if part)


def form_problems(form: BaseForm) -> str:
    """All errors of a form in one line, for pages that do not show the form again."""
    return " ".join(str(problem) for problems in form.errors.values() for problem in problems)
