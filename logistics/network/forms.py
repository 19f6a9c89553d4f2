"""What is asked of the network."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from logistics.network.rules import Aim
from logistics.rates.forms import CompareForm

AIMS = {Aim.COST: _("Lowest price"), Aim.SPEED: _("Soonest there"), Aim.RELIABILITY: _("Most reliable")}


class RouteForm(CompareForm):
    """A parcel, its way, and what the way is to be best at."""

    aim = forms.ChoiceField(label=_("Best at"), choices=[(aim.value, word) for aim, word in AIMS.items()])
