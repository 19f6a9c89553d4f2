"""Writes of buyer profiles."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.actor import Actor, Role
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed, NotFound
from core.models import Organisation
from core.money import Money
from marketplace.buyers.models import BuyerProfile
from payments import facade as payments


def save_buyer_profile(
    *, vat_number: str, staff_limit: Money | None, manager_limit: Money | None, actor: Actor, now: datetime
) -> BuyerProfile:
    """Set how the actor's organisation buys, for purchases from now on; owners only. Audited. Locks the organisation.

    Raises NotFound (no organisation), NotAllowed, InvalidInput (vat_number; a limit in another currency).
    """
    if actor.organisation_id is None:
        raise NotFound()
    if actor.role is not Role.OWNER or actor.scopes is not None:
        raise NotAllowed("Only an owner may do this.")
    plain = "".join(vat_number.upper().split()).replace(".", "").replace("-", "")
    if plain and not payments.is_vat_number(plain):
        raise InvalidInput(
            "This is no VAT number of the European Union.",
            field="vat_number",
            remedy="Write it with its country: ESB12345674.",
        )
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(id=actor.organisation_id)
        for name, limit in (("staff_limit", staff_limit), ("manager_limit", manager_limit)):
            if limit is not None and (limit.currency != organisation.currency or limit.minor < 0):
                raise InvalidInput("A limit is in the currency of the organisation.", field=name)
        limits = {
            name: None if limit is None else limit.minor
            for name, limit in (("staff", staff_limit), ("manager", manager_limit))
        }
        profile, _made = BuyerProfile.objects.update_or_create(
            organisation=organisation,
            defaults={
                "vat_number": plain, "currency": organisation.currency, "updated_at": now,
                "staff_limit_minor": limits["staff"], "manager_limit_minor": limits["manager"],
            },
        )  # fmt: skip
        record(
            actor=actor, action="marketplace.buyer_profile_saved", subject_type="organisation",
            subject_id=organisation.id, now=now, vat_number=plain, **{f"{k}_limit": v for k, v in limits.items()},
        )  # fmt: skip
    return profile
