"""Pure rules of purchases and orders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from core.errors import DomainError, NotFound
from core.money import Money
from logistics.contracts import DeliveryKind, QuotedLeg, ServiceQuote
from marketplace.contracts import OrderState, Place

PAYMENT_WINDOW: Final = timedelta(minutes=30)
"""How long stock is reserved for an unpaid purchase."""

WITHDRAWAL_DAYS: Final = 14
"""Directive 2011/83/EU, article 9: a consumer may withdraw within 14 days of delivery without giving a reason."""

SHIP_GRACE: Final = timedelta(days=5)
"""How long after the promised hand-over an unshipped order is cancelled and refunded by itself."""


def delivery_record(quote: ServiceQuote) -> dict[str, Any]:
    """The promise as sold, for the order row: JSON-ready."""
    record = asdict(quote)
    record["price"] = {"minor": quote.price.minor, "currency": quote.price.currency}
    for name in ("earliest", "latest", "ship_by"):
        record[name] = record[name].isoformat()
    record["delivery_kind"] = quote.delivery_kind.value
    return record


def quote_of(record: Mapping[str, Any]) -> ServiceQuote:
    """The promise back from the order row."""
    values = dict(record)
    values["price"] = Money(values["price"]["minor"], values["price"]["currency"])
    values["earliest"] = date.fromisoformat(values["earliest"])
    values["latest"] = date.fromisoformat(values["latest"])
    values["ship_by"] = datetime.fromisoformat(values["ship_by"])
    values["delivery_kind"] = DeliveryKind(values["delivery_kind"])
    values["legs"] = tuple(QuotedLeg(**{**leg, "price": Money(**leg["price"])}) for leg in values.get("legs", ()))
    return ServiceQuote(**values)


def purchase_fingerprint(*, address: Place, delivery: Mapping[UUID, str], quantities: Mapping[UUID, int]) -> str:
    """What "the same purchase" means for one key: goods, services and address."""
    content = [
        asdict(address), sorted((str(k), v) for k, v in delivery.items()),
        sorted((str(k), v) for k, v in quantities.items()),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def is_shipped_on_time(*, ship_by: datetime, shipped_at: datetime) -> bool:
    return shipped_at <= ship_by


class ParcelNotFound(NotFound):
    message = "There is no such parcel."


class NothingUnsent(DomainError):
    """Everything was sent, or the order is over: nothing can be taken out of it any more."""

    code = "nothing_unsent"
    message = "Nothing of this order is left to be sent."


def may_withdraw(*, state: OrderState, received_at: datetime | None, now: datetime) -> bool:
    """Whether the buyer may still declare the withdrawal: from paying on, until 14 days after the last parcel came."""
    if state in {OrderState.AWAITING_PAYMENT, OrderState.CANCELLED, OrderState.REFUNDED}:
        return False
    return received_at is None or now <= received_at + timedelta(days=WITHDRAWAL_DAYS)


def share_of(amount: int, *, before: int, pieces: int, of: int) -> int:
    """What `pieces` of a line of `of` pieces cost, in minor units, when `before` were paid back already: no cent is lost."""
    return amount * (before + pieces) // of - amount * before // of


def shifted_promise(
    *, delivery: Mapping[str, Any], ship_by: datetime, promised_latest: date, days: int
) -> dict[str, Any]:
    """The columns of an order whose promise moves by whole days; empty when it stays."""
    if days <= 0:
        return {}
    later = timedelta(days=days)
    moved = dict(delivery)
    for name in ("earliest", "latest"):
        moved[name] = (date.fromisoformat(moved[name]) + later).isoformat()
    moved["ship_by"] = (datetime.fromisoformat(moved["ship_by"]) + later).isoformat()
    return {"delivery": moved, "ship_by": ship_by + later, "promised_latest": promised_latest + later}
