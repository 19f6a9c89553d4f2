"""Reads of identity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.actor import Actor, ActorKind, Role
from core.errors import NotFound
from core.identity.models import ApiToken, Membership, Organisation, User
from core.statements import Prepared

_memberships = Prepared(
    lambda user_id: (
        Membership.objects.filter(user_id=user_id).select_related("organisation").order_by("created_at", "id")[:200]
    ),
    user_id=UUID,
)


def memberships_of(user_id: UUID) -> list[Membership]:
    """A person's memberships with their organisations, oldest first."""
    return _memberships.all(user_id=user_id)


def actor_for_user(user: User, organisation_id: UUID | None = None) -> Actor:
    """The actor a signed-in person is: for the chosen organisation if they belong to it, else for their first one.

    Operators (is_staff) act for the platform and for no organisation.
    """
    if user.is_staff:
        return Actor(kind=ActorKind.OPERATOR, user_id=user.id, label=user.get_short_name())
    memberships = memberships_of(user.id)
    chosen = next((one for one in memberships if one.organisation_id == organisation_id), None)
    membership = chosen or next(iter(memberships), None)
    if membership is None:
        return Actor(kind=ActorKind.MEMBER, user_id=user.id, label=user.get_short_name())
    return Actor(
        kind=ActorKind.MEMBER, user_id=user.id, organisation_id=membership.organisation_id,
        role=Role(membership.role), label=user.get_short_name(),
    )  # fmt: skip


def actor_for_token(token: ApiToken) -> Actor:
    """The actor behind an API token, bounded by its scopes."""
    return Actor(
        kind=ActorKind.MEMBER, user_id=token.user_id, organisation_id=token.organisation_id, role=Role.STAFF,
        label=token.name, scopes=frozenset(token.scopes),
    )  # fmt: skip


def organisation_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of organisations in one query."""
    return dict(Organisation.objects.filter(id__in=set(ids)).values_list("id", "name"))


def list_tokens(organisation_id: UUID) -> list[ApiToken]:
    return list(ApiToken.objects.filter(organisation_id=organisation_id)[:100])


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person letters to an organisation go to."""

    email: str
    name: str
    language: str
    user_id: UUID


def list_recipients(organisation_id: UUID) -> list[Recipient]:
    """Owners and managers of an organisation with the language they read (at most ten)."""
    people = User.objects.filter(
        memberships__organisation_id=organisation_id, memberships__role__in=[Role.OWNER, Role.MANAGER], is_active=True
    )
    return [
        Recipient(person.email, person.name, person.language, person.id) for person in people.order_by("email")[:10]
    ]


def list_memberships(organisation_id: UUID) -> list[Membership]:
    """Who acts for an organisation, with their names, oldest first (at most 200)."""
    found = Membership.objects.filter(organisation_id=organisation_id).select_related("user")
    return list(found.order_by("created_at", "id")[:200])


def get_organisation(organisation_id: UUID) -> Organisation:
    """Raises NotFound."""
    found = Organisation.objects.filter(id=organisation_id).first()
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


def is_member(user_id: UUID, organisation_id: UUID) -> bool:
    return Membership.objects.filter(user_id=user_id, organisation_id=organisation_id).exists()
