"""The operator's lists of the marketplace in Spanish: names of models and headings of columns."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.utils import translation

ADMINS = [one for model, one in admin.site._registry.items() if model._meta.app_label == "marketplace"]
SAME = {"SKU", "GTIN", "total", "IBAN", "No", "factor"}


def words(one):
    names = [str(one.model._meta.verbose_name), str(one.model._meta.verbose_name_plural)]
    return names + [str(label_for_field(name, one.model, one)) for name in one.list_display if name != "__str__"]


@pytest.mark.parametrize("one", ADMINS, ids=lambda one: one.model.__name__)
def test_the_lists_are_in_the_operators_language(one):
    with translation.override("en"):
        english = words(one)
    with translation.override("es"):
        spanish = words(one)
    same = [a for a, b in zip(english, spanish, strict=True) if a == b and a not in SAME]
    assert not same
