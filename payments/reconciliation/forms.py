"""What the operator types about statements and lines."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.reconciliation.xml import MAX_BYTES


class StatementForm(forms.Form):
    """A file from the bank; the service reads it."""

    statement = forms.FileField(label=_("camt.052, camt.053, camt.054 or pain.002 file"))

    def clean_statement(self) -> object:
        upload = self.cleaned_data["statement"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is too large."))
        return upload


class LineForm(forms.Form):
    """One decision about a line; which fields count depends on it."""

    DECISIONS = (
        ("PAYOUT", _("It is this payout, refund, or its return")),
        ("CHARGE", _("It pays this charge")),
        ("PROVIDER", _("It is a settlement of the card provider")),
        ("SEND_BACK", _("Send it back")),
        ("FEE", _("It is a fee of the bank")),
        ("WRITE_OFF", _("Write it off")),
    )
    decision = forms.ChoiceField(label=_("What is it?"), choices=DECISIONS)
    subject_id = forms.UUIDField(label=_("Id of the payout, refund or charge"), required=False)
    holder = forms.CharField(label=_("Account holder, to send it back"), max_length=70, required=False)
    iban = forms.CharField(label=_("IBAN, to send it back"), max_length=42, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
