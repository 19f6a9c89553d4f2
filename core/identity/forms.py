"""What a person tells us on joining, beyond e-mail and password."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.clock import utc_now
from core.identity.countries import country_choices, currency_of
from core.identity.models import User
from core.identity.services import SCOPES, create_organisation


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


class ProfileForm(forms.ModelForm[User]):
    """Name, language and colours of a person."""

    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("es", "Español")])
    theme = forms.ChoiceField(
        label=_("Colours"), choices=[("auto", _("Like my device")), ("light", _("Light")), ("dark", _("Dark"))]
    )

    class Meta:
        model = User
        fields = ("name", "language", "theme")
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class OrganisationForm(forms.Form):
    """Name and country; the currency of an organisation does not change."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)


class MemberForm(forms.Form):
    """Who joins the organisation, and as what."""

    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("They need an account on Lonja already."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    role = forms.ChoiceField(
        label=_("Role"), initial="STAFF",
        choices=[("STAFF", _("Staff: daily work")), ("MANAGER", _("Manager: also members and settings")),
                 ("OWNER", _("Owner: everything"))],
    )  # fmt: skip


class TokenForm(forms.Form):
    """A name to recognise the token by, and what it may do."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What uses it, for example “Warehouse”."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=[(scope, scope) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )
