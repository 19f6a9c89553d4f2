"""Ranking factors in plain words, for the buyer ("why here") and the published page on ranking."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marketplace.search.ports import Factor


def reason(factor: Factor) -> str:
    """One sentence for a factor."""
    value = factor.value
    texts = {
        "TEXT": _("The words of your search stand in its title or description."),
        "RATING": _("Buyers rate it %(stars)s of 5.") % {"stars": f"{value / 100:.1f}"},
        "NO_RATING": _("It has no ratings yet."),
        "SALES": _("%(n)d sold in the last 30 days.") % {"n": value},
        "PROMISE": _("Its seller keeps %(share)d %% of delivery promises.") % {"share": round(value / 100)},
        "DISPUTES": _("%(share)s %% of its seller's orders end in a dispute.") % {"share": f"{value / 100:.1f}"},
        "CLICKS": _("People who see it often open it."),
        "CONVERSION": _("People who open it often buy it."),
        "FRESH": _("It is new here (%(n)d days).") % {"n": value},
        "PHOTO": _("It has a picture."),
    }
    return texts.get(factor.code, factor.code)


def sign(factor: Factor) -> str:
    """up, down or level: which way the factor moved the result."""
    if factor.contribution > 0.005:
        return "up"
    return "down" if factor.contribution < -0.005 else "level"
