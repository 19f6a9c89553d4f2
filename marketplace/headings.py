"""Headings of the marketplace's lists in the admin that Django would make from the names of fields, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib.admin import ModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Final[dict[str, Promise]] = {
    "number": _("number"), "title": _("title"), "state": _("state"), "seller": _("seller"), "buyer": _("buyer"),
    "listing": _("listing"), "category": _("category"), "purchase": _("purchase"), "order": _("order"),
    "code": _("code"), "kind": _("kind"), "percent": _("per cent"), "reason": _("reason"), "note": _("note"),
    "decision": _("decision"), "reporter": _("reported by"), "quantity": _("quantity"), "wish": _("wish"),
    "payer": _("who pays"), "liable": _("who answers"), "author": _("by"), "location": _("place"), "good": _("shared good"),
    "parent": _("part of"), "position": _("position"), "version": _("version"), "opened": _("return opened"),
    "name en": _("name (English)"), "name es": _("name (Spanish)"), "asked name": _("asked by"),
    "decided name": _("decided by"), "decided by": _("decided by"), "claim number": _("number of the claim"),
    "adjustment id": _("adjustment"), "days late": _("days late"), "promised latest": _("promised for"),
    "ship by": _("hand over by"), "deadline": _("deadline"), "at": _("at"),
    "submitted at": _("submitted"), "opened at": _("opened"), "requested at": _("asked"), "proposed at": _("proposed"),
    "closed at": _("closed"), "asked at": _("asked"), "decided at": _("decided"), "created at": _("created"),
    "reported at": _("reported"), "updated at": _("changed"), "placed at": _("placed"), "paid at": _("paid"),
    "starts at": _("from"), "ends at": _("until"), "stopped at": _("stopped"), "expires at": _("expires"),
    "broken at": _("broken"), "settled at": _("settled"), "due at": _("due"), "published at": _("published"),
    "stated at": _("stated"), "orders": _("orders"), "budget": _("budget"), "promised": _("promised"),
    "amount": _("amount"), "refunded": _("refunded"),
}  # fmt: skip
"""The words of a name -> what a list says instead."""


def name_headings(admins: Iterable[ModelAdmin[Any]]) -> None:
    """Give the columns of these lists their words; what has words of its own keeps them."""
    for one in admins:
        for name in one.list_display:
            words = WORDS.get(str(name).replace("_", " "))
            if words is not None:
                _name(one.model, str(name), words)


def _name(model: Any, name: str, words: Promise) -> None:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        field = None
    if isinstance(field, Field):
        if not isinstance(field.verbose_name, Promise):
            field.verbose_name = words  # type: ignore[assignment]  # Django takes lazy words
        return
    found = getattr(model, name, None)
    if isinstance(found, property):
        found.fget.short_description = words  # type: ignore[union-attr]
