"""Why money came back, in words; for the seller's pages and letters."""

from __future__ import annotations

from django.utils.translation import gettext as _


def failure_words(code: str) -> str:
    """Why money came back, by ISO 20022 return reason or the provider's code."""
    words = {
        "": "",
        "AC01": _("The account number is wrong."),
        "AC04": _("The account is closed."),
        "AC06": _("The account is blocked."),
        "AG01": _("The bank does not allow this transfer."),
        "BE04": _("The bank asks for the address of the holder."),
        "MS03": _("The bank gave no reason."),
        "RR04": _("The bank gave a legal reason."),
        "account_closed": _("The account is closed."),
        "refused": _("The bank refused it."),
        "cancelled": _("We cancelled it; the money is available again."),
    }
    return words.get(code, _("The bank sent it back (%(code)s).") % {"code": code})
