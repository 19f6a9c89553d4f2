"""Writes of identity: organisations, memberships, tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor, Role
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed, NotFound
from core.identity.models import ApiToken, Membership, Organisation, User

TOKEN_PREFIX = "lonja_"  # noqa: S105
MAX_TOKENS_PER_ORGANISATION = 50

#: What a token may be allowed to do; the API checks them per endpoint.
SCOPES = ("catalog:read", "catalog:write", "orders:read", "orders:write", "payments:read", "payments:write",
          "shipping:read", "shipping:write", "trust:read", "trust:write", "analytics:read",
          "webhooks:read", "webhooks:write")  # fmt: skip


def create_organisation(
    *, user_id: UUID, name: str, country: str, currency: str, now: datetime, role: Role = Role.OWNER
) -> Organisation:
    """Create an organisation with its first member. One transaction; no event."""
    with transaction.atomic():
        organisation = Organisation.objects.create(name=name, country=country, currency=currency, created_at=now)
        Membership.objects.create(user_id=user_id, organisation=organisation, role=role, created_at=now)
    return organisation


def create_person(
    *, email: str, password: str, name: str, country: str, currency: str, now: datetime,
    organisation_name: str = "", is_operator: bool = False, language: str = "en",
) -> tuple[User, Organisation]:  # fmt: skip
    """Create a person and the organisation they act for (their own name by default). Raises on a taken e-mail."""
    with transaction.atomic():
        user = User.objects.create_user(
            email, password, name=name, is_staff=is_operator, is_superuser=is_operator, language=language
        )
        organisation = create_organisation(
            user_id=user.id, name=organisation_name or name or email.split("@")[0], country=country,
            currency=currency, now=now,
        )  # fmt: skip
    return user, organisation


def token_digest(token: str) -> str:
    """SHA-256 of a token; tokens carry 256 random bits, so no salt or stretching is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_token(*, actor: Actor, name: str, scopes: list[str], now: datetime) -> tuple[ApiToken, str]:
    """Make an API token for the actor's organisation. The plain token is returned once and never stored.

    Raises InvalidInput on an unknown scope, an empty name, or too many tokens.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise InvalidInput(f"Unknown scope {unknown[0]}.", field="scopes", remedy=f"Choose from {', '.join(SCOPES)}.")
    if not name.strip():
        raise InvalidInput("A token needs a name.", field="name")
    if actor.user_id is None or actor.organisation_id is None:
        raise NotFound()
    plain = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(id=actor.organisation_id)
        live = ApiToken.objects.filter(organisation_id=actor.organisation_id, revoked_at=None).count()
        if live >= MAX_TOKENS_PER_ORGANISATION:
            raise InvalidInput("Too many tokens.", field="name", remedy="Revoke one you no longer use.")
        token = ApiToken.objects.create(
            user_id=actor.user_id, organisation_id=actor.organisation_id, name=name.strip(), scopes=sorted(scopes),
            digest=token_digest(plain), hint=plain[:10] + "…", created_at=now,
        )  # fmt: skip
    return token, plain


def revoke_token(*, actor: Actor, token_id: UUID, now: datetime) -> None:
    """Revoke a token of the actor's organisation; revoking twice changes nothing. Raises NotFound."""
    if actor.organisation_id is None:
        raise NotFound("There is no such token.")
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().filter(id=token_id, organisation_id=actor.organisation_id).first()
        if token is None:
            raise NotFound("There is no such token.")
        if token.revoked_at is None:
            token.revoked_at = now
            token.save(update_fields=["revoked_at"])


def _require_manager(actor: Actor) -> UUID:
    """The organisation the actor may run: for owners and managers in a browser session."""
    if actor.organisation_id is None:
        raise NotFound()
    if actor.role not in (Role.OWNER, Role.MANAGER) or actor.scopes is not None:
        raise NotAllowed("Only an owner or a manager may do this.")
    return actor.organisation_id


def update_organisation(*, actor: Actor, name: str, country: str, now: datetime) -> None:
    """Rename or move the actor's organisation; its currency stays. Locks it. Raises NotFound, NotAllowed."""
    organisation_id = _require_manager(actor)
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update().get(id=organisation_id)
        organisation.name, organisation.country = name.strip(), country
        organisation.save(update_fields=["name", "country"])
        record(
            actor=actor, action="organisation.updated", subject_type="organisation", subject_id=organisation_id,
            now=now, country=country,
        )  # fmt: skip


def add_member(*, actor: Actor, email: str, role: Role, now: datetime) -> Membership:
    """Give a registered person a role in the actor's organisation. Locks the organisation.

    Only owners make owners. Raises InvalidInput (unknown, operator or already there), NotFound, NotAllowed.
    """
    organisation_id = _require_manager(actor)
    if role is Role.OWNER and actor.role is not Role.OWNER:
        raise NotAllowed("Only an owner may make an owner.")
    with transaction.atomic():
        Organisation.objects.select_for_update().get(id=organisation_id)
        user = User.objects.filter(email=email.strip().lower(), is_active=True, is_staff=False).first()
        if user is None:
            raise InvalidInput(
                "Nobody has joined with that e-mail.", field="email", remedy="Ask them to sign up first."
            )
        if Membership.objects.filter(user_id=user.id, organisation_id=organisation_id).exists():
            raise InvalidInput("They already belong to this organisation.", field="email")
        membership = Membership.objects.create(
            user_id=user.id, organisation_id=organisation_id, role=role, created_at=now
        )
        record(
            actor=actor, action="member.added", subject_type="organisation", subject_id=organisation_id, now=now,
            user_id=str(user.id), role=role.value,
        )  # fmt: skip
    return membership


def remove_member(*, actor: Actor, membership_id: UUID, now: datetime) -> None:
    """Take a person's role away and revoke the API tokens they made. Locks the organisation.

    The last owner stays; only owners remove owners. Raises InvalidInput, NotFound, NotAllowed.
    """
    organisation_id = _require_manager(actor)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(id=organisation_id)
        membership = Membership.objects.filter(id=membership_id, organisation_id=organisation_id).first()
        if membership is None:
            raise NotFound("There is no such member.")
        if membership.role == Role.OWNER:
            if actor.role is not Role.OWNER:
                raise NotAllowed("Only an owner may remove an owner.")
            if Membership.objects.filter(organisation_id=organisation_id, role=Role.OWNER).count() == 1:
                raise InvalidInput(
                    "An organisation keeps at least one owner.", remedy="Make somebody else owner first."
                )
        tokens = ApiToken.objects.filter(
            user_id=membership.user_id, organisation_id=organisation_id, revoked_at__isnull=True
        )
        tokens.update(revoked_at=now)
        record(
            actor=actor, action="member.removed", subject_type="organisation", subject_id=organisation_id, now=now,
            user_id=str(membership.user_id),
        )  # fmt: skip
        membership.delete()
