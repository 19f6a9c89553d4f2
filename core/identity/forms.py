"""What a person tells us on joining, beyond e-mail and password."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.clock import utc_now
from core.identity.countries import country_choices, currency_of
from core.identity.models import User
from core.identity.services import create_organisation


class SignupForm(forms.Form):
    """Name and country; the organisation they act for is made from them."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    country = forms.ChoiceField(label=_("Country"), choices=country_choices, initial="ES")
    field_order = ["name", "email", "country", "password1", "password2"]

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
        country = self.cleaned_data["country"]
        create_organisation(
            user_id=user.id, name=user.name, country=country, currency=currency_of(country), now=utc_now()
        )
