"""Numbers of manifests, and what can be wrong. Pure."""

from __future__ import annotations

from uuid import UUID

from core.errors import DomainError, NotFound
from core.ids import short_code

PREFIX = "MF"
MAX_PARCELS = 500


class ManifestNotFound(NotFound):
    """There is no such manifest, or it is not this seller's."""

    message = "There is no such manifest."


class NothingToManifest(DomainError):
    """No parcel of this carrier is ready that is not on a manifest already."""

    code = "nothing_to_manifest"
    message = "No parcel of this carrier is ready for a manifest."
    remedy = "Print labels first; a parcel is on one manifest only."


def manifest_number(manifest_id: UUID) -> str:
    """What is printed and scanned: MF and ten letters and digits, without blanks or dashes."""
    return short_code(manifest_id, prefix=PREFIX, length=10).replace("-", "")


def number_scanned(text: str) -> str:
    """The number in what a scanner read or a person typed, scanner marks and blanks apart."""
    return "".join(letter for letter in text.upper().removeprefix("]C0") if letter.isalnum())[:20]
