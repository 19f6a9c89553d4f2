"""Addresses on pages."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.identity.countries import country_name
from marketplace.addresses.rules import address_lines
from marketplace.contracts import Place

register = template.Library()


@register.filter
def postal(place: Place) -> SafeString:
    """The address as its country writes it, with the country in the reader's language."""
    lines = [*address_lines(place), country_name(place.country)]
    return format_html("<address>{}</address>", format_html_join("", "{}<br>", ((line,) for line in lines)))
