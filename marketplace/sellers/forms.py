"""The business profile form."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.identity.countries import country_choices
from marketplace.contracts import ProfileInput
from marketplace.sellers.models import Seller


class ProfileForm(forms.ModelForm[Seller]):
    """Who sells: asked once, verified by the operator, shown on the shop page as the law wants."""

    country = forms.ChoiceField(label=_("Country"), choices=country_choices)

    class Meta:
        model = Seller
        fields = (
            "name", "slug", "kind", "legal_name", "registration_number", "vat_number", "street", "city", "postcode",
            "region", "country", "phone", "handling_days", "story", "policies",
        )  # fmt: skip
        help_texts = {
            "slug": _("Your shop's web address: small letters, digits and hyphens."),
            "registration_number": _("Needed for registered businesses."),
            "handling_days": _("Working days between an order and its hand-over to the carrier."),
        }
        widgets = {
            "story": forms.Textarea(attrs={"rows": 4}),
            "policies": forms.Textarea(attrs={"rows": 3}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        }

    def validate_unique(self) -> None:
        """Whether the address is taken is the service's word: it knows whose shop asks."""

    def profile(self) -> ProfileInput:
        return ProfileInput(**{name: self.cleaned_data[name] for name in self.Meta.fields})
