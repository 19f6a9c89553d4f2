"""What payments asks about organisations: names for documents, and whether a seller may be paid."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_noop

from core.models import Organisation
from marketplace.buyers.selectors import vat_number_of
from marketplace.contracts import SellerState
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import find_seller
from payments.contracts import Party

#: Shown to the seller in their language by the money page.
NOT_VERIFIED = gettext_noop("Payouts start again when your business profile is verified.")


class SellerDirectory:
    """payments.contracts.PartyDirectory, from business profiles; organisations without one have their name."""

    def find_party(self, organisation_id: UUID) -> Party | None:
        seller = find_seller(organisation_id)
        if seller is not None:
            return Party(
                party_id=organisation_id, name=seller.legal_name or seller.name, street=seller.street,
                postcode=seller.postcode, town=seller.city, country=seller.country, tax_number=seller.vat_number,
                registration_number=seller.registration_number,
            )  # fmt: skip
        organisation = Organisation.objects.filter(id=organisation_id).first()
        if organisation is None:
            return None
        return Party(
            organisation_id,
            organisation.name,
            "",
            "",
            "",
            organisation.country,
            tax_number=vat_number_of(organisation_id),
        )

    def payout_objection(self, organisation_id: UUID) -> str | None:
        """A profile that was rejected, suspended or sent in again stops payouts; no profile at all stops nothing."""
        state = Seller.objects.filter(organisation_id=organisation_id).values_list("state", flat=True).first()
        return None if state is None or state == SellerState.VERIFIED else NOT_VERIFIED
