"""Which gateway speaks for a carrier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.conf import settings

from core.database import in_transaction
from logistics.carriers.karrio.proxy import KarrioGateway
from logistics.carriers.models import Carrier
from logistics.carriers.ports import BookingOrder, CarrierGateway, CarrierScan, CarrierTransport, PickupOrder
from logistics.carriers.proxy import ContractGateway, HttpTransport, InProcessTransport, SandboxGateway
from logistics.carriers.services import guarded
from logistics.contracts import CarrierUnavailable

_FACTORIES: dict[str, Callable[[Carrier], CarrierGateway]] = {}
_transport: ContextVar[CarrierTransport | None] = ContextVar("carrier_transport", default=None)
_later: ContextVar[bool] = ContextVar("carriers_told_later", default=False)


def register_gateway(name: str, factory: Callable[[Carrier], CarrierGateway]) -> None:
    """Have carriers whose `gateway` is `name` served by `factory`."""
    _FACTORIES[name] = factory


def gateway_for(carrier: Carrier) -> CarrierGateway:
    """The gateway of `carrier`. Raises CarrierUnavailable when none is registered here."""
    try:
        factory = _FACTORIES[carrier.gateway]
    except KeyError:
        raise CarrierUnavailable(f"No gateway for {carrier.name}.") from None
    return factory(carrier)


@contextmanager
def using_transport(transport: CarrierTransport) -> Iterator[None]:
    """Within the block the sandbox carriers are reached through `transport`."""
    token = _transport.set(transport)
    try:
        yield
    finally:
        _transport.reset(token)


@contextmanager
def telling_later() -> Iterator[None]:
    """Within the block hand-overs are only declared; the next round of calls tells the carriers, many at a time."""
    token = _later.set(True)
    try:
        yield
    finally:
        _later.reset(token)


def is_told_later() -> bool:
    """True when a hand-over is to wait for the next round of calls."""
    return _later.get() or must_wait_for_commit()


def must_wait_for_commit() -> bool:
    """True inside a transaction when carriers are reached over the network: the call is left to the task."""
    return in_transaction() and not isinstance(_current_transport(), InProcessTransport)


class GuardedGateway:
    """A gateway whose calls respect the carrier's budget and rest when it fails."""

    def __init__(self, carrier: Carrier, inner: CarrierGateway) -> None:
        self.carrier = carrier
        self.inner = inner

    def book(self, order: BookingOrder, *, now: datetime) -> str:
        return guarded(carrier=self.carrier, call=lambda: self.inner.book(order, now=now), now=now)

    def cancel(self, reference: str, *, now: datetime) -> None:
        return guarded(carrier=self.carrier, call=lambda: self.inner.cancel(reference, now=now), now=now)

    def announce_hand_over(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        return guarded(
            carrier=self.carrier, call=lambda: self.inner.announce_hand_over(carrier_numbers, now=now), now=now
        )

    def book_pickup(self, order: PickupOrder, *, now: datetime) -> str:
        return guarded(carrier=self.carrier, call=lambda: self.inner.book_pickup(order, now=now), now=now)

    def cancel_pickup(self, reference: str, *, now: datetime) -> None:
        return guarded(carrier=self.carrier, call=lambda: self.inner.cancel_pickup(reference, now=now), now=now)

    def track(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        return guarded(carrier=self.carrier, call=lambda: self.inner.track(carrier_numbers, now=now), now=now)


def _sandbox_gateway(carrier: Carrier) -> CarrierGateway:
    """Within the process nothing can fail, so nothing is counted: simulated worlds stay quick."""
    transport = _current_transport()
    inner = SandboxGateway(carrier.code, transport)
    return inner if isinstance(transport, InProcessTransport) else GuardedGateway(carrier, inner)


def _current_transport() -> CarrierTransport:
    chosen = _transport.get()
    if chosen is not None:
        return chosen
    default = "in-process" if settings.IS_TEST else "http"
    return InProcessTransport() if settings.LONJA.get("CARRIER_TRANSPORT", default) == "in-process" else HttpTransport()


register_gateway("sandbox", _sandbox_gateway)
register_gateway("karrio", lambda carrier: GuardedGateway(carrier, KarrioGateway(carrier)))
register_gateway("contract", lambda carrier: ContractGateway(carrier.code))
