"""Writes of identity: organisations, memberships, tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor, Role
from core.errors import InvalidInput, NotFound
from core.identity.models import ApiToken, Membership, Organisation, User

TOKEN_PREFIX = "lonja_"  # noqa: S105
MAX_TOKENS_PER_ORGANISATION = 50

#: What a token may be allowed to do; the API checks them per endpoint.
SCOPES = ("catalog:read", "catalog:write", "orders:read", "orders:write", "payments:read", "payments:write",
          "shipping:read", "shipping:write", "trust:read", "trust:write", "analytics:read")  # fmt: skip


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
    with transaction.atomic():
        token = ApiToken.objects.select_for_update().filter(id=token_id, organisation_id=actor.organisation_id).first()
        if token is None:
            raise NotFound("There is no such token.")
        if token.revoked_at is None:
            token.revoked_at = now
            token.save(update_fields=["revoked_at"])
