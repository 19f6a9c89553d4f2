"""Ranking factors in plain words, for the buyer ("why here") and the published page on ranking."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from core.web.fragments import remembered
from marketplace.search.ports import Factor

_SENTENCES: dict[str, Callable[[int], str]] = {
    "TEXT": lambda _value: _("The words of your search stand in its title or description."),
    "RATING": lambda value: _("Buyers rate it %(stars)s of 5.") % {"stars": f"{value / 100:.1f}"},
    "NO_RATING": lambda _value: _("It has no ratings yet."),
    "SALES": lambda value: _("%(n)d sold in the last 30 days.") % {"n": value},
    "PROMISE": lambda value: _("Its seller keeps %(share)d %% of delivery promises.") % {"share": round(value / 100)},
    "DISPUTES": lambda value: (
        _("%(share)s %% of its seller's orders end in a dispute.") % {"share": f"{value / 100:.1f}"}
    ),
    "CLICKS": lambda _value: _("People who see it often open it."),
    "CONVERSION": lambda _value: _("People who open it often buy it."),
    "FRESH": lambda value: _("It is new here (%(n)d days).") % {"n": value},
    "PHOTO": lambda _value: _("It has a picture."),
}


def reason(factor: Factor) -> str:
    """One sentence for a factor; only this one is translated (a page of results asks for a hundred)."""
    return _sentence(factor.code, factor.value)


@remembered
def _sentence(code: str, value: int) -> str:
    sentence = _SENTENCES.get(code)
    return sentence(value) if sentence else code


def sign(factor: Factor) -> str:
    """up, down or level: which way the factor moved the result."""
    if factor.contribution > 0.005:
        return "up"
    return "down" if factor.contribution < -0.005 else "level"


def title_of(code: str) -> str:
    """The name of a factor where factors are listed: the published page, a listing's place."""
    return {
        "TEXT": _("How well the words of the search fit"), "RATING": _("Ratings by verified buyers"),
        "SALES": _("Recent sales"), "PROMISE": _("Delivery promises kept by the seller"),
        "DISPUTES": _("Disputes of the seller"), "CLICKS": _("How often people open it"),
        "CONVERSION": _("How often people who open it buy it"), "FRESH": _("A start for new listings"),
        "PHOTO": _("Has a picture"),
    }.get(code, code)  # fmt: skip
