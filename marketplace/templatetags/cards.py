"""The parts that stand dozens of times on a page of results; as tags they cost a tenth of a template."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.money import Money
from core.web.fragments import remembered
from core.web.money_format import format_money
from logistics.contracts import ServiceQuote
from marketplace.search.reasons import reason, sign
from marketplace.search.selectors import Hit

register = template.Library()
_ADDRESS = "#address-of-the-card"
_SIGNS = {"up": "+", "down": "−"}


@register.simple_tag
def card(hit: Hit, promise: ServiceQuote | None, url: str, eager: bool = False) -> SafeString:  # of a template
    """A result on a page; `eager`: its picture is seen first. Only the address differs from page to page."""
    before, after = _card(hit._replace(position=0), promise, eager)
    return mark_safe(before + conditional_escape(url) + after)  # noqa: S308  # markup of the template, address escaped


@remembered
def _card(hit: Hit, promise: ServiceQuote | None, eager: bool) -> tuple[str, str]:
    """What stands before and behind the address."""
    words = tuple((sign(factor), reason(factor)) for factor in hit.factors)
    context = {"hit": hit, "promise": promise, "reasons": words, "eager": eager, "url": _ADDRESS}
    before, _address, after = render_to_string("marketplace/card.html", context).partition(_ADDRESS)
    return before, after


@register.simple_tag
def arrival(promise: ServiceQuote | None) -> SafeString:
    """When the goods arrive and what the delivery costs."""
    if promise is None:
        return format_html('<span class="faint">{}</span>', _("No delivery to your country"))
    return _arrival(promise.earliest, promise.latest, promise.price)


@remembered
def _arrival(earliest: date, latest: date, price: Money) -> SafeString:
    days = {"earliest": date_format(earliest, "j M"), "latest": date_format(latest, "j M")}
    sentence = mark_safe(_("Arrives <b>%(earliest)s – %(latest)s</b>") % days)  # noqa: S308  # ours, with two dates
    return format_html('{} <span class="faint num">+ {}</span>', sentence, format_money(price))


@register.simple_tag
def reasons(found: Iterable[tuple[str, str]]) -> SafeString:
    """Why a result stands where it stands: (up, down or even, words)."""
    return _reasons(tuple(found))


@remembered
def _reasons(found: tuple[tuple[str, str], ...]) -> SafeString:
    rows = [(_SIGNS.get(direction, "·"), text) for direction, text in found]
    if not rows:
        return SafeString("")
    items = format_html_join("", "<li>{} {}</li>", rows)
    return format_html('<details><summary>{}</summary><ul class="stack-s">{}</ul></details>', _("Why here?"), items)


@register.simple_tag(takes_context=True)
def filters_form(context: template.Context) -> SafeString:
    """The form with the facets; a page shows it twice (beside the results, folded above them) and writes it once."""
    assert context.template is not None
    return context.template.engine.get_template("marketplace/facets.html").render(context)


@register.simple_tag
def facet_values(group: Any) -> SafeString:
    """The values of a facet with their numbers, the chosen ones ticked."""
    return format_html_join(
        "",
        '<label><input type="checkbox" name="{}" value="{}"{}><span>{}</span><span class="num">{}</span></label>',
        (
            (group.name, value.value, SafeString(" checked" if value.chosen else ""), label, value.count)
            for value, label in group.values
        ),
    )
