"""Shipments for tests, made by the real services."""

from __future__ import annotations

from core.actor import Actor, ActorKind
from core.ids import new_id
from logistics import facade
from logistics.contracts import Address, ParcelSpec, Place

SENDER = Address("Taller Luna", "Calle Mayor 1", "Zaragoza", "50001", "ES", phone="+34 600 111 222")
RECIPIENT = Address("Ana Prueba", "Rua Augusta 10", "Lisboa", "1100-053", "PT", phone="+351 911 222 333")
PARCEL = ParcelSpec(1_200, 300, 200, 100)


def member(organisation_id, *, user_id=None) -> Actor:
    return Actor(kind=ActorKind.MEMBER, user_id=user_id or new_id(), organisation_id=organisation_id)


def quote_for(service_code="ruta-24", *, now, sender=SENDER, recipient=RECIPIENT, currency="EUR"):
    found = facade.quote(
        origin=sender, destination=Place(recipient.country, recipient.postcode), parcel=PARCEL, handling_days=1,
        now=now, currency=currency,
    )  # fmt: skip
    return next(quote for quote in found.quotes if quote.service_code == service_code)


def wanted_shipment(*, now, service_code="ruta-24", order_id=None, seller_id=None, buyer_id=None, **extra):
    """A shipment that the carrier has not confirmed."""
    sender, recipient = extra.pop("sender", SENDER), extra.pop("recipient", RECIPIENT)
    seller_id = seller_id or new_id()
    return facade.book_shipment(
        order_id=order_id or new_id(), seller_id=seller_id, buyer_id=buyer_id or new_id(), service_code=service_code,
        sender=sender, recipient=recipient, parcel=PARCEL,
        quote=quote_for(service_code, now=now, sender=sender, recipient=recipient), reference="LJ-0001",
        contents="Ceramic bowl", actor=member(seller_id), now=now, **extra,
    )  # fmt: skip


def booked_shipment(*, now, **extra):
    return facade.confirm_booking(shipment_id=wanted_shipment(now=now, **extra).shipment_id, now=now)


def handed_over_shipment(*, now, **extra):
    shipment = booked_shipment(now=now, **extra)
    return facade.hand_over(shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), now=now)
