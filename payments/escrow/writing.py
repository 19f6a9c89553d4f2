"""Writing steps: the posting, the events, what else they say about lines, row and clocks, and the outbox, in one call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from core.actor import Actor
from core.events import Event
from core.outbox.services import envelopes
from payments.contracts import StaleEscrow
from payments.escrow.models import Escrow
from payments.escrow.states import EscrowAction, Party
from payments.ledger import services as ledger

STALE = "40001"
_STEP = (
    "SELECT txn_id, replayed FROM payments_escrow_step("
    "%s, %s, %s, %s, %s, %s, %s, %s::text[], %s::text[], %s::text[], %s::bigint[], %s, %s::jsonb)"
)


@dataclass(frozen=True, slots=True)
class Change:
    """What an event adds to the sums of its escrow, in minor units. The last two may be negative."""

    released: int = 0
    refunded: int = 0
    fee: int = 0
    fee_vat: int = 0
    disputed: int = 0
    charged_back: int = 0


@dataclass(slots=True)
class Writing:
    """Steps of one or several locked escrows, collected and written together."""

    events: list[dict[str, Any]] = field(default_factory=list)
    moves: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    publish: list[Event] = field(default_factory=list)

    def step(
        self, escrow: Escrow, action: EscrowAction, *, party: Party, target: str, actor: Actor, reason: str = "",
        change: Change | None = None, txn_id: int | None = None,
    ) -> None:  # fmt: skip
        """The event that moves the escrow, in the database and here."""
        done = change or Change()
        amounts = {name: amount for name in Change.__slots__ if (amount := getattr(done, name))}
        self.events.append(
            {
                "escrow_id": str(escrow.id), "seq": escrow.seq + 1, "from_state": escrow.state, "event": action.value,
                "actor": party.value, "to_state": target, "actor_ref": actor.reference[:120], "reason": reason[:500],
                "txn": txn_id, **amounts,
            }
        )  # fmt: skip
        escrow.state, escrow.seq = target, escrow.seq + 1
        escrow.released_minor += done.released
        escrow.refunded_minor += done.refunded
        escrow.fee_minor += done.fee
        escrow.fee_vat_minor += done.fee_vat
        escrow.disputed_minor += done.disputed
        escrow.charged_back_minor += done.charged_back

    def note(self, escrow: Escrow, **facts: datetime | UUID | str) -> None:
        """Columns that the application may write: charge_id, delivered_at, delivery_kind."""
        for name, value in facts.items():
            setattr(escrow, name, value)
        self.facts.append({"escrow_id": str(escrow.id), **{name: _plain(value) for name, value in facts.items()}})

    def arm(self, escrow: Escrow, clocks: Mapping[str, datetime]) -> None:
        """Clocks that count while the escrow stands as it does now."""
        key = {"escrow_id": str(escrow.id), "seq": escrow.seq}
        self.clocks += [{**key, "event": event, "due_at": due.isoformat()} for event, due in clocks.items()]

    def tell_line(self, escrow: Escrow, line: str, **amounts: int) -> None:
        """What the last step did to one line."""
        self.moves.append({"escrow_id": str(escrow.id), "seq": escrow.seq, "line": line, **amounts})

    def write(self, *, actor: Actor, now: datetime, posting: ledger.Posting | None = None) -> int | None:
        """One call; returns the ledger transaction of `posting`. Raises StaleEscrow and what posting raises."""
        told: dict[str, Any] = {"events": self.events}
        told |= {name: rows for name in ("moves", "facts", "clocks") if (rows := getattr(self, name))}
        if self.publish:
            told["publish"] = envelopes(self.publish)
        money = ledger.arguments_of(posting=posting, now=now) if posting else [*(None,) * 5, now, None, *([],) * 4]
        try:
            rows = ledger.call_database(_STEP, [*money, actor.reference, json.dumps(told)])
        except DatabaseError as error:
            if ledger.sqlstate_of(error) == STALE:
                raise StaleEscrow() from error
            raise
        txn_id: int | None = rows[0][0]
        return txn_id


def _plain(value: datetime | UUID | str) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
