"""Who acts: a person for an organisation, the operator, a carrier, a payment provider or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    ANONYMOUS = "ANONYMOUS"
    MEMBER = "MEMBER"
    OPERATOR = "OPERATOR"
    SYSTEM = "SYSTEM"
    CARRIER = "CARRIER"
    PROVIDER = "PROVIDER"


class Role(StrEnum):
    """What a member may do for the organisation; each includes the ones below it."""

    OWNER = "OWNER"
    MANAGER = "MANAGER"
    STAFF = "STAFF"


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting party of a service call. `organisation_id` is the organisation a member acts for."""

    kind: ActorKind
    user_id: UUID | None = None
    organisation_id: UUID | None = None
    role: Role | None = None
    label: str = ""
    scopes: frozenset[str] | None = None
    """Scopes of the API token in use; None means a browser session, which has them all."""

    @classmethod
    def system(cls, label: str) -> Actor:
        return cls(kind=ActorKind.SYSTEM, label=label)

    @classmethod
    def carrier(cls, code: str) -> Actor:
        return cls(kind=ActorKind.CARRIER, label=code)

    @classmethod
    def provider(cls, code: str) -> Actor:
        return cls(kind=ActorKind.PROVIDER, label=code)

    @classmethod
    def anonymous(cls) -> Actor:
        return cls(kind=ActorKind.ANONYMOUS)

    @property
    def is_operator(self) -> bool:
        return self.kind is ActorKind.OPERATOR

    @property
    def is_system(self) -> bool:
        return self.kind is ActorKind.SYSTEM

    @property
    def is_authenticated(self) -> bool:
        return self.user_id is not None

    @property
    def reference(self) -> str:
        """One string for audit rows and events: kind and the most specific identity."""
        identity = str(self.user_id) if self.user_id else self.label
        return f"{self.kind.value}:{identity}" if identity else self.kind.value

    def acts_for(self, organisation_id: UUID) -> bool:
        """True for members of that organisation; operators and the system act for the platform, not for others."""
        return self.organisation_id is not None and self.organisation_id == organisation_id
