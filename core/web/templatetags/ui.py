"""Template tags of the component library (a builtin: no load needed). Markup stands in templates/components/."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm
from django.template import Context
from django.template.defaultfilters import floatformat
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from heroicons import _render_icon

from core.money import Money
from core.web import charts
from core.web.fragments import remembered
from core.web.money_format import format_money, format_plain

register = template.Library()

TONES = frozenset({"held", "moving", "available", "owed", "brand", "neutral"})
NOTICE_ICONS = {
    "owed": "exclamation-triangle",
    "held": "exclamation-circle",
    "available": "check-circle",
    "moving": "information-circle",
}
LEVEL_TONES = {"error": "owed", "warning": "held", "success": "available", "info": "moving", "debug": "moving"}


@register.simple_tag
def icon(name: str, size: int = 20, style: str = "outline") -> SafeString:
    """An inline heroicon, hidden from screen readers; unknown names raise in tests and in production alike."""
    return _icon(name, size, style)


@cache
def _icon(name: str, size: int, style: str) -> SafeString:
    attributes: dict[str, object] = {"aria-hidden": "true", "focusable": "false"}
    return mark_safe(_render_icon(style, name, size, attributes))  # noqa: S308  # markup of the package, no user input


@register.filter
def money(value: Money | None) -> str:
    """`{{ total|money }}`: an amount in the reader's language; empty for None."""
    return "" if value is None else format_money(value)


# Money, badges and ratings stand many times on a page; written here they cost a tenth of a template each.


@register.simple_tag(name="money")
@remembered
def money_tag(value: Money | None) -> SafeString:
    """`{% money total %}`: the amount in tabular figures."""
    return format_html('<span class="num">{}</span>', money(value))


@register.simple_tag
def money_input(value: Money, name: str, row: object) -> SafeString:
    """The field of a form in a table, written by hand: what MoneyField renders, without building a form for each row.

    Its name for screen readers is the words `of-NAME` and the row's title `t-ROW` of the page.
    """
    return format_html(
        '<span class="affix"><input type="text" name="{}" aria-labelledby="of-{} t-{}" value="{}" inputmode="decimal"'
        ' autocomplete="off" required><span>{}</span></span>',
        name, name, row, format_plain(value), value.currency,
    )  # fmt: skip


@register.simple_tag
def badge(text: object, tone: str = "neutral", icon: str = "") -> SafeString:
    return _badge(str(text), tone, icon)


@remembered
def _badge(text: str, tone: str, icon: str) -> SafeString:
    sign = _icon(icon, 14, "outline") if icon else ""
    return format_html('<span class="badge {}">{}{}</span>', tone if tone in TONES else "neutral", sign, text)


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Iterable[Any], label: str = "") -> dict[str, Any]:
    """The escrow stepper. Each step has label, note and state: done, now or todo."""
    return {"steps": steps, "label": label}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, Any]:
    """Entries have title, note, at (datetime) and tone; newest first is the caller's choice."""
    return {"entries": entries}


@register.simple_tag
@remembered
def rating(average: float | None, count: int = 0, url: str = "") -> SafeString:
    """Stars and how many people gave them; `url` leads to what they wrote."""
    if average is None or not count:
        return format_html('<span class="stars num"><span class="faint s">{}</span></span>', _("No reviews yet"))
    if url:
        words = ngettext("%(n)s review", "%(n)s reviews", count) % {"n": count}
        tail = format_html('<a class="link" href="{}">{}</a>', url, words)
    else:
        tail = format_html('<span class="faint">({}<span class="only-read"> {}</span>)</span>', count, _("reviews"))
    return format_html(
        '<span class="stars num"><span class="star">{}</span><span class="only-read">{}</span> {} {}</span>',
        _icon("star", 16, "solid"), _("Rating"), floatformat(average, 1), tail,
    )  # fmt: skip


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    icon: str = "inbox", title: str = "", text: str = "", action_url: str = "", action_label: str = ""
) -> dict[str, Any]:
    return {"icon": icon, "title": title, "text": text, "action_url": action_url, "action_label": action_label}


@register.inclusion_tag("components/notice.html")
def notice(text: object, tone: str = "moving", title: str = "") -> dict[str, Any]:
    return {"text": text, "tone": tone, "title": title, "icon": NOTICE_ICONS.get(tone, "information-circle")}


@register.filter
def level_tone(message: Any) -> str:
    """Tone of a message of django.contrib.messages."""
    return LEVEL_TONES.get(message.level_tag, "moving")


@register.inclusion_tag("components/paginate.html", takes_context=True)
def paginate(context: Context, page_obj: Page[Any]) -> dict[str, Any]:
    """Page links that keep the filters of the address. Nothing for a single page."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is not None:
        query.pop("page", None)
    numbers = page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    kept = query.urlencode() if query else ""
    return {"page": page_obj, "numbers": numbers, "prefix": f"?{kept}&page=" if kept else "?page=",
            "ellipsis": page_obj.paginator.ELLIPSIS}  # fmt: skip


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: BaseForm) -> dict[str, Any]:
    """All fields of a form, one column, with the summary of errors on top."""
    return {"form": form}


@register.inclusion_tag("components/field.html")
def field(bound: Any) -> dict[str, Any]:
    """One bound field, for forms that place theirs by hand; show `{% form_errors form %}` on top."""
    return {"field": bound}


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    return {"form": form}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(series: Iterable[Any], title: str = "") -> dict[str, Any]:
    return {"chart": charts.bar_chart(series), "title": title}


@register.inclusion_tag("components/line_chart.html")
def line_chart(series: Iterable[Any], title: str = "") -> dict[str, Any]:
    return {"chart": charts.line_chart(series), "title": title}


@register.inclusion_tag("components/funnel_chart.html")
def funnel_chart(steps: Iterable[Any], title: str = "") -> dict[str, Any]:
    return {"chart": charts.funnel_chart(steps), "title": title}


@register.simple_tag
def url_or_none(name: str, *args: Any, **kwargs: Any) -> str | None:
    """Like `url`, but None when no module has that page."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return None
