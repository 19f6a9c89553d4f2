"""What payments asks of others: config/wiring.py plugs the answers in. Others import it from payments.contracts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.money import Money

__all__ = ["EvidenceParcel", "EvidenceSource", "OrderEvidence", "Party", "PartyDirectory"]


@dataclass(frozen=True, slots=True)
class Party:
    """Who stands on an invoice. `tax_number`: VAT number, with its country's letters."""

    party_id: UUID
    name: str
    street: str
    postcode: str
    town: str
    country: str
    tax_number: str = ""
    registration_number: str = ""


class PartyDirectory(Protocol):
    """Port: what other modules know about organisations. Plugged in config/wiring.py."""

    def find_party(self, organisation_id: UUID) -> Party | None:
        """Name and address for documents; None when nothing is known."""
        ...

    def payout_objection(self, organisation_id: UUID) -> str | None:
        """Why a seller must not be paid yet (verification), in words; None when nothing speaks against it."""
        ...


@dataclass(frozen=True, slots=True)
class EvidenceParcel:
    carrier: str
    tracking_number: str
    delivered_at: datetime | None
    events: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class OrderEvidence:
    """What the house knows about an order, for a bank that has to decide about it."""

    order_id: UUID
    number: str
    seller_name: str
    buyer_name: str
    placed_at: datetime
    paid_at: datetime | None
    total: Money
    lines: tuple[tuple[str, int, Money], ...]
    delivery_address: str
    parcels: tuple[EvidenceParcel, ...]
    messages: tuple[tuple[datetime, str, str], ...]


class EvidenceSource(Protocol):
    """Owned by payments, plugged in by config.wiring: the modules above know orders, parcels and messages."""

    def collect(self, order_id: UUID) -> OrderEvidence | None:
        """None when the order is not known."""
        ...
