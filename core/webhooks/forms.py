"""What an owner fills in for a webhook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.webhooks.audience import deliverable_names

MODULES = {
    "payments": _("Money"), "marketplace": _("Orders and listings"), "logistics": _("Parcels"), "trust": _("Trust"),
}  # fmt: skip


def event_choices() -> list[tuple[object, list[tuple[str, str]]]]:
    """Events by module, money first."""
    groups: dict[str, list[tuple[str, str]]] = {module: [] for module in MODULES}
    for name in deliverable_names():
        groups.setdefault(name.partition(".")[0], []).append((name, name))
    return [(MODULES.get(module, module), names) for module, names in groups.items() if names]


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Address"), max_length=500, widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
        help_text=_("Where your program listens, for example https://shop.example/lonja."),
    )  # fmt: skip
    description = forms.CharField(
        label=_("Description"), max_length=120, required=False, help_text=_("To recognise it by.")
    )
    events = forms.MultipleChoiceField(
        label=_("Events"), choices=event_choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("You get those of your organisation only."),
    )  # fmt: skip

    def event_groups(self) -> list[dict[str, Any]]:
        """The choices by module, with how many of each are ticked."""
        groups: dict[str, list[Any]] = {}
        for widget in self["events"]:
            groups.setdefault(str(widget.data["value"]).partition(".")[0], []).append(widget)
        return [
            {"label": MODULES.get(module, module), "choices": found,
             "ticked": sum(bool(widget.data["selected"]) for widget in found)}
            for module, found in groups.items()
        ]  # fmt: skip
