"""The port to what other modules know about organisations (config/wiring.py plugs it in)."""

from __future__ import annotations

from uuid import UUID

from payments.contracts import Party, PartyDirectory


class NobodyKnown:
    """Until something is plugged in: no names, no objections."""

    def find_party(self, organisation_id: UUID) -> Party | None:
        return None

    def payout_objection(self, organisation_id: UUID) -> str | None:
        return None


_plugged: PartyDirectory = NobodyKnown()


def plug_party_directory(directory: PartyDirectory) -> None:
    global _plugged
    _plugged = directory


def party_directory() -> PartyDirectory:
    return _plugged
